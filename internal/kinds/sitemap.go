package kinds

import (
	"bytes"
	"context"
	_ "embed"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/sitemap"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

//go:embed sitemap.go
var sitemapCode string

// sitemapKind harvests the pages of a web site that its sitemap names. What people save of it is a page, or the JSON-LD of
// one.
var sitemapKind = Kind{
	Kind: config.Kind{Name: "sitemap", Check: checkSitemap, Code: sitemapCode, Settings: &Sitemap{Copies: "reject", FullEvery: 30 * 24 * time.Hour}},
	What: "a sitemap", Probe: probeSitemap, Build: buildSitemap, FileFormat: sitemap.Format.Prefix,
	IsPage: func(content []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(content), []byte("<")) }, ItemsOf: itemOfPage,
}

// Sitemap has the keys of kind sitemap.
type Sitemap struct {
	// Patterns of the addresses of pages that are records, in which * stands for anything. Default: all.
	Match []string `yaml:"match" also:"only,include,pattern,filter"`
	// Patterns of the addresses of pages that are not asked for, whatever match says.
	Skip []string `yaml:"skip" also:"exclude,ignore"`
	// Other hosts at which sitemaps and pages may be asked for. Default: that of from, and those whose robots.txt names
	// the sitemap.
	Hosts []string `yaml:"hosts" also:"host,domains"`
	// What becomes of a page that names another one as the canonical one: it goes to quarantine (reject), or is taken as it
	// is (keep).
	Copies string `yaml:"copies" enum:"reject,keep"`
	// How long after all pages were asked for they are asked for again, whatever the sitemap says of their last change. 0s
	// is never.
	FullEvery time.Duration `yaml:"full_every" min:"0s" max:"3660d"`
}

// sitemapConfig is what a source says of its site.
func sitemapConfig(s *config.Source) sitemap.Config {
	m := s.Settings.(*Sitemap)
	c := sitemap.Config{Match: m.Match, Skip: m.Skip, Hosts: m.Hosts, Copies: m.Copies == "keep", Complete: s.Absent != nil, FullEvery: m.FullEvery, Access: access(s)}
	if len(s.From) > 0 {
		c.From = s.From[0]
	}
	return c
}

func checkSitemap(s *config.Source, r *config.Report) {
	if len(s.From) > 1 {
		r.Problem("from", "a source of kind sitemap has one URL; make a source of each, or give the URL of the site, whose robots.txt names all")
	}
	c := sitemapConfig(s)
	if err := c.Check(); err != nil {
		key, what, _ := strings.Cut(err.Error(), ": ")
		r.Problem(key, "%s", what)
	}
}

func buildSitemap(_ string, s *config.Source, f *harvest.Fetcher) (harvest.Source, error) {
	return sitemap.New(sitemapConfig(s), f)
}

// itemOfPage reads a saved page as a harvest would.
func itemOfPage(_ context.Context, _ string, _ *config.Source, f File) ([]harvest.Item, error) {
	return []harvest.Item{sitemap.Saved(f.Content)}, nil
}
