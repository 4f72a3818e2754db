// Package syndication tells programs that other people wrote what there is and what is new: feed readers by /feed.atom,
// those who follow entities by /activity, harvesters of ResourceSync by
// /.well-known/resourcesync, search engines by /robots.txt and /sitemap.xml.
//
// Each of them reads the log in small pieces, and keeps nothing.
package syndication

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Log is what the doors need of the log.
type Log interface {
	Head(ctx context.Context) (pipeline.Head, error)
	Changes(ctx context.Context, w pipeline.Wanted) (pipeline.Changes, error)
	// Entries gives live records whose numbers are above after and not above upto, in the order of the numbers, and the
	// newest number that there is, with the oai_dc of each if that is wanted.
	Entries(ctx context.Context, after, upto int64, limit int, oaiDC bool) ([]pipeline.Entry, int64, error)
}

// Limits hold clients to their budgets, as [limit.Limiter] does.
type Limits interface {
	// Turn waits until the machine has room for what a request costs next. The turn ends when something is written.
	Turn(r *http.Request) error
	// Served charges records to the client.
	Served(r *http.Request, records int)
}

// Options are what a Door needs.
type Options struct {
	Name string // of the gateway
	// URL is the public root as the world sees it, without a slash at the end.
	URL    string
	Titles map[string]string // of the sources, by their names
	Log    Log
	Limits Limits
	Logger *slog.Logger // slog.Default if nil
}

// A Door answers what [Paths] names.
type Door struct {
	Options
	partSize int64 // numbers of records in a part of the sitemap
	opened   int64 // when, in seconds since 1970: what the gateway is called may have changed then
}

// Paths are the patterns of what a door answers.
var Paths = []string{feedPath, activityPath, activityPagePath, sitemapPath, partsPath, robotsPath, wellKnownPath, resourcesPath}

const (
	feedPath    = "/feed.atom"
	sitemapPath = "/sitemap.xml"
	partsPath   = "/sitemaps/"
	robotsPath  = "/robots.txt"
)

// New opens the doors.
func New(o Options) *Door {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	o.URL = strings.TrimSuffix(o.URL, "/")
	return &Door{o, partSize, time.Now().Unix()}
}

// Handler answers what [Paths] names, to GET and HEAD only.
func (d *Door) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+feedPath, d.answer(d.feed))
	mux.HandleFunc("GET "+activityPath, d.answer(d.activities))
	mux.HandleFunc("GET "+activityPagePath, d.answer(d.activityPage))
	mux.HandleFunc("GET "+sitemapPath, d.answer(d.sitemap))
	mux.HandleFunc("GET "+partsPath+"{part}", d.answer(d.part))
	mux.HandleFunc("GET "+sourceMapsPath+"{source}", d.answer(d.listMap))
	mux.HandleFunc("GET "+sourceMapsPath+"{source}/{part}", d.answer(d.listPart))
	mux.HandleFunc("GET "+setMapsPath+"{set}", d.answer(d.listMap))
	mux.HandleFunc("GET "+setMapsPath+"{set}/{part}", d.answer(d.listPart))
	mux.HandleFunc("GET "+robotsPath, d.robots)
	mux.HandleFunc("GET "+wellKnownPath, d.answer(d.describe))
	mux.HandleFunc("GET "+capabilityListPath, d.answer(d.capabilities))
	mux.HandleFunc("GET "+resourceListPath, d.answer(d.resourceList))
	mux.HandleFunc("GET "+resourcePartsPath+"{part}", d.answer(d.resourcePart))
	mux.HandleFunc("GET "+resourceDumpPath, d.answer(d.resourceDump))
	mux.HandleFunc("GET "+packagesPath+"{part}", d.answer(d.resourcePackage))
	mux.HandleFunc("GET "+changeListPath, d.answer(d.changeList))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "This can only be read. Use GET or HEAD.", http.StatusMethodNotAllowed)
			return
		}
		http.NotFound(w, r)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Access-Control-Allow-Origin", "*") // there is nothing here that is not public
		mux.ServeHTTP(w, r)
	})
}

// patience bounds what an answer reads at once.
const patience = time.Minute

// A refusal is an answer that says what is wrong with the request.
type refusal struct {
	status int
	text   string
}

func (e *refusal) Error() string { return e.text }

// answer lets a handler say by an error that it could not answer. Nothing is written then.
func (d *Door) answer(serve func(context.Context, http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		err := d.Limits.Turn(r)
		if err == nil {
			err = serve(ctx, w, r)
		}
		var wrong *refusal
		switch {
		case err == nil || r.Context().Err() != nil:
		case errors.Is(err, pipeline.ErrLost):
			http.Error(w, "The log was put back to an earlier state, and what stood at this place is lost. Begin again without a place.", http.StatusGone)
		case errors.As(err, &wrong):
			http.Error(w, wrong.text, wrong.status)
		default:
			if ctx.Err() == nil {
				d.Logger.Warn("an answer was not written", "path", r.URL.Path, "err", err)
			}
			w.Header().Set("Retry-After", "10")
			http.Error(w, "The gateway is busy. Try again in a moment.", http.StatusServiceUnavailable)
		}
	}
}

// unchanged says that the client has an answer already: neither the log nor the gateway has changed since. It gives the
// head of the log.
func (d *Door) unchanged(ctx context.Context, w http.ResponseWriter, r *http.Request) (head pipeline.Head, had bool, err error) {
	if head, err = d.Log.Head(ctx); err != nil {
		return head, false, err
	}
	h, tag := w.Header(), fmt.Sprintf(`W/"%s-%x"`, head.Cursor, d.opened)
	h.Set("ETag", tag)
	h.Set("Cache-Control", "no-cache") // it is asked each time whether there is news
	for known := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if known = strings.TrimSpace(known); known == tag || known == "*" {
			w.WriteHeader(http.StatusNotModified)
			return head, true, nil
		}
	}
	return head, false, nil
}

// send sends a whole answer. The client may have gone meanwhile.
func send(w http.ResponseWriter, r *http.Request, body []byte) {
	_, _ = w.Write(web.Gzipped(w.Header(), r, body))
}

// robots says what programs that follow links may fetch: records and their lists, but not the doors for those who take
// all there is.
func (d *Door) robots(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	fmt.Fprintf(w, "User-agent: *\nDisallow: /changes\nDisallow: /dump\nDisallow: /activity\nDisallow: /feed.atom?\nDisallow: /search\nDisallow: /api/\n\nSitemap: %s%s\n", d.URL, sitemapPath)
}
