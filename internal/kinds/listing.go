package kinds

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/listing"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

//go:embed listing.go
var listingCode string

// listingKind harvests pages that list records. What people save of it is a page of results; an original is JSON.
var listingKind = Kind{
	Kind: config.Kind{Name: "listing", Settings: &Listing{Pages: Pages{First: 1, Step: 1, Max: 10_000}, Robots: "obey"}, Check: checkListing, Placeholders: []string{"{page}"}, Code: listingCode},
	What: "a page that lists records", Probe: probeListing, Build: buildListing, Canonical: canonicalRow, FileFormat: "listing",
	IsPage: func(content []byte) bool { return !bytes.HasPrefix(bytes.TrimSpace(content), []byte("{")) }, ItemsOf: itemsOfListing,
}

// Listing has the keys of kind listing.
type Listing struct {
	// How the pages of a listing are numbered.
	Pages Pages `yaml:"pages"`
	// What is where on a page of a listing: CSS selectors.
	Select Select `yaml:"select" also:"selectors"`
	// What the page that a row links to adds to its record.
	Detail Detail `yaml:"detail" also:"details"`
	// What makes keys where the pages give none; one that stays when the site moves. Default: the source's name.
	Canonical string `yaml:"canonical"`
	// Whether the site's robots.txt counts. Ignore it only with the permission of those who run the site.
	Robots string `yaml:"robots" enum:"obey,ignore"`
	// The URL that saved pages were saved from: their links are relative to it. Default: what a page says of itself.
	Base string `yaml:"base"`
}

// Pages says how the pages of a listing are numbered, where {page} stands in from.
type Pages struct {
	// The number of the first page.
	First int `yaml:"first" min:"0" max:"1000000000"`
	// From one page to the next: 1, or the number of rows where the site counts rows.
	Step int `yaml:"step" min:"1" max:"1000000"`
	// At most so many pages in a pass.
	Max int `yaml:"max" min:"1" max:"1000000" also:"limit"`
}

// Select says what is where on a page of a listing: CSS selectors, all but row and count inside a row.
type Select struct {
	// A row: one record.
	Row string `yaml:"row" also:"item,record"`
	// Its date.
	Date string `yaml:"date"`
	// Its title.
	Title string `yaml:"title"`
	// Its summary.
	Summary string `yaml:"summary" also:"description,abstract"`
	// The link to its own page.
	Link string `yaml:"link" also:"url,href"`
	// Its identifier.
	ID string `yaml:"id" also:"identifier"`
	// The heading that says what kind of thing the rows are.
	Kind string `yaml:"kind" also:"type"`
	// The line that says which rows of how many: "1 - 9 of 9".
	Count string `yaml:"count" also:"total"`
	// What only the page after the last has, where there is no such line.
	End string `yaml:"end"`
}

// Detail says what the page that a row links to adds to its record.
type Detail struct {
	// Fields, and where on the page they are: CSS selectors, of which all matches count. Mappings call them detail.NAME; the
	// built-in one knows those that are called as terms of Dublin Core.
	Select map[string]string `yaml:"select" also:"selectors,fields"`
	// The part of the page that the fields are looked for in, and that is kept. Default: all of it.
	Within string `yaml:"within"`
	// Other hosts than that of the listing whose pages may be asked for.
	Hosts []string `yaml:"hosts" also:"host"`
}

func canonicalRow(*config.Source) (func([]byte) []byte, error) { return listing.Canonical, nil }

func checkListing(s *config.Source, r *config.Report) {
	l := s.Settings.(*Listing)
	for _, err := range listing.CheckSelectors(listing.Select(l.Select), listing.Detail{Select: l.Detail.Select, Within: l.Detail.Within}) {
		key, what, _ := strings.Cut(err.Error(), ": ")
		r.Problem(key, "%s", what)
	}
	if l.Base != "" && !config.IsURL(l.Base) {
		r.Problem("base", "%q is not a whole URL, such as https://archive.example.org/search", l.Base)
	}
	if len(l.Detail.Select) > 0 && (l.Select.Row == "" || l.Select.Link == "") {
		r.Problem("detail", "needs select: with row, and with link, which leads to the page of a record")
	}
	if r.Has("detail") && len(l.Detail.Select) == 0 {
		r.Problem("detail", "needs select: the fields and where on the page they are, such as creator: .author")
	}
	if !slices.ContainsFunc(s.From, config.IsURL) {
		return
	}
	if l.Base != "" {
		r.Problem("base", "is for saved pages; a page on the web says itself where it is")
	}
	switch {
	case slices.ContainsFunc(s.From, func(f string) bool { return !config.IsURL(f) }):
		r.Problem("from", "holds URLs and files; make a source of each")
	case len(s.From) > 1:
		r.Problem("from", "has more than one URL; give one with {page} in it, or make a source of each")
	}
	if strings.Count(s.From[0], "{page}") > 1 {
		r.Problem("from", "has {page} more than once")
	}
	if l.Select.Row == "" {
		r.Problem("select", "needs row: the CSS selector of one record on the page")
	}
	if r.Has("pages") && !strings.Contains(s.From[0], "{page}") {
		r.Problem("pages", "from has no {page} to put the number in")
	}
}

func buildListing(name string, s *config.Source, f *harvest.Fetcher) (harvest.Source, error) {
	return listing.New(listingOf(name, s), f)
}

func listingOf(name string, s *config.Source) listing.Config {
	l := s.Settings.(*Listing)
	return listing.Config{
		From: s.From, Canonical: cmp.Or(l.Canonical, name), Access: access(s),
		Pages: listing.Pages(l.Pages), Select: listing.Select(l.Select), IgnoreRobots: l.Robots == "ignore", Base: l.Base,
		Detail: listing.Detail{Select: l.Detail.Select, Within: l.Detail.Within, Hosts: l.Detail.Hosts},
	}
}

// itemsOfListing reads the page as a harvest would, but from the file.
func itemsOfListing(ctx context.Context, name string, s *config.Source, f File) ([]harvest.Item, error) {
	if f.Path == "" {
		return nil, errors.New("a page of results must be in a file; an original of this source is JSON, such as sheaf show --original prints")
	}
	path, err := filepath.Abs(f.Path)
	if err != nil {
		return nil, err
	}
	c := listingOf(name, s)
	if slices.ContainsFunc(c.From, config.IsURL) {
		c.Base, c.Detail.Optional = strings.ReplaceAll(c.From[0], "{page}", "1"), true // the pages of records may not be saved
	}
	c.From = []string{config.Literal(path)}
	src, err := listing.New(c, nil)
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", name, err)
	}
	page, err := src.Page(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("read %s as a page of results: %w", f.Path, err)
	}
	return page.Items, nil
}
