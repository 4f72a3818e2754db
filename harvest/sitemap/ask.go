package sitemap

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/robots"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// root is the document that names the sitemaps which the source begins with.
func (s *Source) root(ctx context.Context) (*document, error) {
	from, _ := url.Parse(s.config.From) // checked
	file, err := s.gate.File(ctx, from)
	if err != nil {
		return nil, err
	}
	doc := &document{index: true}
	if !s.config.isSite() {
		doc.entries = []entry{{loc: s.config.From}}
		return doc, nil
	}
	for _, at := range file.Sitemaps {
		if ref, err := from.Parse(at); err == nil {
			doc.entries = append(doc.entries, entry{loc: ref.String()})
		}
	}
	if len(doc.entries) == 0 {
		doc.entries = []entry{{loc: (&url.URL{Scheme: from.Scheme, Host: from.Host, Path: "/sitemap.xml"}).String()}}
	}
	return doc, nil
}

// ask asks for a sitemap. by is the one that names it.
func (s *Source) ask(ctx context.Context, address, by string) (*document, error) {
	u, err := s.allowed(ctx, address, by)
	if err != nil {
		return nil, err
	}
	res, err := s.client.Fetch(ctx, harvest.Request{URL: u.String(), Accept: "application/xml, text/xml, text/plain;q=0.9, */*;q=0.5", Access: s.config.access(u), MaxBody: maxSitemap})
	if err != nil {
		return nil, err
	}
	doc, err := parse(res.Body)
	if err == nil {
		return doc, nil
	}
	e := &harvest.Error{Kind: harvest.Protocol, URL: harvest.Shown(res.URL), Status: res.Status, Detail: err.Error()}
	var broken *xmlscan.SyntaxError
	switch {
	case errors.As(err, &broken) && broken.Truncated:
		e.Kind = harvest.Truncated
	case harvest.LooksLikeHTML(res.Body):
		e.Kind, e.Detail = harvest.HTML, "a web page instead of a sitemap"
	case broken != nil:
		e.Kind = harvest.Malformed
	}
	return nil, e
}

// allowed is the URL of a sitemap that may be asked for. Where the robots.txt of its site names it, it may, also at another
// host than that of From.
func (s *Source) allowed(ctx context.Context, address, by string) (*url.URL, error) {
	u, err := parsed(address)
	if err == nil && !s.config.isOurs(u.Host) && !s.vouches(ctx, u, address, by) {
		err = errOther
	}
	if err != nil {
		return nil, &harvest.Error{Kind: harvest.Config, URL: harvest.Shown(address), Detail: err.Error()}
	}
	if err := s.gate.Check(ctx, u); err != nil && !(robots.IsForbidden(err) && s.isNamed(ctx, u, address)) {
		return nil, err
	}
	return u, nil
}

// vouches reports whether a sitemap at another host may be asked for: it is where the one that names it is, the other host's
// robots.txt names that one, or the robots.txt of our site names the sitemap itself.
func (s *Source) vouches(ctx context.Context, u *url.URL, address, by string) bool {
	from, _ := url.Parse(s.config.From) // checked
	if index, err := parsed(by); err == nil && strings.EqualFold(index.Host, u.Host) {
		return true
	}
	return s.isNamed(ctx, u, by) || s.config.isSite() && s.isNamed(ctx, from, address)
}

// isNamed reports whether the robots.txt of a site names a sitemap.
func (s *Source) isNamed(ctx context.Context, site *url.URL, address string) bool {
	return address != "" && slices.Contains(s.sitemapsOf(ctx, site), address)
}

// maxStrangers is how many sites beside our own are asked for their robots.txt in a pass: a sitemap may name thousands.
const maxStrangers = 20

// sitemapsOf are those that the robots.txt of a site names. Sites beside our own are asked once in a pass, also if they
// don't answer.
func (s *Source) sitemapsOf(ctx context.Context, site *url.URL) []string {
	host := strings.ToLower(site.Host)
	s.mu.Lock()
	sitemaps, had := s.strangers[host]
	full := len(s.strangers) >= maxStrangers
	s.mu.Unlock()
	if ours := s.config.isOurs(host); had || full && !ours {
		return sitemaps
	}
	file, err := s.gate.File(ctx, site)
	if err == nil {
		sitemaps = file.Sitemaps
	}
	if ctx.Err() == nil && !s.config.isOurs(host) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.strangers[host] = sitemaps
	}
	return sitemaps
}

// Reasons of rejections.
const (
	reasonNoIdentifier = "no_identifier" // an entry without a URL
	reasonOtherHost    = "other_host"    // a page at a host that may not be asked
	reasonMalformed    = "malformed"     // metadata that can't be read
	reasonNoMetadata   = "no_metadata"   // a page that had metadata, and has none
	reasonCopy         = "copy"          // a page that is a copy of another
	reasonMoved        = "moved"         // a page that leads to another
	reasonUnfetchable  = "unfetchable"   // a page that can't be had
)

// keyOf is the key of the item that an entry names, the n-th of a sitemap, or why it can't be used.
func (s *Source) keyOf(sitemap string, n int, e entry) (key string, _ *harvest.Rejection) {
	u, err := parsed(e.loc)
	if err != nil {
		name := fmt.Sprintf("entry %d of %s", n, harvest.Shown(sitemap))
		return name, &harvest.Rejection{Reason: reasonNoIdentifier, Detail: "the sitemap names " + quoted(e.loc) + ": " + err.Error()}
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String(), nil
}

func quoted(text string) string {
	if len(text) > 200 {
		text = text[:200] + "…"
	}
	return fmt.Sprintf("%q", text)
}
