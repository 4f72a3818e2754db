// Package feed hands the log on over HTTP, to services that follow it without a broker: /changes gives what has changed
// behind a place, line by line, and waits for more; /dump has everything in files, for those who begin.
//
// /changes keeps nothing. A line is a change as package changejson writes it, a place is a [pipeline.Cursor], and each
// piece of an answer is read in a snapshot of its own, which is over before the piece is written. So a reader that is
// slow, or gone, holds nothing.
package feed

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// SchemaPath is where the JSON Schema of a line is.
const SchemaPath = "/schemas/record-change.v1.json"

// Options are what a Door needs.
type Options struct {
	// URL is the public root of the gateway, without a slash at the end.
	URL    string
	Log    pipeline.Feed
	Limits Limits
	Dumps  *Dumps
	// MakesDumps says whether there will be a dump if there is none; nil: there won't.
	MakesDumps func() bool
	Logger     *slog.Logger // slog.Default if nil
}

// Limits hold clients to their budgets, as [limit.Limiter] does.
type Limits interface {
	// Turn waits until the machine has room for what a request costs next. The turn ends when something is written.
	Turn(r *http.Request) error
	// Rest runs wait, and meanwhile does not count the request among those that are answered.
	Rest(r *http.Request, wait func())
	// Served charges records to the client.
	Served(r *http.Request, records int)
}

// A Door answers /changes and /dump.
type Door struct {
	o      Options
	enc    changejson.Encoder
	closed chan struct{}
	close  sync.Once
	// removals counts what was taken down since the door was opened.
	removals atomic.Int64
}

// New opens the door.
func New(o Options) *Door {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.MakesDumps == nil {
		o.MakesDumps = func() bool { return false }
	}
	o.URL = strings.TrimSuffix(o.URL, "/")
	return &Door{o: o, enc: changejson.NewEncoder(o.URL), closed: make(chan struct{})}
}

// Close ends the answers that wait for changes, and lets the others come to an end. It does not wait for them.
func (d *Door) Close() { d.close.Do(func() { close(d.closed) }) }

// Removed says that a record was taken down. What was read of the log before is not shown any more.
func (d *Door) Removed() { d.removals.Add(1) }

// Handler answers /changes and /dump, and the address of the schema.
func (d *Door) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /changes", d.serveChanges)
	mux.HandleFunc("OPTIONS /", allow)
	mux.HandleFunc("GET "+SchemaPath, serveSchema)
	mux.HandleFunc("GET /dump", d.serveManifest)
	mux.HandleFunc("GET /dump/{dump}/{part}", d.servePart)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", "GET, HEAD, OPTIONS")
		(&problem{Status: http.StatusMethodNotAllowed, Title: "The feed can only be read", Detail: "Use GET or HEAD."}).write(w)
	})
	return fromAnywhere(mux)
}

// fromAnywhere lets the scripts of any web page read: there is nothing here that is not public.
func fromAnywhere(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Expose-Headers", "Link, Retry-After, ETag, Content-Range, Accept-Ranges")
		h.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// allow answers what a browser asks before a script may send a header of its own.
func allow(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, HEAD")
	h.Set("Access-Control-Allow-Headers", "Accept, Last-Event-ID, Range, If-Range, If-None-Match")
	h.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}

func serveSchema(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/schema+json")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	if r.Method != http.MethodHead {
		_, _ = w.Write(changejson.Schema()) // the client may have gone
	}
}

// over says whether an answer should come to its end: the client has gone, or the gateway stops.
func (d *Door) over(ctx context.Context) bool {
	select {
	case <-ctx.Done():
	case <-d.closed:
	default:
		return false
	}
	return true
}
