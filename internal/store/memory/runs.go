package memory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Begin starts a run (see [pipeline.Log]). The number of the run is the fence.
func (l *Log) Begin(ctx context.Context, name string, restart func(harvest.Cursor) harvest.Cursor) (out *pipeline.Run, err error) {
	err = l.write(ctx, func(t *tx) error {
		now := l.guard.Wall().UTC().Truncate(time.Second)
		src := source{pass: 1}
		if had := l.sources[name]; had != nil {
			src = *had
		}
		if restart != nil {
			src.afresh(restart(src.cursor))
		}
		if old := l.runs[src.run]; old != nil && old.Ended.IsZero() {
			t.endRun(src.run, "cancelled", "another run began", now)
		}
		if src.run = t.nextID(); src.passBegan.IsZero() {
			src.passBegan = now
		}
		put(t, l.runs, src.run, &run{source: name, RunStatus: store.RunStatus{ID: src.run, Began: now, Heartbeat: now}})
		put(t, l.sources, name, &src)
		out = &pipeline.Run{ID: src.run, Source: name, Cursor: src.cursor, Started: now}
		return nil
	})
	return out, err
}

// afresh lets the page at the cursor be the first of a new full pass.
func (s *source) afresh(at harvest.Cursor) {
	s.cursor, s.pass, s.passBegan, s.doubt = at, s.pass+1, time.Time{}, store.Whole
	s.found, s.missing = 0, 0
}

// passOf is how the present pass stands.
func (s *source) passOf() pipeline.Pass {
	p := pipeline.Pass{Underway: s.cursor != "" && !s.passBegan.IsZero(), Short: s.doubt == store.Short, Doubted: s.doubt != store.Whole, LastFull: s.lastFull, Reconciled: s.lastReconciled().At, Had: s.measure.Had, Live: s.live}
	if s.measured == s.pass {
		p.Met, p.Added, p.Accepted = s.measure.Met, s.measure.Added, s.measure.Accepted
	}
	return p
}

// Pass says how the present pass of a source stands (see [pipeline.Log]).
func (l *Log) Pass(_ context.Context, name string) (pipeline.Pass, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	p := pipeline.Pass{}
	if src := l.sources[name]; src != nil {
		p = src.passOf()
	}
	p.Stop = l.stops[name]
	return p, nil
}

// Accept notes that a person takes the pass as it comes (see [pipeline.Log]).
func (l *Log) Accept(ctx context.Context, r *pipeline.Run, again func(harvest.Cursor) harvest.Cursor) error {
	return l.write(ctx, func(t *tx) error {
		src := l.sources[r.Source]
		if src == nil || src.run != r.ID {
			return fmt.Errorf("take a pass of %s as it comes: %w", r.Source, pipeline.ErrFenced)
		}
		now := *src
		now.measure = now.passOf()
		now.measure.Accepted, now.measured, now.cursor = true, now.pass, again(now.cursor)
		r.Cursor = now.cursor
		t.decide(r.Source, heldApproved)
		drop(t, l.holds, r.Source)
		put(t, l.sources, r.Source, &now)
		return nil
	})
}

// advanceSource moves the source's cursor, and closes the pass if the page was its last.
func (c *commit) advanceSource() {
	b, src := c.batch, &c.source
	src.doubt = src.doubt.After(b)
	src.measure, src.measured = store.Measured(src.passOf(), b, src.doubt, c.gain), src.pass
	if c.plan.First != 0 {
		src.lastNew = c.now
	}
	if b.Done {
		c.closePass()
	}
	c.noteHold()
	src.cursor = b.Next
	src.live += c.plan.Live
	src.deleted += c.plan.Deleted
	put(c.tx, c.sources, b.Run.Source, src)

	n := &c.plan.Counts
	if b.Next == b.From && !b.Done { // a part of a page is none
		n.Pages = 0
	}
	r := *c.runs[src.run]
	r.Heartbeat = c.now
	r.Counts.Add(*n)
	put(c.tx, c.runs, src.run, &r)
}

func (c *commit) closePass() {
	src := &c.source
	if src.doubt != store.Short {
		if src.lastComplete = c.now; c.batch.Full && !c.batch.Reconciles {
			src.lastFull = c.now
		}
	}
	if c.batch.Full && src.doubt == store.Whole {
		src.whole = append(slices.Clip(src.whole), src.pass)
		// Rejected before this pass, and not again in it: it came well, or the source dropped it.
		for at, q := range c.rejects {
			if at.source == c.batch.Run.Source && q.pass < src.pass {
				drop(c.tx, c.rejects, at)
			}
		}
	}
	src.pass, src.passBegan, src.doubt = src.pass+1, time.Time{}, store.Whole
	src.found, src.missing = 0, 0
}

