package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// Results has all results, for metrics and messages: these words are used everywhere.
var Results = []string{Complete, Incomplete, OnHold, Partial, Failed, Stuck, Cancelled}

// Failures are the results of which an operator is told: the source fails while its last runs ended so.
var Failures = []string{Incomplete, Failed, Stuck}

// The results of a run.
const (
	Complete   = "complete"   // the pass came to its end
	Incomplete = "incomplete" // the pass came to its end and lacks items, or a person must look first
	OnHold     = "held"       // the pass came to its end, and a part of it waits for a person
	Partial    = "partial"    // the deadline came first; the next run goes on
	Failed     = "failed"     // an error; the next run goes on from the last committed page
	Stuck      = "stuck"      // nothing came any more; the next run goes on from the last committed page
	Cancelled  = "cancelled"  // a person or the end of the gateway stopped it, or another run took over
)

// A Report says what a run did.
type Report struct {
	Source string
	Result string
	Counts Counts
	Full   bool // the pass that it worked on was a full one
	// Reconciles says that this full pass was a reconciliation, and Reconciled what came of it, if the run ended it.
	Reconciles bool
	Reconciled *Reconciliation
	Warnings   []string
	Started    time.Time
	Took       time.Duration
	Why        string         // why it is Incomplete or OnHold
	Held       Held           // what waits for a person
	heldWhy    string         // says that in a sentence
	failedAt   harvest.Cursor // where a page could not be had
	Err        error          // nil for Complete, Incomplete, OnHold and Partial

	// Rejected, Requests and Bytes are those of the run's [Account].
	Rejected, Requests map[string]int64
	Bytes              int64

	Forgotten Forgotten // what the log has forgotten of the source, to stay within the Runner's Keep

	by string // who asked for it
}

// conclude says how the run ended, from what its pages said.
func (r *Report) conclude(outer, inner context.Context, err error) {
	var held heldError
	switch {
	case errors.As(err, &held):
		r.Result, r.Why = Incomplete, held.why
	case harvest.KindOf(err) == harvest.Renamed:
		r.Result, r.Why = Incomplete, err.Error()
	case err == nil && r.Why != "":
		r.Result = Incomplete
	case err == nil && r.heldWhy != "":
		r.Result, r.Why = OnHold, r.heldWhy
	case err == nil:
		r.Result = Complete
	case outer.Err() != nil:
		r.Result, r.Err = Cancelled, because(outer, err)
	case errors.Is(err, ErrFenced):
		r.Result, r.Err = Cancelled, err
	case errors.Is(context.Cause(inner), ErrStuck):
		r.Result, r.Err = Stuck, fmt.Errorf("harvest %s: %w", r.Source, context.Cause(inner))
	case errors.Is(context.Cause(inner), errDeadline):
		r.Result = Partial
	default:
		r.Result, r.Err = Failed, err
	}
}

// outcome is what is written down of the run.
func (r *Report) outcome(src *Source) Outcome {
	o := Outcome{Result: r.Result, Counts: r.Counts, Warnings: r.Warnings, Err: r.Why, Account: r.account()}
	if r.Err != nil {
		var remote *harvest.Error
		o.Err, o.Restart = r.Err.Error(), errors.As(r.Err, &remote) && remote.Restart
		if d, can := src.Harvest.(harvest.Detourer); can && remote != nil && r.Result == Failed && !o.Restart {
			o.From, o.Next = r.failedAt, d.Detour(r.failedAt, r.Err)
		}
	}
	return o
}

func (r *Report) rejected(reasons map[string]int64) {
	for reason, n := range reasons {
		if r.Rejected == nil {
			r.Rejected = map[string]int64{}
		}
		r.Rejected[reason] += n
	}
}

// Advice says what to do about the error of a run; empty if there is nothing to say.
func Advice(err error) string {
	var remote *harvest.Error
	switch {
	case errors.As(err, &remote):
		return remote.Sentence()
	case errors.Is(err, ErrStuck):
		return stuckAdvice
	}
	return ""
}

// maxWarnings bounds the different warnings that a report keeps.
const maxWarnings = 100

func (r *Report) warn(w string) {
	r.Counts.Warnings++
	if len(r.Warnings) < maxWarnings {
		r.Warnings = wording.AddOnce(r.Warnings, w)
	}
}
