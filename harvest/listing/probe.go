package listing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/sheaf-gateway/sheaf/harvest"
	"golang.org/x/net/html"
)

// A Look is what a page seems to be. It is meant for a person who wants to harvest the page.
type Look struct {
	HTML bool
	// Count is the page's own count; nil if it states none, or more than one.
	Count *Count
	// Select has selectors that read the page. It is empty for a text page, and for an HTML page whose rows can't be
	// made out, which is read as the text that it shows.
	Select Select
	// Rows is how many rows are read with Select, and Titles has up to three of their titles.
	Rows   int
	Titles []string
	// Link is the first row's, as it is on the page or whole; empty if rows have none.
	Link string
	// Agrees says that there are as many rows as the count says.
	Agrees bool
	// Problem says in a sentence why the page is not a listing; empty if it may be one.
	Problem string
}

// maxGuesses bounds the kinds of repeated elements that Probe tries.
const maxGuesses = 40

// Probe looks at a page of up to 16 MiB and proposes selectors for it. It proposes only selectors that it has tried, and
// that find a title in every row.
func Probe(body []byte, contentType, address string) (*Look, error) {
	if len(body) > defaultMaxBytes {
		return nil, fmt.Errorf("probing a page: it has more than %d bytes", defaultMaxBytes)
	}
	text := decode(body, contentType)
	headings := set(defaultHeadings)
	look := &Look{HTML: isHTML(text, contentType)}
	if !look.HTML {
		found := readText(text, headings, defaultMaxRows)
		look.take(Select{}, &found)
		return look, nil
	}
	h := htmlReader{headings: headings, limit: defaultMaxRows, base: parseURL(address)}
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("probing a page: reading its HTML: %w", err)
	}
	doc := goquery.NewDocumentFromNode(root)
	best, found := Select{}, h.tree(doc)
	score := found.score()
	for _, guess := range guesses(root) {
		if h.sel, err = guess.compile(); err != nil {
			continue
		}
		tried := h.tree(doc)
		// If selectors fit as well as the text that the page shows, selectors are better.
		if s := tried.score(); s > score || s == score && best.Row == "" && s > 0 {
			best, score, found = guess, s, tried
		}
	}
	look.take(best, &found)
	return look, nil
}

// take notes what was found on a page.
func (l *Look) take(sel Select, found *content) {
	l.Select, l.Rows = sel, len(found.rows)
	if len(found.counts) == 1 {
		l.Count = &found.counts[0]
		l.Agrees = found.counts[0].rows() == l.Rows
	}
	for _, r := range found.rows[:min(3, l.Rows)] {
		l.Titles = append(l.Titles, r.title)
		l.Link = cmp.Or(l.Link, r.link)
	}
	if l.Rows == 0 {
		l.Problem = "No rows were found on the page."
		// A page that says nothing of rows has promised none.
		if e := found.noRows(false); e != nil && (e.Kind != harvest.EmptyPage || len(found.counts) > 0) {
			l.Problem = e.Sentence()
		}
	}
}

// score says how well selectors fit. It counts most that there are as many rows as the page says, and then that rows
// have a date. Each row must have a title.
func (c *content) score() int {
	score := len(c.rows)
	dated := 0
	for _, r := range c.rows {
		if r.title == "" {
			return 0
		}
		if r.date != "" {
			dated++
		}
	}
	score += 4 * dated
	if len(c.counts) == 1 && c.counts[0].rows() == len(c.rows) {
		score += 1_000_000
	}
	return score
}

// guesses returns selectors for the elements that are repeated side by side, the most frequent first.
func guesses(root *html.Node) []Select {
	first, times := map[string]*html.Node{}, map[string]int{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Parent == nil {
			continue
		}
		css := cssOf(n)
		if css == "" {
			continue
		}
		if first[css] == nil {
			first[css] = n
		}
		times[css]++
	}
	var names []string
	for css, n := range times {
		if n > 1 || strings.Contains(css, ".") {
			names = append(names, css)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if times[a] != times[b] {
			return times[b] - times[a]
		}
		return strings.Compare(a, b)
	})
	var out []Select
	for _, css := range names {
		if s, ok := guess(css, first[css]); ok && len(out) < maxGuesses {
			out = append(out, s)
		}
	}
	return out
}

// guess finds selectors for the parts of a row in its first example.
func guess(css string, n *html.Node) (Select, bool) {
	in := goquery.NewDocumentFromNode(n).Selection
	sel := Select{Row: css}
	if title := in.Find("h1, h2, h3, h4, h5, h6").First(); title.Length() > 0 {
		sel.Title = title.Nodes[0].Data
	} else if in.Find("a[href]").Length() > 0 {
		sel.Title = "a"
	} else {
		return sel, false
	}
	if href := in.Find("a[href]").First().AttrOr("href", "#"); !strings.HasPrefix(href, "#") {
		sel.Link = "a"
	}
	longest := 0
	for d := range n.Descendants() {
		if d.Type != html.ElementNode || d.Data == sel.Title {
			continue
		}
		text := blockText(d, nil)
		if name := cssOf(d); name == "" || strings.Contains(text, "\n") {
			continue
		} else if sel.Date == "" && IsDateLine(text) {
			sel.Date = name
		} else if isParagraph[d.Data] && len(text) > longest && name != sel.Date {
			longest, sel.Summary = len(text), name
		}
	}
	return sel, true
}

var isParagraph = map[string]bool{"p": true, "div": true, "dd": true, "td": true, "blockquote": true, "section": true}

// cssOf names an element by its tag and its first plain class; empty if that says nothing.
func cssOf(n *html.Node) string {
	for _, a := range n.Attr {
		if a.Key != "class" {
			continue
		}
		for class := range strings.FieldsSeq(a.Val) {
			if strings.IndexFunc(class, func(r rune) bool {
				return r >= 0x80 || !isASCIILetter(byte(r)) && !isDigit(byte(r)) && r != '-' && r != '_'
			}) < 0 &&
				isASCIILetter(class[0]) {
				return n.Data + "." + class
			}
		}
	}
	switch n.Data {
	case "li", "article", "tr", "dd", "dt", "time", "p", "td", "section":
		return n.Data
	}
	return ""
}
