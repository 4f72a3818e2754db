package control

import (
	"context"
	"net/http"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// A HarvesterInfo is one walk through a list of those who harvest us, and how it stands.
type HarvesterInfo struct {
	store.Session
	State string  `json:"state"`
	Speed float64 `json:"records_per_second"`
}

// serveHarvesters gives the sessions, the one heard of last first.
func (g *Gateway) serveHarvesters(w http.ResponseWriter, _ *http.Request) {
	sessions, now := g.Harvesters(), time.Now()
	out := make([]HarvesterInfo, len(sessions))
	for i := range sessions {
		s := &sessions[i]
		out[i] = HarvesterInfo{*s, s.State(now), s.Speed()}
	}
	answer(w, out)
}

// Harvesters says who harvests the gateway, the one heard of last first.
func (c *Client) Harvesters(ctx context.Context) (out []HarvesterInfo, err error) {
	return out, c.get(ctx, "/harvesters", nil, &out)
}
