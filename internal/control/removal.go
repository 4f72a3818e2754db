package control

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// suppressedPage is how many suppressions are given at once.
const suppressedPage = 500

// serveRemove takes a record down, or withdraws it, because a person says so.
func (g *Gateway) serveRemove(w http.ResponseWriter, r *http.Request) {
	removal := pipeline.Removal{
		Identifier: g.named(r.Context(), r.FormValue("id")), Final: r.FormValue("final") != "", Reason: r.FormValue("reason"), Who: r.FormValue("who"),
	}
	s, err := g.Log.Remove(r.Context(), removal)
	if err != nil {
		refuse(w, err)
		return
	}
	g.Logger.Info("a person has removed a record", "record", s.Identifier, "for_good", s.Final, "who", s.Who, "reason", s.Reason)
	what := audit.Withdraw
	if s.Final {
		what = audit.Takedown
	}
	g.note(r, audit.Entry{What: what, Source: s.Source, Record: s.Identifier, Reason: s.Reason})
	if err := g.Removed(r.Context(), &s); err != nil {
		refuse(w, err)
		return
	}
	if s.Source != "" {
		g.Surveys.Outdated(r.Context(), s.Source)
	}
	answer(w, s)
}

// serveReadmit lets a record come back that was withdrawn, as its source's present rules make it.
func (g *Gateway) serveReadmit(w http.ResponseWriter, r *http.Request) {
	rec, err := g.Log.Record(r.Context(), g.named(r.Context(), r.FormValue("id")))
	if err != nil {
		refuse(w, err)
		return
	}
	if rec.Deleted != pipeline.Withdrawn {
		refuse(w, fmt.Errorf("%s: %w; sheaf show says how it stands", rec.Identifier, pipeline.ErrNotWithdrawn))
		return
	}
	src, err := g.Source(rec.Source)
	if err != nil {
		refuse(w, err)
		return
	}
	change, err := pipeline.Anew(src, rec)
	if err == nil {
		err = g.Log.Readmit(r.Context(), change)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	g.Logger.Info("a person has let a record come back", "record", rec.Identifier, "who", r.FormValue("who"))
	g.note(r, audit.Entry{What: audit.Readmit, Source: rec.Source, Record: rec.Identifier})
	g.Surveys.Outdated(r.Context(), rec.Source)
	answer(w, struct{}{})
}

func (g *Gateway) serveSuppressed(w http.ResponseWriter, r *http.Request) {
	all, err := g.Log.Suppressed(r.Context(), r.FormValue("after"), suppressedPage)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, all)
}

// Remove takes a record down for good, or withdraws it.
func (c *Client) Remove(ctx context.Context, r pipeline.Removal) (s pipeline.Suppression, err error) {
	args := url.Values{"id": {r.Identifier}, "reason": {r.Reason}, "who": {r.Who}}
	if r.Final {
		args.Set("final", "1")
	}
	return s, c.ask(ctx, http.MethodPost, "/remove", args, &s)
}

// Readmit lets a record come back that was withdrawn.
func (c *Client) Readmit(ctx context.Context, identifier, who string) error {
	return c.ask(ctx, http.MethodPost, "/readmit", url.Values{"id": {identifier}, "who": {who}}, &struct{}{})
}

// Suppressed gives some of what is kept out, behind an identifier, in order of the identifiers; none if there is no more.
func (c *Client) Suppressed(ctx context.Context, after string) (out []pipeline.Suppression, err error) {
	return out, c.get(ctx, "/suppressed", url.Values{"after": {after}}, &out)
}
