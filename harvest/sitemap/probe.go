package sitemap

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/webpage"
	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Look is what was found out about a sitemap.
type Look struct {
	Sitemaps int // that the first document names, or 1
	// Of the first sitemap that names pages:
	Pages  int
	Dated  int     // have a lastmod
	Groups []Group // by the first part of their paths, the largest first
	Cut    string  // why what follows can't be read
	Other  string  // a host that a page is at and that may not be asked; empty if there is none
}

// A Group are pages whose addresses begin alike.
type Group struct {
	Pattern string // in which * stands for anything
	Pages   int
	// Sample is what asking for one of them has shown: the type of the thing on it; empty if there is none. Why says why
	// there is none.
	Sample, Why string
}

// Bounds of what is looked at.
const (
	maxGroups = 6
	maxHops   = 5 // from an index to an index
)

// IsSitemap reports whether a body is a sitemap or an index, or a list of nothing but URLs, alone or compressed.
func IsSitemap(body []byte) bool {
	if len(body) > maxSitemap {
		return false
	}
	doc, err := parse(body)
	if err != nil {
		return false
	}
	return !slices.ContainsFunc(doc.entries, func(e entry) bool {
		_, err := parsed(e.loc)
		return err != nil && !doc.index && e.lastmod == ""
	})
}

// Probe looks at a sitemap, at the first that it names, and at a page of each group.
func Probe(ctx context.Context, client Client, from string) (*Look, error) {
	s, err := New(Config{From: from, Copies: true}, client)
	if err != nil {
		return nil, err
	}
	doc, err := s.root(ctx)
	if err != nil {
		return nil, err
	}
	look := &Look{Sitemaps: len(doc.entries)}
	at := ""
	for hop := 0; doc.index && len(doc.entries) > 0 && hop < maxHops; hop++ {
		by := at
		at = doc.entries[0].loc
		if doc, err = s.ask(ctx, at, by); err != nil {
			return nil, err
		}
		if doc.index && hop == 0 {
			look.Sitemaps = len(doc.entries)
		}
	}
	look.Pages, look.Cut = len(doc.entries), doc.cut
	samples := look.group(s, doc)
	for i := range look.Groups {
		if err := look.Groups[i].sample(ctx, s, at, samples[i]); err != nil {
			return nil, err
		}
	}
	return look, nil
}

// group sorts the pages by the first part of their paths, and gives a page of each group.
func (l *Look) group(s *Source, doc *document) (samples []entry) {
	type found struct {
		Group
		page entry
	}
	groups := map[string]*found{}
	for _, e := range doc.entries {
		u, err := parsed(e.loc)
		if err != nil {
			continue
		}
		if e.lastmod != "" {
			l.Dated++
		}
		if !s.config.isOurs(u.Host) && l.Other == "" {
			l.Other = u.Host
		}
		pattern := patternOf(u)
		if groups[pattern] == nil {
			groups[pattern] = &found{Group: Group{Pattern: pattern}, page: e}
		}
		groups[pattern].Pages++
	}
	var all []*found
	for _, g := range groups {
		all = append(all, g)
	}
	slices.SortFunc(all, func(a, b *found) int {
		return cmp.Or(cmp.Compare(b.Pages, a.Pages), strings.Compare(a.Pattern, b.Pattern))
	})
	for _, g := range all[:min(len(all), maxGroups)] {
		l.Groups, samples = append(l.Groups, g.Group), append(samples, g.page)
	}
	return samples
}

// patternOf is the pattern of a page's group: the host and the first part of the path, if more follows it.
func patternOf(u *url.URL) string {
	first, _, more := strings.Cut(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	base := u.Scheme + "://" + u.Host + "/"
	if more && first != "" {
		base += first + "/"
	}
	return base + "*"
}

// sample asks for a page of the group.
func (g *Group) sample(ctx context.Context, s *Source, sitemap string, e entry) error {
	key, _ := s.keyOf(sitemap, 0, e)
	at := cursor{Version: cursorVersion, From: s.id, Whole: true, Path: []place{{URL: sitemap}}}
	item, err := s.Ask(ctx, at.write(), harvest.Item{Key: key, Datestamp: e.lastmod, Listed: true})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		g.Why = err.Error()
	case item.Rejected != nil:
		g.Why = item.Rejected.Detail
	case item.Omitted != "":
		g.Why = item.Omitted
	case item.Deleted:
		g.Why = "the page is gone"
	default:
		g.Sample = kindOf(item.Original)
	}
	return nil
}

// kindOf says what an original is about, or in what it says it.
func kindOf(original []byte) string {
	page := &webpage.Page{Blocks: [][]byte{original}}
	if harvest.LooksLikeHTML(original) {
		page = webpage.Read(original, "")
	}
	return page.Kind()
}

// Saved makes the item of a page that somebody saved, as [Source.Ask] does of one that it asks for. Nobody knows where it
// was saved from, unless it says so itself.
func Saved(body []byte) harvest.Item {
	page := webpage.Read(body, "")
	item := harvest.Item{Key: page.Address, Format: Format, Original: page.Excerpt(page.Address)}
	shows, broken := page.Shows()
	switch {
	case page.NoIndex:
		item.Rejected = &harvest.Rejection{Reason: "noindex", Detail: omitNoIndex}
	case shows:
	case broken != nil:
		item.Rejected = &harvest.Rejection{Reason: reasonMalformed, Detail: "the JSON-LD of the page can't be read: " + broken.Error()}
	default:
		item.Rejected = &harvest.Rejection{Reason: reasonNoMetadata, Detail: "the page has neither JSON-LD of a thing nor meta tags of Dublin Core or Highwire Press; a harvest leaves it out"}
	}
	return item
}
