package control

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A HarvestLine is one line of the answer to a harvest: progress and, as the last one, how it ended.
type HarvestLine struct {
	Source string          `json:"source"`
	Counts pipeline.Counts `json:"counts"`
	Total  int             `json:"total,omitempty"` // the source's own estimate of the pass
	Done   bool            `json:"done,omitempty"`
	Joined bool            `json:"joined,omitempty"` // it is about a run that was under way already
	Result string          `json:"result,omitempty"`
	Took   time.Duration   `json:"took,omitempty"`
	Why    string          `json:"why,omitempty"` // why it is incomplete
	// Reconciled is what came of holding the source's list against the log, if the run did that.
	Reconciled *pipeline.Reconciliation `json:"reconciled,omitempty"`
	// Warnings are what a person should see. Error says why the run failed, and Advice what to do about it.
	Warnings []string `json:"warnings,omitempty"`
	Error    string   `json:"error,omitempty"`
	Advice   string   `json:"advice,omitempty"`
}

// serveHarvest runs a source now. The run ends when the client hangs up, because whoever interrupts the command wants
// it to stop; the next run goes on from the last committed page. A run that is under way already is followed to its end,
// and goes on if the client hangs up; what was ordered beyond it is done then.
func (g *Gateway) serveHarvest(w http.ResponseWriter, r *http.Request) {
	src, err := g.Source(r.FormValue("source"))
	if err != nil {
		refuse(w, err)
		return
	}
	o := pipeline.Order{Full: r.FormValue("full") != "", Reconcile: r.FormValue("reconcile") != "", Accept: r.FormValue("accept") != "", By: pipeline.ByPerson}
	if more := beyondUsual(o); more != "" || byPages(r) {
		g.note(r, audit.Entry{What: audit.Harvest, Source: src.Name, More: more})
	}
	news, unfollow := g.Followers.follow(src.Name)
	out := newStream(w)
	joined, ended := make(chan struct{}, 1), make(chan HarvestLine, 1)
	go func() {
		report, err := g.runOrJoin(r.Context(), src, o, joined)
		unfollow()
		ended <- lastLine(src.Name, report, err)
	}()
	for open := true; open; {
		select {
		case <-joined:
			out.send(HarvestLine{Source: src.Name, Joined: true})
		case line, more := <-news:
			if open = more; more {
				out.send(line)
			}
		}
	}
	out.send(<-ended)
}

// beyondUsual says what an order asks for beyond a usual harvest.
func beyondUsual(o pipeline.Order) string {
	var out []string
	if o.Full {
		out = append(out, "full")
	}
	if o.Reconcile {
		out = append(out, "reconcile")
	}
	if o.Accept {
		out = append(out, "accept")
	}
	return strings.Join(out, ", ")
}

// runOrJoin runs a source, or waits for the run that is under way, which is told once. An order that asks for more than
// such a run does is carried out after it.
func (g *Gateway) runOrJoin(ctx context.Context, src *pipeline.Source, o pipeline.Order, joined chan<- struct{}) (*pipeline.Report, error) {
	for {
		report, err := g.Scheduler.Harvest(ctx, src, o)
		if !errors.Is(err, pipeline.ErrRunning) {
			return report, err
		}
		select {
		case joined <- struct{}{}:
		default:
		}
		report, met, err := g.Scheduler.Join(ctx, src.Name)
		if met && (!o.Full && !o.Reconcile && !o.Accept || ctx.Err() != nil) {
			return report, err
		}
	}
}

// lastLine says how a run ended.
func lastLine(source string, report *pipeline.Report, err error) HarvestLine {
	line := HarvestLine{Source: source, Done: true, Result: pipeline.Failed}
	if report != nil {
		line.Counts, line.Result, line.Took, line.Warnings, line.Why = report.Counts, report.Result, report.Took, report.Warnings, report.Why
		line.Reconciled = report.Reconciled
	}
	if err != nil {
		line.Error, line.Advice = err.Error(), pipeline.Advice(err)
	}
	return line
}

// Harvest runs a source and calls progress for each line of news, the last one with Done set.
func (c *Client) Harvest(ctx context.Context, source string, o pipeline.Order, progress func(*HarvestLine) error) error {
	args := url.Values{"source": {source}}
	if o.Full {
		args.Set("full", "1")
	}
	if o.Reconcile {
		args.Set("reconcile", "1")
	}
	if o.Accept {
		args.Set("accept", "1")
	}
	return lines(ctx, c, http.MethodPost, "/harvest", args, progress)
}
