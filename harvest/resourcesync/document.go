package resourcesync

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// The namespaces of ResourceSync documents, which are sitemaps with more in them.
const (
	sitemapSpace = "http://www.sitemaps.org/schemas/sitemap/0.9"
	rsSpace      = "http://www.openarchives.org/rs/terms/"
)

// Bounds of a document, which are those of a sitemap.
const (
	maxEntries = 50_000
	maxList    = 50 << 20 // bytes
	maxLinks   = 1_000    // of one entry
	maxURL     = 2_048    // bytes
)

// The capabilities of documents that are read.
const (
	aDescription    = "description"
	aCapabilityList = "capabilitylist"
	aResourceList   = "resourcelist"
	aChangeList     = "changelist"
	aResourceDump   = "resourcedump"
	aChangeDump     = "changedump"
	aResourceDumpIn = "resourcedump-manifest"
	aChangeDumpIn   = "changedump-manifest"
)

// A document is one of ResourceSync: a list, or an index of lists.
type document struct {
	index   bool
	md      metadata
	links   []link
	entries []entry
}

// metadata is what an element rs:md says, of a document or of what an entry names. Dates are as they were written.
type metadata struct {
	capability, change, path, mediaType, encoding string
	at, from, until, datetime                     string
	hash                                          string
	length                                        int64 // -1 if it is not said
}

// A link is an element rs:ln.
type link struct {
	rel, href string
	metadata
}

// An entry names a resource, or another document.
type entry struct {
	loc, lastmod string
	md           metadata
	links        []link
}

// changed is when the entry says that its resource was changed, as it was written. Version 1.0 of the specification wrote
// it as lastmod.
func (e *entry) changed() string {
	if e.md.datetime != "" {
		return e.md.datetime
	}
	return e.lastmod
}

// linked is the first link with a relation; nil if there is none.
func linked(links []link, rel string) *link {
	for i := range links {
		if links[i].rel == rel {
			return &links[i]
		}
	}
	return nil
}

// A listError says that a document is not what it should be.
type listError struct{ why string }

func (e *listError) Error() string { return e.why }

// parse reads a document.
func parse(data []byte) (*document, error) {
	p := &parser{scan: xmlscan.New(data, xmlscan.Limits{}), doc: &document{md: metadata{length: -1}}}
	return p.doc, p.document()
}

type parser struct {
	scan *xmlscan.Scanner
	doc  *document
}

func (p *parser) document() error {
	if _, err := p.scan.Next(); err != nil {
		return err
	}
	item := "url"
	switch {
	case p.scan.Is(sitemapSpace, "urlset"):
	case p.scan.Is(sitemapSpace, "sitemapindex"):
		p.doc.index, item = true, "sitemap"
	default:
		return &listError{"it is not a document of ResourceSync"}
	}
	for {
		kind, err := p.scan.Next()
		switch {
		case err != nil:
			return err
		case kind == xmlscan.EOF:
			return nil
		case kind != xmlscan.Start:
			continue
		case p.scan.Is(sitemapSpace, item):
			err = p.entry()
		case p.scan.Is(rsSpace, "md"):
			p.doc.md = p.metadata()
			err = p.scan.Skip()
		case p.scan.Is(rsSpace, "ln"):
			p.doc.links, err = p.link(p.doc.links)
		default:
			err = p.scan.Skip() // an extension
		}
		if err != nil {
			return err
		}
	}
}

func (p *parser) entry() error {
	if len(p.doc.entries) == maxEntries {
		return &listError{fmt.Sprintf("it has more than %d entries", maxEntries)}
	}
	e := entry{md: metadata{length: -1}}
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
		case p.scan.Is(sitemapSpace, "loc"):
			e.loc, err = p.text()
		case p.scan.Is(sitemapSpace, "lastmod"):
			e.lastmod, err = p.text()
		case p.scan.Is(rsSpace, "md"):
			e.md = p.metadata()
			err = p.scan.Skip()
		case p.scan.Is(rsSpace, "ln"):
			e.links, err = p.link(e.links)
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

func (p *parser) link(to []link) ([]link, error) {
	if len(to) == maxLinks {
		return to, &listError{fmt.Sprintf("an entry has more than %d links", maxLinks)}
	}
	l := link{metadata: p.metadata()}
	for _, a := range p.scan.Attrs() {
		switch a.Name.Local {
		case "rel":
			l.rel = strings.TrimSpace(string(a.Value))
		case "href":
			l.href = strings.TrimSpace(string(a.Value))
		}
	}
	return append(to, l), p.scan.Skip()
}

// metadata reads the attributes of the element that begins.
func (p *parser) metadata() metadata {
	m := metadata{length: -1}
	texts := map[string]*string{
		"capability": &m.capability, "change": &m.change, "path": &m.path, "type": &m.mediaType, "encoding": &m.encoding,
		"at": &m.at, "from": &m.from, "until": &m.until, "datetime": &m.datetime, "hash": &m.hash,
	}
	for _, a := range p.scan.Attrs() {
		value := strings.TrimSpace(string(a.Value))
		if to := texts[a.Name.Local]; to != nil && a.Name.Space == "" {
			*to = value
		}
		if a.Name.Local == "length" {
			if n, err := strconv.ParseInt(value, 10, 64); err == nil && n >= 0 {
				m.length = n
			}
		}
	}
	return m
}
