package listing

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// Detail says what the page that a row links to adds to the record. The page is followed if Select has a field.
type Detail struct {
	// Select has fields and where they stand on the page: CSS selectors as those of [Select]. All matches count, each as a
	// value of the field.
	Select map[string]string
	// Within is the part of the page that the fields are looked for in, and that is kept; default: all of it.
	Within string
	// Hosts are other hosts than that of the listing whose pages are asked for.
	Hosts []string
	// Optional says that rows whose saved page is not there are taken as they are, to look at a listing without its pages.
	Optional bool
}

// Limits of the page of a record.
const (
	maxDetail  = 4 << 20 // its bytes
	maxFields  = 64
	maxValues  = 1 << 20 // bytes of all values of a page
	fieldAlpha = "abcdefghijklmnopqrstuvwxyz0123456789_-"
)

// A detailReader takes the page of a record apart.
type detailReader struct {
	within *selector
	names  []string
	fields []*selector
	digest string // of the selectors: other ones read the same page otherwise
}

// compile reads the selectors; the reader is nil if no field is named. The error has all that is wrong with them.
func (d Detail) compile() (*detailReader, error) {
	if len(d.Select) == 0 {
		return nil, nil
	}
	if len(d.Select) > maxFields {
		return nil, fmt.Errorf("detail.select: has %d fields, more than %d", len(d.Select), maxFields)
	}
	r := &detailReader{names: slices.Sorted(maps.Keys(d.Select))}
	within, wrong := compile("detail.within", d.Within)
	if r.within = within; within != nil && (within.css == nil || within.attr != "") {
		wrong = fmt.Errorf("detail.within: %q must be an element of the page, such as main", d.Within)
	}
	said := []string{d.Within}
	for _, name := range r.names {
		if name == "" || strings.Trim(name, fieldAlpha) != "" {
			wrong = errors.Join(wrong, fmt.Errorf("detail.select: %q is not the name of a field; it has the letters a to z, digits, _ and -", name))
			continue
		}
		field, err := compile("detail.select."+name, d.Select[name])
		if err == nil && (field == nil || field.css == nil) {
			err = fmt.Errorf("detail.select.%s: say where on the page the field is", name)
		}
		if err != nil {
			wrong = errors.Join(wrong, err)
			continue
		}
		r.fields = append(r.fields, field)
		said = append(said, name, field.text)
	}
	if wrong != nil {
		return nil, wrong
	}
	r.digest = digest(said...)
	return r, nil
}

// A detail is what the page of a record has.
type detail struct {
	names  []string
	values [][]string // of the names
	page   string     // the part of the page that is kept
}

// read takes a parsed page apart.
func (r *detailReader) read(doc *goquery.Document) *detail {
	in := doc.Selection
	if r.within != nil {
		in = r.within.find(doc.Selection)
	}
	d := &detail{}
	for i, field := range r.fields {
		if values := field.all(in); len(values) > 0 {
			d.names, d.values = append(d.names, r.names[i]), append(d.values, values)
		}
	}
	in.Find("script, style, noscript, template, iframe, svg").Remove() // the most of many pages, and no metadata
	var page strings.Builder
	for _, n := range in.Nodes {
		page.WriteString(outerHTML(n))
	}
	d.page = page.String()
	return d
}

// all returns the values of all matches, each once.
func (s *selector) all(in *goquery.Selection) []string {
	var values []string
	nodes := s.find(in).Nodes
	matched := map[*html.Node]bool{}
	for _, n := range nodes {
		matched[n] = true
	}
	seen := map[string]bool{}
	for _, n := range nodes {
		if s.attr == "" && hasAncestor(n, matched) {
			continue // its text is part of another match's
		}
		if v := s.value(n); v != "" && !seen[v] {
			seen[v] = true
			values = append(values, v)
		}
	}
	return values
}

// size is how many bytes the values have.
func (d *detail) size() (n int) {
	for _, values := range d.values {
		for _, v := range values {
			n += len(v)
		}
	}
	return n
}

// join adds the page to the item of its row: the fields before what is compared ends, the page itself behind it.
func (d *detail) join(item *harvest.Item) {
	compared := Canonical(item.Original)
	out := slices.Concat(compared[:len(compared)-1], []byte(`,"detail":{`))
	for i, name := range d.names {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, '"')
		out = append(append(out, name...), `":[`...)
		for j, v := range d.values[i] {
			if j > 0 {
				out = append(out, ',')
			}
			out = wording.AppendJSON(out, v)
		}
		out = append(out, ']')
	}
	out = append(out, '}')
	row := item.Original[len(compared)-1 : len(item.Original)-1]
	if len(row) == 0 {
		row = []byte(`,"row":""`) // what is compared ends before it
	}
	out = append(out, row...)
	out = append(out, `,"page":`...)
	item.Original = append(wording.AppendJSON(out, d.page), '}')
	item.Canonical = Canonical(item.Original)
}

// mayAsk reports whether the page of a record may be asked for at a host, when its listing is at another or the same.
func (s *Source) mayAsk(u *url.URL, own string) bool {
	return strings.EqualFold(u.Host, own) || slices.ContainsFunc(s.config.Detail.Hosts, func(h string) bool {
		return strings.EqualFold(h, u.Host) || strings.EqualFold(h, u.Hostname())
	})
}
