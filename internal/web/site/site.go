// Package site makes the public pages for people: a start page, a list of the records, a search, and a page for each record, source and set.
// What a search finds can be taken along as a file (lists.go), and is there as JSON (api.go).
//
// The pages are made from a [Library] and keep nothing. They work without scripts, and a URL holds the whole state of a
// page. Whatever a source sent is text here: it is escaped and bounded, and never taken for markup or a script. Addresses
// in it become links only if they are http or https.
package site

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/internal/web/words"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Library is what the pages need of the log.
type Library interface {
	// Namespace is the domain in every identifier.
	Namespace() string

	// Holdings says what the log has of each source, in the order of their names.
	Holdings(ctx context.Context) ([]pipeline.SourceCounts, error)

	// Browse returns up to limit live records of a source, or of all sources if source is empty. Upwards it returns
	// the records after from in the order of their seqs; downwards those before from in the opposite order. If
	// records are large it may return fewer, but at least one if there is one.
	Browse(ctx context.Context, source string, from int64, down bool, limit int) (pipeline.BrowsedPage, error)

	// Changes gives what has changed last, as [pipeline.Feed] does.
	Changes(ctx context.Context, w pipeline.Wanted) (pipeline.Changes, error)

	// Record returns one record with its original. identifier may be an alias. The error is [pipeline.ErrNotFound] if
	// there is no such record.
	Record(ctx context.Context, identifier string) (*pipeline.Record, error)
}

// Options say what the pages are about.
type Options struct {
	// Name is what the gateway is called.
	Name string
	// URL is the public root as the world sees it, without a slash at the end. If it has a path, something in front of
	// the gateway removes it from each request.
	URL string
	// Titles has the titles of the configured sources, by their names. A title may be empty.
	Titles map[string]string
	// Renamed has the present names of sources that were called otherwise, by their earlier names.
	Renamed map[string]string
	// Events is the address of the event broker, for people; empty if there is none.
	Events string
	// Dumps says that there is a dump at /dump.
	Dumps   bool
	Library Library
	// Sets are those of the OAI-PMH endpoint; nil if nothing is known of them.
	Sets Sets
	// Look is what the installation makes of the pages.
	Look web.Look
	// Finder searches; nil if there is no search. Minted has the names of renamed sources in their identifiers, by which it
	// knows them, by their present names.
	Finder Finder
	// Feed writes an Atom feed of records, the newest change first. self and page are the addresses of the feed and of the
	// page of the same records, below the root of the gateway. It is called only if there is a Finder.
	Feed func(self, page, title string, records []pipeline.Record) []byte
	// Served charges records of a list to the client of a request; nil if nobody counts them.
	Served func(r *http.Request, records int)
	Minted map[string]string
	// Formats are those in which the OAI-PMH endpoint has a record; oai_dc alone if nil.
	Formats func(ctx context.Context, identifier string) (*oaipmh.Formats, error)
	// Explain says what the rules of a record's source make of its original, and why; nil if the source has no rules any more,
	// as does an Explain that is nil.
	Explain func(rec *pipeline.Record) *rules.Explained
	Logger  *slog.Logger // slog.Default if nil
}

//go:embed assets
var assets embed.FS

// The problems of these pages.
var (
	errNoRecord = &web.Problem{Status: http.StatusNotFound, Title: "There is no such record",
		Text: "This gateway has no record at this address, and never had one. The address may have been copied incompletely."}
	errNoSource = &web.Problem{Status: http.StatusNotFound, Title: "There is no such source",
		Text: "This gateway has no source of this name, or no records of it any more. The list of all records is a good place to go on."}
	errOldPlace = &web.Problem{Status: http.StatusGone, Title: "This place in the list is no more",
		Text: "The log of this gateway has begun anew since the address was made, so its pages are counted anew. The list can be read again from its beginning."}
)

// site is the handler's state: what does not change between requests.
type site struct {
	*web.Frame
	Options
}

// New makes the handler of the public pages. It answers /, /search, /records/<source>/<local>,
// /sources/<source>, /sets/<spec> and the few files that these use, to GET and HEAD only. It panics if its own templates are broken.
func New(o Options) http.Handler {
	s, pages := open(o)
	page := func(find func(*http.Request) (*web.Answer, error)) http.HandlerFunc { return s.Page(pages, find) }
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", page(s.start))
	mux.HandleFunc("GET /search", page(s.search))
	mux.HandleFunc("GET /records/{$}", page(s.shelf))
	mux.HandleFunc("GET /records/{source}/{local...}", page(s.record))
	mux.HandleFunc("GET /sources/{source}", page(s.source))
	mux.HandleFunc("GET /sets/{spec}", page(s.set))
	if s.Finder != nil {
		for i := range lists {
			mux.HandleFunc("GET "+lists[i].Path, s.listing(pages, &lists[i]))
		}
		mux.HandleFunc("GET "+searchFeed, page(s.newest))
		mux.HandleFunc("GET /search/{facet}", page(s.values))
	}
	mux.HandleFunc("GET "+unapiPath, page(s.unapi))
	mux.HandleFunc("GET "+openSearchPath, page(s.openSearch))
	s.handleAPI(mux)
	s.Handle(mux)
	mux.HandleFunc("/", page(func(*http.Request) (*web.Answer, error) { return nil, web.ErrNoPage }))
	return web.Guarded(mux, o.Look.Pictures)
}

// CheckLook says which templates of an installation can't be used, and what to do.
func CheckLook(l web.Look) error {
	s, _ := open(Options{Look: l, Logger: slog.New(slog.DiscardHandler)})
	return s.Broken()
}

// open makes the frame of the pages, and reads their templates.
func open(o Options) (*site, web.Pages) {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	templates, err := fs.Sub(assets, "assets")
	if err != nil {
		panic(err)
	}
	s := &site{Options: o, Frame: web.New(web.Options{
		Name: o.Name, URL: o.URL, Shared: templates, Logger: o.Logger,
		Look: o.Look, Languages: words.All(), Pages: []string{"/", "/search", "/search/", "/records/", "/sources/", "/sets/"},
		Nav: []web.Link{{Path: "/search", Text: "All records"}, {Path: "/#doors", Text: "For programs"}},
		Explain: func(err error) *web.Problem {
			if errors.Is(err, pipeline.ErrNotFound) {
				return errNoRecord
			}
			return nil
		},
	})}
	return s, s.Parse(templates, "start", "search", "found", "values", "record", "collection", "mapping", "tombstone")
}

// OAI returns the base URL of the OAI-PMH endpoint.
func (s *site) OAI() string { return s.Frame.URL + "/oai" }

// setOf is the address of all records of a set through OAI-PMH.
func (s *site) setOf(spec string) string {
	return s.OAI() + "?verb=ListRecords&metadataPrefix=oai_dc&set=" + url.QueryEscape(spec)
}

// title returns the title of a source.
func (s *site) title(source string) string {
	if t := web.Clean(s.Titles[source]); t != "" {
		return t
	}
	return source
}
