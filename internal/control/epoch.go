package control

import (
	"context"
	"net/http"
	"net/url"

	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// serveEpoch begins a new epoch because a person says so, and with take_over makes the event stream this log's.
func (g *Gateway) serveEpoch(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("take_over") != "" {
		if err := g.Log.TakeOver(r.Context()); err != nil {
			refuse(w, err)
			return
		}
	}
	if err := g.Log.BeginEpoch(r.Context(), "somebody has asked for it"); err != nil {
		refuse(w, err)
		return
	}
	head, err := g.Log.Head(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	g.note(r, audit.Entry{What: audit.Epoch, More: "it begins at " + head.Cursor.String()})
	answer(w, head)
}

// Epoch begins a new epoch of the log. takeOver also makes the event stream this log's, whoever made it.
func (c *Client) Epoch(ctx context.Context, takeOver bool) (head pipeline.Head, err error) {
	args := url.Values{}
	if takeOver {
		args.Set("take_over", "yes")
	}
	return head, c.ask(ctx, http.MethodPost, "/epoch", args, &head)
}
