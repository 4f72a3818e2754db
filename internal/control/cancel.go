package control

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// serveCancel ends the run of a source that is under way, and answers how it ended.
func (g *Gateway) serveCancel(w http.ResponseWriter, r *http.Request) {
	src, err := g.Source(r.FormValue("source"))
	if err != nil {
		refuse(w, err)
		return
	}
	who, why := r.FormValue("who"), ""
	if reason := r.FormValue("reason"); reason != "" {
		why = ": " + reason
	}
	report, err := g.Scheduler.Cancel(r.Context(), src.Name, fmt.Errorf("the harvest of %s was cancelled by %s%s; %w", src.Name, who, why, pipeline.ErrCancelled))
	if err == nil && report == nil {
		err = g.notHere(r.Context(), src)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	g.Logger.Info("a person has cancelled a harvest", "source", src.Name, "who", who, "reason", r.FormValue("reason"))
	g.note(r, audit.Entry{What: audit.Cancel, Source: src.Name, Reason: r.FormValue("reason")})
	answer(w, lastLine(src.Name, report, nil))
}

// notHere says why there is no run of a source that could be cancelled: none is under way, or another gateway on the log has it.
func (g *Gateway) notHere(ctx context.Context, src *pipeline.Source) error {
	place, err := g.holder(ctx, store.HostLease+src.Shared())
	if err != nil {
		return err
	}
	if place != "" {
		return fmt.Errorf("it is the gateway at %s that harvests %s; cancel it there, or sheaf pause %s stops it from here", place, src.Name, src.Name)
	}
	return fmt.Errorf("no harvest of %s is under way; sheaf status says how it stands, and sheaf pause %s keeps it from being harvested", src.Name, src.Name)
}

// Cancel ends the run of a source that is under way, and gives how it ended.
func (c *Client) Cancel(ctx context.Context, source, who, reason string) (ended HarvestLine, err error) {
	return ended, c.ask(ctx, http.MethodPost, "/cancel", url.Values{"source": {source}, "who": {who}, "reason": {reason}}, &ended)
}
