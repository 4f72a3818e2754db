// Package webpage finds what a web page says of the thing that it shows: blocks of schema.org in JSON-LD, and meta tags of
// Dublin Core and of Highwire Press (citation_title and others, which search engines for scholars read).
package webpage

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
)

// A Page is what a web page says of itself and of what it shows.
type Page struct {
	// Address is the URL of the page: the one in an excerpt, else the canonical one; empty if the page says neither.
	Address string
	// Canonical is the URL that the page names as its canonical one, as a whole URL if that is possible; else empty.
	Canonical string
	// NoIndex says that the page asks not to be put into indexes.
	NoIndex bool
	// Blocks are the texts of the scripts in JSON-LD.
	Blocks [][]byte
	// Tags are the meta tags that speak of the thing on the page, with their names in lower case.
	Tags []Tag

	lang    string
	self    string
	base    string
	pieces  [][]byte // the elements that an excerpt has, as they stand in the page
	tooMany bool
}

// A Tag is a meta tag.
type Tag struct{ Name, Content, Lang string }

// maxPieces bounds the elements that are read of a page.
const maxPieces = 10_000

// Read reads a page. The content type is that of its HTTP header; it may be empty.
func Read(page []byte, contentType string) *Page {
	r := &reader{page: &Page{}, in: html.NewTokenizer(bytes.NewReader(decoded(page, contentType)))}
	for r.next() {
	}
	r.page.settle()
	return r.page
}

// decoded is a page in UTF-8. A page that is UTF-8 throughout is taken for that whatever it says of itself, because
// browsers save pages so and leave the old declaration in.
func decoded(page []byte, contentType string) []byte {
	if utf8.Valid(page) {
		return page
	}
	encoding, _, _ := charset.DetermineEncoding(page, contentType)
	if out, err := encoding.NewDecoder().Bytes(page); err == nil {
		return out
	}
	return page
}

// A reader reads a page token by token: pages may be nested as deep as they like.
type reader struct {
	page   *Page
	in     *html.Tokenizer
	raw    []byte // the start of the script that is being read
	script bool   // a script in JSON-LD is being read
}

func (r *reader) next() bool {
	kind := r.in.Next()
	switch {
	case kind == html.ErrorToken || r.page.tooMany:
		return false
	case kind == html.TextToken && r.script:
		text := plainScript(bytes.Clone(r.in.Raw()))
		r.page.Blocks = append(r.page.Blocks, text)
		r.page.piece(slices.Concat(r.raw, text, []byte("</script>")))
		r.script = false
	case kind == html.StartTagToken, kind == html.SelfClosingTagToken:
		raw := bytes.Clone(r.in.Raw())
		r.element(r.in.Token(), raw)
	default:
		r.script = false
	}
	return true
}

// plainScript is the text of a script that ends at its first </script>, as it does not behind <!--. In JSON both can only
// stand in texts, where the escapes mean the same.
func plainScript(text []byte) []byte {
	if !bytes.Contains(text, []byte("<!--")) {
		return text
	}
	text = bytes.ReplaceAll(text, []byte("<!--"), []byte(`<\u0021--`))
	return bytes.ReplaceAll(text, []byte("</"), []byte(`<\/`))
}

func (r *reader) element(t html.Token, raw []byte) {
	p := r.page
	switch t.DataAtom {
	case atom.Html:
		p.lang = firstOf(p.lang, attr(t, "lang"))
	case atom.Base:
		if p.base == "" {
			p.base = strings.TrimSpace(attr(t, "href"))
			p.piece(raw)
		}
	case atom.Link:
		r.link(t, raw)
	case atom.Meta:
		r.meta(t, raw)
	case atom.Script:
		media, _, _ := strings.Cut(attr(t, "type"), ";")
		r.script, r.raw = strings.EqualFold(strings.TrimSpace(media), "application/ld+json"), raw
	}
}

func (r *reader) link(t html.Token, raw []byte) {
	href := strings.TrimSpace(attr(t, "href"))
	for rel := range strings.FieldsSeq(strings.ToLower(attr(t, "rel"))) {
		switch {
		case href == "":
		case rel == "canonical" && r.page.Canonical == "":
			r.page.Canonical = href
			r.page.piece(raw)
		case rel == "self" && r.page.self == "" && len(r.page.pieces) == 0: // where Excerpt puts it
			r.page.self = href
		}
	}
}

func (r *reader) meta(t html.Token, raw []byte) {
	name := strings.ToLower(strings.TrimSpace(firstOf(attr(t, "name"), attr(t, "property"))))
	content := strings.TrimSpace(attr(t, "content"))
	switch {
	case name == "robots":
		r.page.NoIndex = r.page.NoIndex || ForbidsIndex(content)
		r.page.piece(raw)
	case isOfThing(name):
		if content != "" {
			r.page.Tags = append(r.page.Tags, Tag{name, content, firstOf(attr(t, "xml:lang"), attr(t, "lang"))})
		}
		r.page.piece(raw)
	case slices.Contains(beside, name), strings.HasPrefix(name, "og:"), strings.HasPrefix(name, "prism."), strings.HasPrefix(name, "eprints."):
		r.page.piece(raw)
	}
}

// beside are the names of meta tags that an excerpt has too, for mappings that read pages by selectors of CSS.
var beside = []string{"author", "date", "description", "keywords", "language"}

// isOfThing reports whether a meta tag speaks of the thing on the page.
func isOfThing(name string) bool {
	vocabulary, _ := split(name)
	return vocabulary != none
}

// ForbidsIndex reports whether the words of a meta tag "robots", or of a header X-Robots-Tag, ask not to put a page into
// indexes.
func ForbidsIndex(words string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(words), func(r rune) bool { return r == ',' || r == ' ' }), func(w string) bool {
		return w == "noindex" || w == "none"
	})
}

func (p *Page) piece(raw []byte) {
	if len(p.pieces) == maxPieces {
		p.tooMany = true
		return
	}
	p.pieces = append(p.pieces, raw)
}

// settle finds out the addresses once everything is read.
func (p *Page) settle() {
	p.Canonical = p.Resolve(p.Canonical)
	p.Address = firstOf(p.self, p.Canonical)
}

// Resolve makes a whole URL of one that may be relative; empty if that is not possible.
func (p *Page) Resolve(ref string) string {
	u, err := url.Parse(ref)
	if err != nil || ref == "" {
		return ""
	}
	for _, base := range []string{p.base, firstOf(p.self, p.Canonical)} {
		if b, err := url.Parse(base); err == nil && base != "" {
			u = b.ResolveReference(u)
		}
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return u.String()
}

// Excerpt is a page with nothing but what this package reads, in UTF-8: the elements as they stand in the page, and the
// address that the page was fetched from.
func (p *Page) Excerpt(address string) []byte {
	var b bytes.Buffer
	b.WriteString("<!doctype html>\n<html")
	if p.lang != "" {
		b.WriteString(` lang="` + html.EscapeString(p.lang) + `"`)
	}
	b.WriteString("><head><meta charset=\"utf-8\">\n")
	if address != "" {
		b.WriteString(`<link rel="self" href="` + html.EscapeString(address) + "\">\n")
	}
	for _, piece := range p.pieces {
		b.Write(piece)
		b.WriteByte('\n')
	}
	b.WriteString("</head></html>\n")
	return b.Bytes()
}

func attr(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
