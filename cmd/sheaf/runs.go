package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

type runsCmd struct {
	Source string `arg:"" optional:"" help:"The name of a source. Default: all."`
	Limit  int    `default:"20" placeholder:"N" help:"How many runs to list (20)."`
	JSON   bool   `help:"Print JSON."`
}

func (runsCmd) Help() string {
	return `Lists the last harvests, the newest first: what came of each, what was asked of the source's host and how it was answered, why items were rejected, who asked for the harvest (schedule or person), and of those that failed why, and what to do. How many of each source are kept, and for how long, is set by keep.runs: 100, and a year.

The results are ` + strings.Join(pipeline.Results, ", ") + "."
}

func (runsCmd) Examples() []string {
	return []string{"sheaf runs letters", "sheaf runs --limit 100 --json"}
}

func (c *runsCmd) Run(e *env) error {
	if c.Limit < 1 {
		return usagef("--limit %d: at least 1 run must be listed", c.Limit)
	}
	return e.with(func(ctx context.Context, client *control.Client) error {
		runs, err := client.Runs(ctx, c.Source, c.Limit)
		switch {
		case err != nil:
			return err
		case c.JSON:
			return printJSON(e.stdout, runsJSON(runs))
		case len(runs) == 0:
			fmt.Fprintln(e.stdout, "Nothing was harvested yet; sheaf sources lists the sources, and sheaf harvest harvests one.")
			return nil
		}
		return c.list(e.stdout, runs)
	})
}

func (c *runsCmd) list(w io.Writer, runs []store.PastRun) error {
	t := newTable(w, "RUN", "SOURCE", "BEGAN", "TOOK", "BY", "RESULT", "NEW", "CHANGED", "DELETED", "UNCHANGED", "REJECTED", "REQUESTS")
	for i := range runs {
		r := &runs[i]
		n := &r.Counts
		took, result := "-", "running"
		if !r.Ended.IsZero() {
			took, result = r.Ended.Sub(r.Began).String(), r.Result
		}
		t.row(number(r.ID), r.Source, stamp(r.Began), took, r.Account.By, result,
			number(n.Added), number(n.Updated), number(n.Deleted), number(n.Unchanged), counted(n.Rejected, r.Account.Rejected), counted(total(r.Account.Requests), r.Account.Requests))
	}
	if err := t.flush(); err != nil {
		return err
	}
	for i := range runs {
		r := &runs[i]
		if r.Err != "" {
			fmt.Fprintf(w, "\nrun %d: %s\n", r.ID, strings.TrimSuffix(wording.ClipLine(r.Err, 1000)+". "+wording.Line(r.Account.Advice), ". "))
		}
		for _, warning := range r.Account.Warnings {
			fmt.Fprintf(w, "\nrun %d: warning: %s\n", r.ID, wording.ClipLine(warning, 1000))
		}
	}
	return nil
}

func total(counts map[string]int64) (sum int64) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

// counted says a number, and what it is made of: 12 (http_5xx 2, ok 10).
func counted(sum int64, of map[string]int64) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		parts = append(parts, fmt.Sprintf("%s %d", wording.Line(name), of[name]))
	}
	if len(parts) == 0 {
		return number(sum)
	}
	return fmt.Sprintf("%d (%s)", sum, strings.Join(parts, ", "))
}

// pastRunJSON is a run in JSON, with what is kept of it beside its counts.
type pastRunJSON struct {
	Run    int64  `json:"run"`
	Source string `json:"source"`
	runJSON
	By         string           `json:"by,omitempty"` // who asked for it: schedule, person
	Full       bool             `json:"full"`
	RejectedBy map[string]int64 `json:"rejected_by,omitempty"` // reason
	Requests   map[string]int64 `json:"requests,omitempty"`    // by how they were answered: ok, or a kind of error
	Bytes      int64            `json:"bytes"`
	Warnings   []string         `json:"warnings,omitempty"`
	Advice     string           `json:"advice,omitempty"`
}

func runsJSON(runs []store.PastRun) []pastRunJSON {
	out := []pastRunJSON{}
	for i := range runs {
		r, a := &runs[i], &runs[i].Account
		out = append(out, pastRunJSON{
			Run: r.ID, Source: r.Source, runJSON: *newRunJSON(&r.RunStatus), By: a.By, Full: a.Full,
			RejectedBy: a.Rejected, Requests: a.Requests, Bytes: a.Bytes, Warnings: a.Warnings, Advice: a.Advice,
		})
	}
	return out
}

func newRunJSON(r *store.RunStatus) *runJSON {
	return &runJSON{
		Began: r.Began, Ended: r.Ended, Result: r.Result, Error: r.Err, New: r.Counts.Added, Changed: r.Counts.Updated,
		Deleted: r.Counts.Deleted, Unchanged: r.Counts.Unchanged, Rejected: r.Counts.Rejected,
	}
}

// failing says since when a source fails, of which so many runs are kept; empty if it does not.
func failing(st *store.SourceStatus, kept int, now time.Time) string {
	if st.Failures == 0 {
		return ""
	}
	more := ""
	if st.Failures >= int64(kept) {
		more = " or more"
	}
	return fmt.Sprintf("failing since %s, %s (%d runs%s)", stamp(st.FailingSince), ago(st.FailingSince, now), st.Failures, more)
}
