package control

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// quarantinePage is how many rejected items are given at once.
const quarantinePage = 1000

func (g *Gateway) serveQuarantine(w http.ResponseWriter, r *http.Request) {
	after, err := number(r, "after", 0)
	if err != nil {
		refuse(w, err)
		return
	}
	limit, err := number(r, "limit", quarantinePage)
	if err != nil {
		refuse(w, err)
		return
	}
	items, err := g.Log.Quarantine(r.Context(), r.FormValue("source"), after, int(min(limit, quarantinePage)))
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, items)
}

// Quarantine gives up to limit (at most 1,000) rejected items of a source, or of all, whose number is
// larger than after, in order of their numbers.
func (c *Client) Quarantine(ctx context.Context, source string, after int64, limit int) (out []store.Quarantined, err error) {
	return out, c.get(ctx, "/quarantine", url.Values{
		"source": {source}, "after": {strconv.FormatInt(after, 10)}, "limit": {strconv.Itoa(limit)},
	}, &out)
}
