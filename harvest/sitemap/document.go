package sitemap

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// Bounds of a sitemap. The protocol allows 50,000 entries; sites that have more are read all the same.
const (
	maxSitemap = 50 << 20 // bytes, as sent and as unpacked
	maxEntries = 500_000
)

const tooMany = "it has more than 500,000 entries"

// A document is a sitemap, or an index of sitemaps.
type document struct {
	index   bool
	entries []entry
	cut     string // why what follows the entries can't be read; empty if the document is whole
}

// An entry names a page, or a sitemap. Both texts are as they were written.
type entry struct{ loc, lastmod string }

// errNone says that a body is no sitemap.
var errNone = errors.New("it is not a sitemap: neither XML with urlset or sitemapindex nor a list of URLs")

// parse reads a sitemap in XML or as a list of URLs, alone or compressed with gzip. Of one that is cut off it gives the
// entries before the cut. What is not a sitemap at all is an error.
func parse(body []byte) (*document, error) {
	body, cut := unpacked(body)
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	start := bytes.TrimLeft(body[:min(len(body), 1<<10)], " \t\r\n")
	var doc *document
	var err error
	switch {
	case len(start) == 0:
		return nil, &xmlscan.SyntaxError{Line: 1, Column: 1, Msg: "it is empty", Truncated: true}
	case harvest.LooksLikeHTML(body):
		return nil, errNone
	case start[0] == '<':
		doc, err = parseXML(bytes.TrimLeft(body, " \t\r\n"))
	default:
		doc, err = parseText(body)
	}
	if err != nil {
		return nil, err
	}
	if doc.cut == "" && cut != nil {
		doc.cut = cut.Error()
	}
	return doc, nil
}

// unpacked is a body without gzip. The error says why it is not whole.
func unpacked(body []byte) ([]byte, error) {
	if !bytes.HasPrefix(body, []byte("\x1f\x8b")) {
		return body, nil
	}
	in, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(in, maxSitemap+1))
	if len(out) > maxSitemap {
		return out[:maxSitemap], errors.New("it has more than 50 MiB when it is unpacked")
	}
	return out, err
}

func parseXML(body []byte) (*document, error) {
	p := &parser{scan: xmlscan.New(body, xmlscan.Limits{}), doc: &document{}}
	known, err := p.document()
	switch {
	case !known && err != nil:
		return nil, err
	case !known:
		return nil, errNone
	case err != nil:
		p.doc.cut = err.Error()
	}
	return p.doc, nil
}

type parser struct {
	scan  *xmlscan.Scanner
	doc   *document
	space string // the namespace of the root: extensions have another one
}

// document reads the document; known says that it is a sitemap. Sites write the namespace of the protocol, an older one or
// none, with a prefix or without.
func (p *parser) document() (known bool, err error) {
	if _, err := p.scan.Next(); err != nil {
		return false, err
	}
	item := "url"
	switch string(p.scan.Local()) {
	case "urlset":
	case "sitemapindex":
		p.doc.index, item = true, "sitemap"
	default:
		return false, nil
	}
	p.space = p.scan.Space()
	for {
		kind, err := p.scan.Next()
		switch {
		case err != nil || kind == xmlscan.EOF:
			return true, err
		case kind != xmlscan.Start:
			continue
		case len(p.doc.entries) == maxEntries:
			return true, errors.New(tooMany)
		case p.scan.Is(p.space, item):
			err = p.entry()
		default:
			err = p.scan.Skip()
		}
		if err != nil {
			return true, err
		}
	}
}

func (p *parser) entry() error {
	var e entry
	for {
		kind, err := p.scan.Next()
		switch {
		case err != nil:
			return err
		case kind == xmlscan.End:
			p.doc.entries = append(p.doc.entries, e)
			return nil
		case kind != xmlscan.Start:
			continue
		case p.scan.Is(p.space, "loc"):
			e.loc, err = p.text()
		case p.scan.Is(p.space, "lastmod"):
			e.lastmod, err = p.text()
		default:
			err = p.scan.Skip()
		}
		if err != nil {
			return err
		}
	}
}

func (p *parser) text() (string, error) {
	b, err := p.scan.AppendText(nil)
	return strings.TrimSpace(string(b)), err
}

// parseText reads a list of URLs, one a line.
func parseText(body []byte) (*document, error) {
	if !utf8.Valid(body) {
		return nil, errNone
	}
	doc := &document{}
	for line := range strings.Lines(string(body)) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if _, err := parsed(line); err != nil && len(doc.entries) == 0 {
			return nil, errNone
		}
		if len(doc.entries) == maxEntries {
			doc.cut = tooMany
			break
		}
		doc.entries = append(doc.entries, entry{loc: line})
	}
	return doc, nil
}
