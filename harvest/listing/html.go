package listing

import (
	"errors"
	"net/url"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// selectors are those of the configuration, compiled.
type selectors struct {
	row, date, title, summary, link, id, kind, count, end *selector
}

// compile reads the selectors. The error has all that is wrong with them.
func (s Select) compile() (out selectors, err error) {
	for _, f := range []struct {
		name string
		text string
		to   **selector
	}{
		{"row", s.Row, &out.row}, {"date", s.Date, &out.date}, {"title", s.Title, &out.title},
		{"summary", s.Summary, &out.summary}, {"link", s.Link, &out.link}, {"id", s.ID, &out.id},
		{"kind", s.Kind, &out.kind}, {"count", s.Count, &out.count}, {"end", s.End, &out.end},
	} {
		var wrong error
		if *f.to, wrong = compile("select."+f.name, f.text); wrong != nil {
			err = errors.Join(err, wrong)
		}
	}
	if err != nil {
		return selectors{}, err
	}
	// A link is an address: the href unless something else is asked for.
	if out.link != nil && out.link.attr == "" {
		out.link.attr = "href"
	}
	return out, nil
}

// An htmlReader takes an HTML page apart.
type htmlReader struct {
	sel      selectors
	headings map[string]bool
	limit    int
	base     *url.URL // where the page came from; nil for a saved page
	saved    *url.URL // where a saved page came from, as the configuration says; nil if it does not
}

// read parses a page. An error means that it can't be parsed at all.
func (h htmlReader) read(page string) (content, error) {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return content{}, err
	}
	return h.tree(goquery.NewDocumentFromNode(root)), nil
}

// tree takes a parsed page apart, and leaves it as it was.
func (h htmlReader) tree(doc *goquery.Document) content {
	var out content
	if h.sel.row == nil {
		out = h.shown(doc)
	} else {
		out.selector = h.sel.row.text
		out.rows, out.from = h.rows(doc)
	}
	if h.sel.row != nil || h.sel.count != nil {
		out.counts = h.counts(doc)
	}
	out.end = len(h.sel.end.find(doc.Selection).Nodes) > 0
	if len(out.rows) == 0 {
		out.wall = wallOf(doc)
	}
	return out
}

// furniture matches the parts of a page that never belong to a record. In a summary they would be noise.
var furniture = cascadia.MustCompile(`nav, footer:not(article footer):not(li footer), [role="navigation"], [role="contentinfo"]`)

// shown reads a page as the text that it shows. The count may stand in the furniture.
func (h htmlReader) shown(doc *goquery.Document) content {
	skip := map[*html.Node]bool{}
	parts := doc.FindMatcher(furniture).Nodes
	for _, n := range parts {
		skip[n] = true
	}
	out := readText(blockText(doc.Nodes[0], skip), h.headings, h.limit)
	for _, n := range parts {
		if hasAncestor(n, skip) {
			continue
		}
		for _, c := range countsIn(strings.ReplaceAll(blockText(n, nil), "\n\n", " ")) {
			out.counts = addCount(out.counts, c)
		}
	}
	return out
}

// rows returns the rows, and what their links are relative to.
func (h htmlReader) rows(doc *goquery.Document) (rows []row, from *url.URL) {
	base, own := h.baseOf(doc)
	from = h.savedFrom(doc, base)
	kinds := h.kinds(doc)
	for _, n := range h.sel.row.find(doc.Selection).Nodes {
		if len(rows) > h.limit {
			break
		}
		in := doc.FindNodes(n)
		r := row{
			date:    h.sel.date.line(in),
			title:   h.sel.title.line(in),
			summary: h.sel.summary.paragraphs(in),
			id:      h.sel.id.line(in),
			kind:    h.sel.kind.line(in),
		}
		if r.kind == "" {
			r.kind = kinds[n]
		}
		if h.sel.id != nil && h.sel.id.attr == "href" {
			_, r.id = resolve(r.id, base, own)
		}
		r.href = h.sel.link.line(in)
		r.link, r.path = resolve(r.href, base, own)
		if from != base { // the key stays what it was before anybody knew where the page came from
			r.link, _ = resolve(r.href, from, "")
		}
		r.raw = outerHTML(n)
		rows = append(rows, r)
	}
	return rows, from
}

// kinds returns for each row the last heading above it.
func (h htmlReader) kinds(doc *goquery.Document) map[*html.Node]string {
	if h.sel.kind == nil || h.sel.kind.css == nil {
		return nil
	}
	heading := map[*html.Node]bool{}
	for _, n := range h.sel.kind.find(doc.Selection).Nodes {
		heading[n] = true
	}
	isRow := map[*html.Node]bool{}
	for _, n := range h.sel.row.find(doc.Selection).Nodes {
		isRow[n] = true
	}
	kinds, last := map[*html.Node]string{}, ""
	for n := range doc.Nodes[0].Descendants() {
		if heading[n] && !hasAncestor(n, isRow) {
			last = strings.ReplaceAll(h.sel.kind.value(n), "\n\n", " ")
		} else if isRow[n] {
			kinds[n] = last
		}
	}
	return kinds
}

// counts returns the counts that the page states: where the configuration says, or else anywhere outside the rows.
func (h htmlReader) counts(doc *goquery.Document) []Count {
	var counts []Count
	if h.sel.count != nil {
		for _, n := range h.sel.count.find(doc.Selection).Nodes {
			if c, ok := countOfElement(h.sel.count.value(n)); ok {
				counts = addCount(counts, c)
			}
		}
		return counts
	}
	skip := map[*html.Node]bool{}
	for _, n := range h.sel.row.find(doc.Selection).Nodes {
		skip[n] = true
	}
	return countsIn(strings.ReplaceAll(blockText(doc.Nodes[0], skip), "\n\n", " "))
}

// baseOf returns what links are relative to, and the host that is the site's own.
func (h htmlReader) baseOf(doc *goquery.Document) (base *url.URL, own string) {
	base = h.base
	if base != nil {
		own = base.Hostname()
	}
	href, ok := doc.Find("base[href]").First().Attr("href")
	if !ok {
		return base, own
	}
	u, err := url.Parse(strings.TrimSpace(href))
	if err != nil {
		return base, own
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	return u, own
}

func outerHTML(n *html.Node) string {
	var b strings.Builder
	if err := html.Render(&b, n); err != nil {
		return b.String() // what could be written: only a tree that no parser made fails
	}
	return b.String()
}
