package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Pending is what waits for a person, and what was decided last.
type Pending struct {
	Waiting []PendingRun       `json:"waiting"`
	Decided []pipeline.Decided `json:"decided"`
}

// A PendingRun is what waits of one source.
type PendingRun struct {
	Source string `json:"source"`
	Live   int64  `json:"live"` // records that it has now
	pipeline.Held
}

// A PendingChange is one record of what waits.
type PendingChange struct {
	Item       int64           `json:"item"`
	Identifier string          `json:"identifier"`
	Deleted    pipeline.Reason `json:"deleted,omitempty"` // why it would be deleted; empty if it would change
	Title      string          `json:"title,omitempty"`   // that it has now
	NewTitle   string          `json:"new_title,omitempty"`
}

const (
	maxDecisions = 100
	pendingPage  = 200
)

func (g *Gateway) servePending(w http.ResponseWriter, r *http.Request) {
	waiting, err := g.waiting(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	decided, err := g.Log.Decisions(r.Context(), maxDecisions)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, Pending{waiting, decided})
}

func (g *Gateway) waiting(ctx context.Context) (out []PendingRun, err error) {
	all, err := g.Log.Status(ctx)
	for i := range all {
		if st := &all[i]; st.Held.Run != 0 {
			out = append(out, PendingRun{st.Source, st.Live, st.Held})
		}
	}
	return out, err
}

// pendingRun finds what waits with the run that a request names.
func (g *Gateway) pendingRun(r *http.Request) (PendingRun, error) {
	run, err := number(r, "run", 0)
	if err != nil {
		return PendingRun{}, err
	}
	all, err := g.waiting(r.Context())
	for _, p := range all {
		if p.Run == run {
			return p, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("nothing waits with run %d: it was decided, or a later harvest has changed it; sheaf pending shows what waits now", run)
	}
	return PendingRun{}, err
}

// servePendingChanges gives a page of what waits with a run.
func (g *Gateway) servePendingChanges(w http.ResponseWriter, r *http.Request) {
	p, err := g.pendingRun(r)
	if err != nil {
		refuse(w, err)
		return
	}
	after, err := number(r, "after", 0)
	if err != nil {
		refuse(w, err)
		return
	}
	held, err := g.Log.HeldChanges(r.Context(), p.Source, after, false, pendingPage)
	if err != nil {
		refuse(w, err)
		return
	}
	out := make([]PendingChange, 0, len(held))
	for i := range held {
		h := &held[i]
		c := PendingChange{Item: h.Item, Identifier: h.Identifier, Deleted: h.Deleted, NewTitle: titleOf(h.DC)}
		if now, err := g.Log.Record(r.Context(), h.Identifier); err == nil {
			c.Title = titleOf(now.DC)
		}
		out = append(out, c)
	}
	answer(w, out)
}

// titleOf is the first title of a Dublin Core record in JSON; empty if it has none.
func titleOf(dc []byte) string {
	var d dublincore.Record
	if len(dc) == 0 || d.UnmarshalJSON(dc) != nil {
		return ""
	}
	for _, v := range d.Values {
		if v.Term == dublincore.Title {
			return v.Text
		}
	}
	return ""
}

// A Verdict is what became of a decision.
type Verdict struct {
	Source string          `json:"source"`
	Held   pipeline.Held   `json:"held"`   // what it was about
	Counts pipeline.Counts `json:"counts"` // what was done at once
	Later  bool            `json:"later"`  // a harvest is under way, at whose end it is done
}

// serveDecide writes down what a person decided, and does it.
func (g *Gateway) serveDecide(w http.ResponseWriter, r *http.Request) {
	p, err := g.pendingRun(r)
	if err != nil {
		refuse(w, err)
		return
	}
	d := pipeline.Decision{Approve: r.FormValue("approve") != "", Who: r.FormValue("who")}
	src, err := g.Source(p.Source)
	if err != nil && d.Approve {
		refuse(w, err)
		return
	}
	if err := g.Log.Decide(r.Context(), p.Source, p.Run, d); err != nil {
		refuse(w, err)
		return
	}
	g.Logger.Info("a person has decided about what waited", "source", p.Source, "run", p.Run, "approved", d.Approve, "who", d.Who,
		"deletions", p.Deletions, "changes", p.Changes)
	what := audit.Refuse
	if d.Approve {
		what = audit.Approve
	}
	g.note(r, audit.Entry{What: what, Source: p.Source, Run: p.Run, More: fmt.Sprintf("%d deletions, %d changes", p.Deletions, p.Changes)})
	v := Verdict{Source: p.Source, Held: p.Held}
	if d.Approve {
		report, err := g.Scheduler.Harvest(r.Context(), src, pipeline.Order{Settle: true, By: pipeline.ByPerson})
		switch {
		case errors.Is(err, pipeline.ErrRunning):
			v.Later = true
		case err != nil:
			refuse(w, fmt.Errorf("it is approved, and will be done at the end of the next harvest; now it can't be: %w", err))
			return
		default:
			v.Counts = report.Counts
		}
	}
	answer(w, v)
}

// Pending says what waits for a person.
func (c *Client) Pending(ctx context.Context) (p Pending, err error) {
	return p, c.get(ctx, "/pending", nil, &p)
}

// PendingChanges gives some of what waits with a run, behind an item, in order; none if there is no more.
func (c *Client) PendingChanges(ctx context.Context, run, after int64) (out []PendingChange, err error) {
	return out, c.get(ctx, "/pending/changes", url.Values{"run": {strconv.FormatInt(run, 10)}, "after": {strconv.FormatInt(after, 10)}}, &out)
}

// Decide approves or refuses what waits with a run.
func (c *Client) Decide(ctx context.Context, run int64, d pipeline.Decision) (v Verdict, err error) {
	args := url.Values{"run": {strconv.FormatInt(run, 10)}, "who": {d.Who}}
	if d.Approve {
		args.Set("approve", "1")
	}
	return v, c.ask(ctx, http.MethodPost, "/decide", args, &v)
}
