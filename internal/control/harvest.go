package control

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A HarvestLine is one line of the answer to a harvest: progress and, as the last one, how it ended.
type HarvestLine struct {
	Source string          `json:"source"`
	Counts pipeline.Counts `json:"counts"`
	Total  int             `json:"total,omitempty"` // the source's own estimate of the pass
	Done   bool            `json:"done,omitempty"`
	Result string          `json:"result,omitempty"`
	Took   time.Duration   `json:"took,omitempty"`
	Why    string          `json:"why,omitempty"` // why it is incomplete
	// Warnings are what a person should see. Error says why the run failed, and Advice what to do about it.
	Warnings []string `json:"warnings,omitempty"`
	Error    string   `json:"error,omitempty"`
	Advice   string   `json:"advice,omitempty"`
}

// serveHarvest runs a source now. The run ends when the client hangs up, because whoever interrupts the command wants
// it to stop; the next run goes on from the last committed page.
func (g *Gateway) serveHarvest(w http.ResponseWriter, r *http.Request) {
	src, err := g.Source(r.FormValue("source"))
	if err != nil {
		refuse(w, err)
		return
	}
	news, unfollow := g.Followers.follow(src.Name)
	ended := make(chan HarvestLine, 1)
	go func() {
		report, err := g.Scheduler.Harvest(r.Context(), src, pipeline.Order{Full: r.FormValue("full") != "", Accept: r.FormValue("accept") != ""})
		unfollow()
		ended <- lastLine(src.Name, report, err)
	}()
	out := newStream(w)
	for line := range news {
		out.send(line)
	}
	out.send(<-ended)
}

// lastLine says how a run ended.
func lastLine(source string, report *pipeline.Report, err error) HarvestLine {
	line := HarvestLine{Source: source, Done: true, Result: pipeline.Failed}
	if report != nil {
		line.Counts, line.Result, line.Took, line.Warnings, line.Why = report.Counts, report.Result, report.Took, report.Warnings, report.Why
	}
	if err != nil {
		line.Error = err.Error()
		var remote *harvest.Error
		if errors.As(err, &remote) {
			line.Advice = remote.Sentence()
		}
	}
	return line
}

// Harvest runs a source and calls progress for each line of news, the last one with Done set.
func (c *Client) Harvest(ctx context.Context, source string, o pipeline.Order, progress func(*HarvestLine) error) error {
	args := url.Values{"source": {source}}
	if o.Full {
		args.Set("full", "1")
	}
	if o.Accept {
		args.Set("accept", "1")
	}
	return lines(ctx, c, http.MethodPost, "/harvest", args, progress)
}
