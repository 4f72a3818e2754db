// Package web is the pages for people: a start page, a plain list of the records, and a page for
// each of them.
//
// The pages are read from a Library and keep nothing. They work without scripts; a URL holds the
// whole state of a page. All that a source sent is text here: it is escaped, bounded, and never
// taken for markup or for a script; addresses in it become links only if they are http or https.
package web

import (
	"context"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Library is the log as the pages read it.
type Library interface {
	// Namespace is the domain in every identifier.
	Namespace() string

	// Holdings says what the log has of each source, in order of their names.
	Holdings(ctx context.Context) ([]pipeline.Holding, error)

	// Browse gives up to limit live records of a source (of all, if it is empty): upwards those after
	// a seq in seq order, downwards those before it in the opposite order. It may give fewer than
	// there are, if they are large, but not none.
	Browse(ctx context.Context, source string, from int64, down bool, limit int) (pipeline.Stretch, error)

	// Record gives one record with its original, by its identifier or an alias of it. An error that
	// is pipeline.ErrNotFound if there is none.
	Record(ctx context.Context, identifier string) (*pipeline.Record, error)
}

// Options say what the pages are of.
type Options struct {
	// Name is what the gateway is called.
	Name string
	// URL is the public root as the world sees it, without a slash at the end. If it has a path,
	// something in front of the gateway takes that away from each request.
	URL string
	// Titles are what the configured sources are called, by their names; a title may be empty.
	Titles map[string]string
	// Events is the address of the event broker, for people; empty if there is none.
	Events  string
	Library Library
	Logger  *slog.Logger // slog.Default if nil
}

//go:embed assets
var assets embed.FS

// site is the handler's state: what does not change between requests.
type site struct {
	Options
	Root  string // path of URL, escaped
	pages map[string]*template.Template
	files map[string]file
}

// New makes the handler of the public pages. It answers /, /search, /records/<source>/<local> and
// the few files that these use, to GET and HEAD only. It panics if its own templates are broken.
func New(o Options) http.Handler {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	o.Name = clean(o.Name)
	o.URL = strings.TrimSuffix(o.URL, "/")
	s := &site{Options: o, files: readFiles("style.css", "icon.svg")}
	if u, err := url.Parse(o.URL); err == nil {
		s.Root = u.EscapedPath()
	}
	s.pages = s.parse("start", "search", "record", "tombstone", "message")

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page(s.start))
	mux.HandleFunc("GET /search", s.page(s.search))
	mux.HandleFunc("GET /records/{$}", s.page(s.shelf))
	mux.HandleFunc("GET /records/{source}/{local...}", s.page(s.record))
	mux.HandleFunc("GET /style.css", s.file)
	mux.HandleFunc("GET /icon.svg", s.file)
	mux.HandleFunc("/", s.page(func(*http.Request) (*answer, error) { return nil, errNoPage }))
	return guarded(mux)
}

// OAI is the base URL of the OAI-PMH endpoint.
func (s *site) OAI() string { return s.URL + "/oai" }

// title is what a source is called.
func (s *site) title(source string) string {
	if t := clean(s.Titles[source]); t != "" {
		return t
	}
	return source
}
