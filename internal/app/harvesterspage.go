package app

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
)

//go:embed harvesters.html
var harvestersHTML string

var harvestersPage = template.Must(template.New("harvesters").Parse(harvestersHTML))

// serveHarvestersPage shows operators who harvests us.
func (g *Gateway) serveHarvestersPage(w http.ResponseWriter, _ *http.Request) {
	all := g.harvesters.list()
	page := make([]*HarvesterInfo, len(all)) // the template calls methods of pointers
	for i := range all {
		page[i] = &all[i]
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
