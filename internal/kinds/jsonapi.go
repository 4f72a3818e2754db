package kinds

import (
	"bytes"
	"context"
	_ "embed"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/jsonapi"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

//go:embed jsonapi.go
var jsonapiCode string

// jsonapiKind harvests services that answer in JSON. What people save of it is an answer, or one item.
var jsonapiKind = Kind{
	Kind: config.Kind{Name: "jsonapi", Check: checkJSONAPI, Code: jsonapiCode,
		Settings: &JSONAPI{FullEvery: 30 * 24 * time.Hour, Since: JSONSince{Format: "datetime", Overlap: 24 * time.Hour}}},
	What: "a service that answers in JSON", Probe: probeJSONAPI, Build: buildJSONAPI, Canonical: canonicalItem, FileFormat: "json",
	FullEvery: func(s *config.Source) time.Duration { return s.Settings.(*JSONAPI).FullEvery },
	IsPage:    jsonapi.IsJSON, ItemsOf: itemsOfAnswer,
}

// JSONAPI has the keys of kind jsonapi. Paths lead to a value in JSON: links.next, authors[0].name, ["dc:title"].
type JSONAPI struct {
	// The path in an answer of the list of items. Default: the answer itself is the list.
	Items string `yaml:"items" also:"list,results,records"`
	// The path in an item of its identifier, which is part of ours for ever.
	Key string `yaml:"key" also:"id,identifier"`
	// The path in an item of the time at which it was last changed.
	Datestamp string `yaml:"datestamp" also:"updated,modified"`
	// The path in an item of what is true if the item is deleted, or "not" and the path of what is false then.
	Deleted string `yaml:"deleted"`
	// Paths in an item of what changes while the record stays as it is, such as counts of views: it is kept, and does not
	// count when versions are compared.
	Ignore []string `yaml:"ignore"`
	// The path in an answer of the number of items that there are, or "header" and the name of the header of HTTP that
	// says it. Without it nothing shows that a harvest has everything.
	Total string `yaml:"total" also:"count"`
	// How the service goes from one page to the next: one of next, link, cursor, number and offset. Default: it gives
	// everything at once.
	Page JSONPage `yaml:"page" also:"paging"`
	// How the service is asked for what has changed. Default: it is asked for everything each time.
	Since JSONSince `yaml:"since" also:"incremental"`
	// How long after everything was asked for it is asked for again, and not only what has changed. 0s is never.
	FullEvery time.Duration `yaml:"full_every" min:"0s" max:"3660d"`
}

// JSONPage says how a service goes from one page to the next. The size of pages is a parameter in from.
type JSONPage struct {
	// The path in an answer of the link to the next page.
	Next string `yaml:"next"`
	// The link to the next page is in the header Link of HTTP, with rel=next.
	Link bool `yaml:"link"`
	// The path in an answer of the cursor of the next page.
	Cursor string `yaml:"cursor"`
	// The parameter that takes the cursor.
	Param string `yaml:"param" also:"parameter"`
	// The parameter with the number of the page.
	Number string `yaml:"number" also:"page"`
	// The parameter with the number of items before the page.
	Offset string `yaml:"offset" also:"start"`
	// What the parameter says for the first page. Default: 1 for a number, 0 for an offset, nothing for a cursor.
	First string `yaml:"first"`
}

// JSONSince says how a service is asked for what has changed since a time.
type JSONSince struct {
	// The parameter.
	Param string `yaml:"param" also:"parameter"`
	// What the parameter says, with {since} for the time. Default: the time alone.
	Value string `yaml:"value"`
	// How the time is written: 2026-05-01, 2026-05-01T12:00:00Z, or in seconds since 1970.
	Format string `yaml:"format" enum:"date,datetime,epoch"`
	// How far a harvest reaches back before the last one, for services that list changes late.
	Overlap time.Duration `yaml:"overlap" min:"1s" max:"60d"`
}

// jsonapiConfig is what a source says of its service.
func jsonapiConfig(s *config.Source) jsonapi.Config {
	j := s.Settings.(*JSONAPI)
	c := jsonapi.Config{
		Items: j.Items, Key: j.Key, Datestamp: j.Datestamp, Deleted: j.Deleted, Ignore: j.Ignore, Total: j.Total, Page: jsonapi.Page(j.Page), Access: access(s),
	}
	if len(s.From) > 0 {
		c.From = s.From[0]
	}
	if j.Since.Param != "" || j.Since.Value != "" {
		c.Since = jsonapi.Since(j.Since)
	}
	return c
}

func checkJSONAPI(s *config.Source, r *config.Report) {
	if len(s.From) > 1 {
		r.Problem("from", "a source of kind jsonapi has one URL; make a source of each")
	}
	c := jsonapiConfig(s)
	for _, p := range c.Check() {
		r.Problem(p.Field, "%s", p.Text)
	}
	if !r.Has("mapping") {
		r.Problem("mapping", "is needed, because JSON has no fields that are the same everywhere; sheaf probe names a built-in one, or writes one to begin with")
	}
}

func canonicalItem(s *config.Source) (func([]byte) []byte, error) {
	src, err := jsonapi.New(jsonapiConfig(s), nil)
	if err != nil {
		return nil, err
	}
	return src.Canonical, nil
}

func buildJSONAPI(_ string, s *config.Source, f *harvest.Fetcher) (harvest.Source, error) {
	return jsonapi.New(jsonapiConfig(s), f)
}

// itemsOfAnswer reads an answer as a harvest would. What holds no list is one item.
func itemsOfAnswer(_ context.Context, _ string, s *config.Source, f File) ([]harvest.Item, error) {
	src, err := jsonapi.New(jsonapiConfig(s), nil)
	if err != nil {
		return nil, err
	}
	items, err := src.Items(f.Content)
	if err != nil {
		return []harvest.Item{{Format: harvest.Format{Prefix: "json"}, Original: bytes.TrimSpace(f.Content)}}, nil // one item
	}
	var out []harvest.Item
	for _, item := range items {
		if !item.Deleted { // that has nothing to show
			out = append(out, item)
		}
	}
	return out, nil
}
