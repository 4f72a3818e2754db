package memory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A heldChange is a change that is held.
type heldChange struct {
	source string
	state  heldState
	change pipeline.Change
}

type heldState int

const (
	heldWaits heldState = iota
	heldApproved
	heldRefused
)

// A hold is for what of a source a decision is waited: what the pass of the run left; 0 while a pass adds to it.
type hold struct {
	run   int64
	since time.Time
}

// passOf is the pass in which an item came last, once the batch is in the log.
func (c *commit) passOf(it *item) int64 {
	if c.batch.Settles {
		return it.Pass
	}
	return c.source.pass
}

// hold keeps a change apart.
func (c *commit) hold(change *pipeline.Change, it *item) {
	c.meet(it)
	c.release(change.Identifier)
	c.release(it.Identifier)
	kept := keptChange(change)
	kept.Identifier = it.Identifier
	c.reheld = c.putHeld(it, c.batch.Run.Source, kept) || c.reheld
	c.came(it, it.Input)
	c.alias(change, it)
}

func keptChange(change *pipeline.Change) pipeline.Change {
	out := *change
	out.DC, out.OAIDC, out.Original, out.Notes = kept(change.DC), kept(change.OAIDC), kept(change.Original), kept(change.Notes)
	out.Origin.Provenance = kept(change.Origin.Provenance)
	return out
}

// putHeld writes a change that is held, and says whether it was not there already.
func (t *tx) putHeld(it *item, source string, change pipeline.Change) bool {
	if old := t.held[it.Item]; old != nil && old.change.Deleted == change.Deleted && old.change.Input == change.Input {
		return false
	}
	put(t, t.held, it.Item, &heldChange{source: source, change: change})
	return true
}

// letGo forgets what was held of an item, because something newer is known of it.
func (c *commit) letGo(it *item) {
	if it != nil && c.held[it.Item] != nil {
		drop(c.tx, c.held, it.Item)
		c.reheld = true
	}
}

// noteHold notes whether what is held waits for a person.
func (c *commit) noteHold() {
	b, name := c.batch, c.batch.Run.Source
	h, waiting := c.holds[name]
	if waiting && c.reheld && !b.Settles {
		h.run = 0
		put(c.tx, c.holds, name, h)
	}
	switch {
	case b.Done && b.Waits && h.run == 0:
		put(c.tx, c.holds, name, hold{b.Run.ID, c.now})
	case b.Done && !b.Waits:
		drop(c.tx, c.holds, name)
	}
}

func (s *tables) heldOf(source string) (h pipeline.Held) {
	if at := s.holds[source]; at.run != 0 {
		h.Run, h.Since = at.run, at.since
	}
	for _, c := range s.held {
		switch {
		case c.source != source || c.state == heldRefused:
		case c.state == heldApproved:
			h.Approved++
		case c.change.Deleted == pipeline.Live:
			h.Changes++
		default:
			h.Deletions++
			if c.change.Deleted == pipeline.Absent {
				h.Absent++
			}
		}
	}
	return h
}

// Held says what is held of a source (see [pipeline.Log]).
func (l *Log) Held(_ context.Context, source string) (pipeline.Held, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.heldOf(source), nil
}

// HeldChanges gives changes that are held (see [pipeline.Log]).
func (l *Log) HeldChanges(_ context.Context, source string, after int64, approvedOnly bool, limit int) (out []pipeline.HeldChange, err error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, item := range slices.Sorted(maps.Keys(l.held)) {
		h := l.held[item]
		if item > after && h.source == source && (h.state == heldApproved || h.state == heldWaits && !approvedOnly) && len(out) < limit {
			out = append(out, pipeline.HeldChange{Item: item, Change: keptChange(&h.change)})
		}
	}
	return out, nil
}

// HoldAbsent holds the deletion of records that passes have not met (see [pipeline.Log]).
func (l *Log) HoldAbsent(ctx context.Context, run *pipeline.Run, passes int, after int64, limit int) (last int64, err error) {
	err = l.write(ctx, func(t *tx) error {
		src := l.sources[run.Source]
		if src == nil || src.run != run.ID {
			return fmt.Errorf("look for records that %s has no more: %w", run.Source, pipeline.ErrFenced)
		}
		before := l.absentBefore(run.Source, src, passes)
		looked := 0
		for _, key := range slices.Sorted(maps.Keys(l.items)) {
			it := l.items[key]
			if key <= after || it.Source != run.Source || it.Pass >= before || it.Deleted != pipeline.Live || l.held[key] != nil {
				continue
			}
			t.putHeld(it, run.Source, store.Absent(it.Identifier, it.Origin, l.guard.Wall()))
			if h, waiting := l.holds[run.Source]; waiting {
				h.run = 0
				put(t, l.holds, run.Source, h)
			}
			if looked++; looked == limit {
				last = key
				break
			}
		}
		return nil
	})
	return last, err
}

// absentBefore is the pass before which an item must have come last to be absent; 0 if absence can't be proven.
func (l *Log) absentBefore(name string, src *source, passes int) int64 {
	for at, q := range l.rejects {
		if at.source == name && q.pass == src.pass && q.Identifier == "" {
			return 0
		}
	}
	switch earlier := len(src.whole) - (passes - 1); {
	case src.doubt != store.Whole || earlier < 0:
		return 0
	case passes <= 1:
		return src.pass
	default:
		return src.whole[earlier]
	}
}

// decide brings what waits of a source into a state.
func (t *tx) decide(source string, s heldState) {
	for item, h := range t.held {
		if h.source == source && h.state == heldWaits {
			now := *h
			now.state = s
			put(t, t.held, item, &now)
		}
	}
}

// Decide writes down what a person said (see [pipeline.Log]).
func (l *Log) Decide(ctx context.Context, source string, run int64, d pipeline.Decision) error {
	return l.write(ctx, func(t *tx) error {
		h := l.heldOf(source)
		if run == 0 || h.Run != run {
			return fmt.Errorf("decide about run %d of %s: %w", run, source, pipeline.ErrNotFound)
		}
		state := heldRefused
		if d.Approve {
			state = heldApproved
		}
		t.decide(source, state)
		drop(t, l.holds, source)
		set(t, &l.decided, append(slices.Clip(l.decided), pipeline.Decided{
			Decision: d, At: l.guard.Wall().UTC().Truncate(time.Second), Source: source, Run: run, Deletions: h.Deletions, Changes: h.Changes,
		}))
		return nil
	})
}

// Decisions gives the newest decisions (see [pipeline.Log]).
func (l *Log) Decisions(_ context.Context, limit int) (out []pipeline.Decided, err error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, d := range slices.Backward(l.decided) {
		if len(out) < limit {
			out = append(out, d)
		}
	}
	return out, nil
}
