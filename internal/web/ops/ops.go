// Package ops is what operators see of a gateway, on a listener of its own: metrics, health, readiness, profiling, and
// the pages for people.
//
// A door (door.go) lets in those who may see it. What programs read is plain text; what people read stands in the
// frame of all pages ([web.Frame]). A new page is a template in assets, a function that finds what to show, and a row
// in the routes of [New]. The pages know of the gateway what its commands say: they ask package control, as sheaf
// status and the other commands do.
package ops

import (
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"strings"
	"sync/atomic"

	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/openid"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/web"
)

//go:embed assets
var assets embed.FS

// Options are what operators see.
type Options struct {
	Name, Version string
	Listen        *config.Listen // who may see it
	// Token lets in whoever sends it, as an admin, and TokenFile is where it stands.
	Token, TokenFile string
	Metrics          http.Handler
	Checks           []Check
	// Commands ask the gateway. Config is what is in force.
	Commands *control.Client
	Config   *config.Config
	Surveys  Surveys
	Audit    *audit.Log
	OpenID   *openid.Provider // where people sign in; nil if nowhere
	// Harvesters returns the walks of those who harvest us, the one that was heard of last first.
	Harvesters func() []store.Session
	// Push takes what systems send; nil if none may. It lets in those who have a token of its own.
	Push   http.Handler
	Logger *slog.Logger
	// After is the Door that this one takes the place of, nil if there is none: who has signed in, and what people have asked
	// for, goes on.
	After *Door
}

// ops is the state of the pages.
type ops struct {
	Options
	door    *door
	tasks   *tasks
	started *atomic.Bool // what the gateway starts with was well once
	frame   *web.Frame
	pages   web.Pages
}

// A Door answers on the ops listener.
type Door struct {
	http.Handler
	ops *ops
}

// Close ends what people have asked for on the pages, and waits for it. Harvests go on from their last page next time.
func (d *Door) Close() { d.ops.tasks.close() }

// nav are the pages, in the order in which they are linked.
var nav = []web.Link{
	{Path: "/", Text: "Overview"}, {Path: "/sources", Text: "Sources"}, {Path: "/pending", Text: "Waiting"}, {Path: "/quarantine", Text: "Quarantine"},
	{Path: "/harvesters", Text: "Harvesters"}, {Path: "/consumers", Text: "Events"}, {Path: "/quality", Text: "Quality"},
	{Path: workbenchPath, Text: "Workbench"}, {Path: "/records", Text: "Records"}, {Path: "/actions", Text: "Actions"}, {Path: "/audit", Text: "Audit"}, {Path: "/configuration", Text: "Configuration"},
}

// New makes the handler of the ops listener, which must be closed, if no other one takes its place. It panics if its own templates are broken.
func New(o Options) *Door {
	templates, err := fs.Sub(assets, "assets")
	if err != nil {
		panic(err)
	}
	s := &ops{Options: o, door: newDoor(o.Listen, o.Token)}
	if o.After != nil {
		before := o.After.ops
		s.tasks, s.started, s.After = before.tasks, before.started, nil
		s.door.sessions, s.door.tries, s.door.forms = before.door.sessions, before.door.tries, before.door.forms
	} else {
		s.tasks, s.started = newTasks(), new(atomic.Bool)
	}
	s.frame = web.New(web.Options{Name: o.Name, Logger: o.Logger, Private: true, Nav: nav, Funcs: words, Shared: templates})
	s.pages = s.frame.Parse(templates, "overview", "sources", "source", "run", "quarantine", "quarantined", "pending", "held",
		"harvesters", "consumers", "qualities", "quality", "configuration", "benches", "bench", "signin", "signedin", "actions", "audit", "records")
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", o.Metrics)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.HandleFunc("GET /startupz", s.startup)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.Handle("GET /{$}", s.page(s.overview))
	mux.Handle("GET /sources", s.page(s.sources))
	mux.Handle("GET /sources/{source}", s.page(s.source))
	mux.Handle("GET /sources/{source}/runs/{run}", s.page(s.run))
	mux.Handle("GET /pending", s.page(s.waiting))
	mux.Handle("GET /pending/{run}", s.page(s.held))
	mux.Handle("GET /quarantine", s.page(s.quarantine))
	mux.Handle("GET /quarantine/{item}", s.page(s.quarantined))
	mux.Handle("GET /quarantine/{item}/bytes", protected(http.HandlerFunc(s.bytes)))
	mux.Handle("GET /harvesters", s.page(s.harvesters))
	mux.Handle("GET /consumers", s.page(s.consumers))
	mux.Handle("GET /quality", s.page(s.qualities))
	mux.Handle("GET /quality/{source}", s.page(s.quality))
	mux.HandleFunc("POST /quality/{source}/report", s.report)
	mux.Handle("GET /configuration", s.page(s.configuration))
	mux.Handle("GET "+workbenchPath, s.page(s.benches))
	mux.Handle("GET "+workbenchPath+"/{source}", s.page(s.bench))
	mux.HandleFunc("POST "+workbenchPath+"/{source}", s.try)
	mux.Handle("GET /records", s.page(s.records))
	mux.Handle("GET /actions", s.page(s.actions))
	mux.Handle("GET /audit", s.page(s.audited))
	mux.Handle("GET "+signInPath, s.page(s.signInPage))
	mux.HandleFunc("POST "+signInPath, s.signIn)
	if o.OpenID != nil {
		mux.HandleFunc("GET "+oidcPath, s.toProvider)
		mux.HandleFunc("GET "+callbackPath, s.fromProvider)
	}
	mux.HandleFunc("POST "+signOutPath, s.signOut)
	mux.HandleFunc("POST /do/{action}", s.act)
	mux.Handle("GET /", s.page(nothing))
	s.frame.Handle(mux)
	guarded := s.door.guard(mux, s.page(s.mustSignIn))
	if o.Push != nil {
		guarded = s.beside(o.Push, guarded)
	}
	return &Door{guarded, s}
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
