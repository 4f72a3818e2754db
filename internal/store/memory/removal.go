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

// A suppression keeps a record out.
type suppression struct {
	pipeline.Suppression
	erased bool
}

// Remove takes a record down, or hides it (see [store.Curator]).
func (l *Log) Remove(ctx context.Context, r pipeline.Removal) (out pipeline.Suppression, err error) {
	err = l.write(ctx, func(t *tx) error {
		out = pipeline.Suppression{Removal: r, At: l.guard.Wall().UTC().Truncate(time.Second)}
		if it := l.find(r.Identifier); it != nil {
			if err := t.remove(it, &out); err != nil {
				return fmt.Errorf("take %s down: %w", r.Identifier, err)
			}
		}
		put(t, l.suppressed, out.Identifier, suppression{Suppression: out})
		return nil
	})
	return out, err
}

func (t *tx) remove(it *item, out *pipeline.Suppression) error {
	out.Identifier, out.Source, out.Upstream = it.Identifier, it.Source, it.Origin.Identifier
	why := out.Deletes()
	if it.Deleted == pipeline.Takedown || it.Deleted == why {
		out.Final, out.Seq = it.Deleted == pipeline.Takedown, it.Seq
	} else if err := t.decree(it, store.Removed(it.Identifier, why, it.Origin)); err != nil {
		return err
	} else {
		out.Seq = t.head.Seq
	}
	drop(t, t.held, it.Item)
	if !out.Final {
		return nil
	}
	now := *t.items[it.Item]
	drop(t, t.noted, it.Identifier)
	now.Rules, now.Notes, now.DC, now.Original = "", nil, nil, nil
	put(t, t.items, it.Item, &now)
	for at, q := range t.rejects {
		if at.source == it.Source && (at.key == out.Upstream || q.Identifier != "" && t.find(q.Identifier) == &now) {
			drop(t, t.rejects, at)
		}
	}
	return nil
}

// decree brings a record to the state that a person wants.
func (t *tx) decree(it *item, change pipeline.Change) error {
	p, form := t.plan(), store.NewForm(&change)
	m, err := p.Decree(t.stateOf(it), &form, t.guard.Stamp)
	if err != nil {
		return err
	}
	now := *it
	now.Origin = change.Origin
	t.move(p, &now, m)
	src := *t.sources[it.Source]
	src.live, src.deleted = src.live+p.Live, src.deleted+p.Deleted
	put(t, t.sources, it.Source, &src)
	t.finish(p)
	return nil
}

// Readmit lets a record that was withdrawn come back (see [store.Curator]).
func (l *Log) Readmit(ctx context.Context, change pipeline.Change) error {
	return l.write(ctx, func(t *tx) error {
		it := l.find(change.Identifier)
		switch {
		case it == nil:
			return notFound(change.Identifier)
		case it.Deleted != pipeline.Withdrawn:
			return fmt.Errorf("let %s come back: %w", change.Identifier, pipeline.ErrNotWithdrawn)
		}
		if err := t.decree(it, change); err != nil {
			return err
		}
		now := *t.items[it.Item]
		now.Input, now.Rules, now.Notes, now.DC = pipeline.Hash{}, change.Rules, kept(change.Notes), kept(change.DC)
		put(t, l.items, it.Item, &now)
		drop(t, l.suppressed, it.Identifier)
		return nil
	})
}

// Suppressed gives what is kept out (see [store.Curator]).
func (l *Log) Suppressed(_ context.Context, after string, limit int) (out []pipeline.Suppression, err error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, id := range slices.Sorted(maps.Keys(l.suppressed)) {
		if id > after && len(out) < limit {
			out = append(out, l.suppressed[id].Suppression)
		}
	}
	return out, nil
}

// ToErase gives what the event stream may still have (see [pipeline.Erasures]).
func (l *Log) ToErase(_ context.Context, upto int64, limit int) (out []pipeline.Suppression, err error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, s := range l.suppressed {
		if s.Final && !s.erased && s.Seq > 0 && s.Seq <= upto && len(out) < limit {
			out = append(out, s.Suppression)
		}
	}
	return out, nil
}

// Erased notes that the event stream has nothing of a record any more (see [pipeline.Erasures]).
func (l *Log) Erased(ctx context.Context, identifier string) error {
	return l.write(ctx, func(t *tx) error {
		if s, ok := l.suppressed[identifier]; ok {
			s.erased = true
			put(t, l.suppressed, identifier, s)
		}
		return nil
	})
}

// keptOut says whether an item that the log has not is kept out.
func (c *commit) keptOut(identifier, upstream string) bool {
	if _, out := c.suppressed[identifier]; out {
		return true
	}
	for _, s := range c.suppressed {
		if upstream != "" && s.Upstream == upstream && (store.Worldwide(upstream) || s.Source == c.batch.Run.Source) {
			return true
		}
	}
	return false
}
