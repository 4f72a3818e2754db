// Package ops is what operators see of a gateway, on a listener of its own: metrics, health, readiness, profiling, and
// the pages for people.
//
// A door (door.go) lets in those who may see it. What programs read is plain text; what people read stands in the
// frame of all pages ([web.Frame]). A new page is a template in assets, a function that finds what to show, and a row
// in the routes of [New].
package ops

import (
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/web"
)

//go:embed assets
var assets embed.FS

// Options are what operators see.
type Options struct {
	Name, Version string
	Listen        *config.Listen // who may see it
	Metrics       http.Handler
	Checks        []Check
	// Harvesters returns the walks of those who harvest us, the one that was heard of last first.
	Harvesters func() []store.Session
	// Push takes what systems send; nil if none may. It lets in those who have a token of its own.
	Push   http.Handler
	Logger *slog.Logger
}

// ops is the handler's state.
type ops struct {
	Options
	door door
}

// New makes the handler of the ops listener. It panics if its own templates are broken.
func New(o Options) http.Handler {
	s := &ops{o, door{o.Listen}}
	frame := web.New(web.Options{
		Name: o.Name, Logger: o.Logger, Private: true,
		Nav: []web.Link{{Path: "/harvesters", Text: "Harvesters"}, {Path: "/readyz", Text: "Readiness"}, {Path: "/metrics", Text: "Metrics"}},
	})
	templates, err := fs.Sub(assets, "assets")
	if err != nil {
		panic(err)
	}
	pages := frame.Parse(templates, "harvesters")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.index)
	mux.Handle("GET /metrics", o.Metrics)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /harvesters", web.Guarded(frame.Page(pages, s.harvesters)))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	frame.Handle(mux)
	if o.Push == nil {
		return s.door.guard(mux)
	}
	return s.beside(o.Push, s.door.guard(mux))
}

// beside answers addresses of pushes apart from the others: the token of an operator is none that may push, and the other
// way round. A mux would clean their paths, which hold identifiers. What a page of the web makes a browser send is refused.
func (s *ops) beside(push, others http.Handler) http.Handler {
	push = http.NewCrossOriginProtection().Handler(push)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, intakePrefix) {
			push.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	})
}

// intakePrefix is where the addresses of pushes begin.
const intakePrefix = "/push/"

// index lists the addresses of this listener.
func (s *ops) index(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, "Sheaf %s: %s\n\n/metrics\n/healthz\n/readyz\n/harvesters\n/debug/pprof/\n", s.Version, s.Name)
}