// End writes down how a run ended (see [pipeline.Log]).
func (l *Log) End(ctx context.Context, r *pipeline.Run, o pipeline.Outcome) error {
	return l.write(ctx, func(t *tx) error {
		if src := l.sources[r.Source]; src != nil && src.run == r.ID {
			now := *src
			if o.Restart {
				now.afresh("")
			}
			if o.Next != "" && now.cursor == o.From {
				now.cursor = o.Next
			}
			now.warnings = slices.Clone(o.Warnings)
			put(t, l.sources, r.Source, &now)
		}
		if have := l.runs[r.ID]; have != nil && have.Ended.IsZero() {
			now := l.guard.Wall().UTC().Truncate(time.Second)
			t.endRun(r.ID, o.Result, o.Err, now)
			ended := *l.runs[r.ID]
			ended.account = o.Account
			put(t, l.runs, r.ID, &ended)
		}
		return nil
	})
}

func (t *tx) endRun(id int64, result, why string, at time.Time) {
	now := *t.runs[id]
	now.Result, now.Err, now.Ended = result, why, at
	put(t, t.runs, id, &now)
}

// Known says what the log has under each identifier (see [pipeline.Log]).
func (l *Log) Known(_ context.Context, ask []pipeline.Ask) ([]pipeline.Known, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	out := make([]pipeline.Known, len(ask))
	for i := range ask {
		it := l.find(ask[i].Identifier)
		for _, a := range ask[i].Aliases {
			if it == nil {
				it = l.find(a)
			}
		}
		if it != nil {
			out[i] = pipeline.Known{
				Identifier: it.Identifier, Input: it.Input, Owner: it.Origin.Identifier,
				Met: it.Pass == l.sources[it.Source].pass, Suppressed: it.Deleted.Final(), Live: it.Deleted == pipeline.Live,
			}
		}
		if it != nil && ask[i].Sets {
			out[i].Sets = strings.Fields(it.Sets)
		}
		if ask[i].Memo {
			out[i].Memo = l.memoOf(ask[i].Identifier)
		}
	}
	return out, nil
}

// Status says how each source stands that was ever harvested, in order of their names.
func (l *Log) Status(context.Context) (out []store.SourceStatus, err error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, name := range slices.Sorted(maps.Keys(l.sources)) {
		s := l.sources[name]
		st := store.SourceStatus{
			Source: name, Live: s.live, Deleted: s.deleted, LastComplete: s.lastComplete, LastFull: s.lastFull, LastNew: s.lastNew,
			Underway: s.passOf().Underway, Warnings: s.warnings, Held: l.heldOf(name), Stop: l.stops[name], Minted: s.minted,
		}
		st.Reconciled = s.lastReconciled()
		if r := l.runs[s.run]; r != nil {
			st.LastRun, st.Running = r.RunStatus, r.Ended.IsZero()
		}
		st.Failures, st.FailingSince = l.failing(name)
		for at, q := range l.rejects {
			switch {
			case at.source != name:
			case q.Dismissed.IsZero():
				st.Quarantined++
			default:
				st.Dismissed++
			}
		}
		out = append(out, st)
	}
	return out, nil
}

// Quarantine gives up to limit items of a source (of all, if source is empty) after the given id, in order of their
// ids.
func (l *Log) Quarantine(_ context.Context, source string, after int64, limit int) (out []store.Quarantined, err error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for at, q := range l.rejects {
		if (source == "" || at.source == source) && q.ID > after {
			out = append(out, q.Quarantined)
		}
	}
	slices.SortFunc(out, func(a, b store.Quarantined) int { return cmp.Compare(a.ID, b.ID) })
	return out[:min(limit, len(out))], nil
}

// Dismiss notes that items need nobody's attention (see [store.Curator]).
func (l *Log) Dismiss(ctx context.Context, numbers []int64, who string) (n int64, err error) {
	err = l.write(ctx, func(t *tx) error {
		for at, q := range l.rejects {
			if slices.Contains(numbers, q.ID) {
				now := *q
				now.Dismissed, now.DismissedBy = l.guard.Wall().UTC().Truncate(time.Second), who
				put(t, l.rejects, at, &now)
				n++
			}
		}
		return nil
	})
	return n, err
}
