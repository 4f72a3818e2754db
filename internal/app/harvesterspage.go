package app

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

//go:embed harvesters.html
var harvestersHTML string

var harvestersPage = template.Must(template.New("harvesters").Parse(harvestersHTML))

// serveHarvestersPage shows operators who harvests us.
func (g *Gateway) serveHarvestersPage(w http.ResponseWriter, _ *http.Request) {
	type walk struct {
		*store.Session
		State string
	}
	all, now := g.harvesters.Sessions(), time.Now()
	page := make([]walk, len(all))
	for i := range all {
		page[i] = walk{&all[i], all[i].State(now)}
	}
	var b bytes.Buffer
	if err := harvestersPage.Execute(&b, map[string]any{"Name": g.Config.Gateway.Name, "All": page}); err != nil {
		g.logger.Error("a page could not be made", "page", "harvesters", "err", err)
		http.Error(w, "This page could not be made; the log says why.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	_, _ = b.WriteTo(w) // the reader may have gone
}
