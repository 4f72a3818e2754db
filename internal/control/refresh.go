package control

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// MaxRefresh is how many records can be sent again at once.
const MaxRefresh = 1000

// A RefreshInfo says what became of the records that were asked for.
type RefreshInfo struct {
	Sent    []string `json:"sent"`              // their identifiers in the log
	Missing []string `json:"missing,omitempty"` // those that the log doesn't have
}

// serveRefresh sends the present state of records to the stream of notices.
func (g *Gateway) serveRefresh(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		refuse(w, err)
		return
	}
	out, asked := RefreshInfo{Sent: []string{}}, time.Now()
	head, err := g.Log.Head(r.Context())
	for _, id := range r.Form["id"] {
		if err != nil {
			break
		}
		var record *pipeline.Record
		record, err = g.Log.Record(r.Context(), g.named(r.Context(), id))
		switch {
		case errors.Is(err, pipeline.ErrNotFound):
			out.Missing, err = append(out.Missing, id), nil
		case err == nil:
			event := pipeline.Event{Record: *record, Epoch: head.Epoch}
			if source := pipeline.SourceIn(event.Identifier); source != "" {
				event.Source = source // a rename moves no subject
			}
			if err = g.Refresh(r.Context(), &event, asked); err == nil {
				out.Sent = append(out.Sent, event.Identifier)
			}
		}
	}
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, out)
}

// Refresh sends the present state of records, at most [MaxRefresh], to those who listen to the stream of notices.
func (c *Client) Refresh(ctx context.Context, ids []string) (out RefreshInfo, err error) {
	return out, c.ask(ctx, http.MethodPost, "/refresh", url.Values{"id": ids}, &out)
}
