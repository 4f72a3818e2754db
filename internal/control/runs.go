package control

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// maxRuns bounds how many runs are answered at once.
const maxRuns = 1000

// serveRuns answers with the last runs of a source, or of all.
func (g *Gateway) serveRuns(w http.ResponseWriter, r *http.Request) {
	limit, err := number(r, "limit", 20)
	if err != nil {
		refuse(w, err)
		return
	}
	runs, err := g.Log.Runs(r.Context(), r.FormValue("source"), int(min(limit, maxRuns)))
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, runs)
}

// Runs gives the last runs of a source, or of all, the newest first.
func (c *Client) Runs(ctx context.Context, source string, limit int) (runs []store.PastRun, err error) {
	return runs, c.get(ctx, "/runs", url.Values{"source": {source}, "limit": {strconv.Itoa(limit)}}, &runs)
}
