package app

import (
	"context"
	"fmt"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// opsRoutes are what operators need, on a listener of their own.
func (g *Gateway) opsRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", g.serveOps)
	mux.Handle("GET /metrics", promhttp.HandlerFor(g.Registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", g.serveReady)
	mux.HandleFunc("GET /harvesters", g.serveHarvestersPage)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

func (g *Gateway) serveOps(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, "Sheaf %s: %s\n\n/metrics\n/healthz\n/readyz\n/harvesters\n/debug/pprof/\n", g.version, g.Config.Gateway.Name)
}

// readyTime bounds what a readiness check may take.
const readyTime = 3 * time.Second

// serveReady says, a line each, whether the gateway does all that it should: 200 if it does, else 503.
func (g *Gateway) serveReady(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTime)
	defer cancel()
	_, logErr := g.Store.Head(ctx)
	checks := []struct {
		name string
		err  error
	}{{"log", logErr}, {"clock", g.Store.Trouble()}, {"events", g.eventsTrouble()}}
	status, body := http.StatusOK, ""
	for _, c := range checks {
		if c.err != nil {
			status = http.StatusServiceUnavailable
			body += fmt.Sprintf("%s: %v\n", c.name, c.err)
		} else {
			body += c.name + ": ok\n"
		}
	}
	if !g.knowsToken(r) {
		body = http.StatusText(status) + "\n" // the reasons are for operators
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprint(w, body)
}
