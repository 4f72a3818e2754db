package kinds

import (
	"context"
	"net/url"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/robots"
	"github.com/sheaf-gateway/sheaf/harvest/sitemap"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

func probeSitemap(ctx context.Context, p *Place) (*Proposal, error) {
	if p.URL == nil {
		return nil, NotThis{}
	}
	res, err := p.Content(ctx)
	switch {
	case err != nil:
		return nil, err
	case !sitemap.IsSitemap(res.Body) && !namesSitemap(ctx, p, res):
		return nil, NotThis{}
	}
	look, err := sitemap.Probe(ctx, p.Fetcher, p.URL.String())
	if err != nil {
		return nil, err
	}
	return proposeSitemap(p, look), nil
}

// namesSitemap reports whether the robots.txt of a site whose first page was asked for names a sitemap.
func namesSitemap(ctx context.Context, p *Place, page *harvest.Response) bool {
	if strings.Trim(p.URL.Path, "/") != "" || p.URL.RawQuery != "" || !harvest.LooksLikeHTML(page.Body) {
		return false
	}
	file, err := robots.Ask(ctx, p.Fetcher, &url.URL{Scheme: p.URL.Scheme, Host: p.URL.Host}, harvest.Access{})
	return err == nil && len(file.Sitemaps) > 0
}

func proposeSitemap(at *Place, look *sitemap.Look) *Proposal {
	p := &Proposal{Name: nameOf(at.URL.String())}
	p.note("A sitemap: %s", wording.ClipLine(at.String(), 300))
	first := ""
	if look.Sitemaps > 1 {
		p.note("  sitemaps     %d", look.Sitemaps)
		first = " in the first"
	}
	p.note("  pages        %d%s, %d with the time of their last change", look.Pages, first, look.Dated)
	var match []string
	for _, g := range look.Groups {
		if g.Sample == "" {
			p.note("  %6d like   %s: the first has no metadata that can be used: %s", g.Pages, wording.ClipLine(g.Pattern, 200), wording.ClipLine(g.Why, 200))
			continue
		}
		p.note("  %6d like   %s: the first is about: %s", g.Pages, wording.ClipLine(g.Pattern, 200), wording.ClipLine(g.Sample, 60))
		match = append(match, g.Pattern)
	}
	switch {
	case look.Cut != "":
		p.note("Note: it is cut off, so that a harvest would be incomplete: %s", wording.ClipLine(look.Cut, 200))
	case look.Pages == 0:
		p.note("Note: it names no page.")
	case len(match) == 0:
		p.note("Note: no page that was looked at has schema.org in JSON-LD, or meta tags of Dublin Core or Highwire Press.")
	}
	if look.Other != "" {
		p.note("Note: pages are at another host, %s. They are refused unless its robots.txt names the sitemap, or hosts: names it.", wording.ClipLine(look.Other, 200))
	}
	p.Keys = []Key{{"title", p.Name}, {"kind", "sitemap"}, {"from", at.URL.String()}}
	if len(match) > 0 && len(match) < len(look.Groups) {
		p.note("Note: match: leaves out the pages that seem to be no records. Look whether it is right.")
		p.Keys = append(p.Keys, Key{"match", match})
	}
	p.Keys = append(p.Keys, Key{"every", "1d"})
	return p
}
