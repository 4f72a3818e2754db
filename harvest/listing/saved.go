package listing

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// savedComment is the comment that browsers put into the pages that they save.
var savedComment = regexp.MustCompile(`^\s*saved from url=\(\d+\)(\S+)\s*$`)

// savedFrom returns what the links of a page are relative to, also if the page was saved: then the configuration says it,
// or else the page itself. base is what is known without that.
func (h htmlReader) savedFrom(doc *goquery.Document, base *url.URL) *url.URL {
	if h.base != nil || base != nil && base.Host != "" {
		return base
	}
	from := h.saved
	if from == nil {
		from = saysOfItself(doc)
	}
	if from != nil && base != nil {
		return from.ResolveReference(base) // an element base that is relative itself
	}
	if from == nil {
		return base
	}
	return from
}

// saysOfItself returns the address that a page has for itself; nil if it has none.
func saysOfItself(doc *goquery.Document) *url.URL {
	for n := range doc.Nodes[0].Descendants() {
		if n.DataAtom == atom.Body {
			break // browsers put it first
		}
		if n.Type != html.CommentNode {
			continue
		}
		if m := savedComment.FindStringSubmatch(n.Data); m != nil && isURL(m[1]) {
			return parseURL(m[1])
		}
	}
	if href := strings.TrimSpace(doc.Find(`link[rel="canonical"]`).First().AttrOr("href", "")); isURL(href) {
		return parseURL(href)
	}
	return nil
}
