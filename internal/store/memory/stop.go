package memory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Stop notes that a source is not to be harvested (see [store.Curator]).
func (l *Log) Stop(ctx context.Context, name string, stop pipeline.Stop) error {
	return l.write(ctx, func(t *tx) error {
		if l.sources[name] == nil {
			put(t, l.sources, name, &source{pass: 1})
		}
		if l.stops[name].Retired && !stop.Retired {
			return nil
		}
		stop.At = l.guard.Wall().UTC().Truncate(time.Second)
		put(t, l.stops, name, stop)
		if stop.Retired {
			for item, h := range l.held {
				if h.source == name {
					drop(t, l.held, item)
				}
			}
			drop(t, l.holds, name)
		}
		return nil
	})
}

// Resume lets a source be harvested again (see [store.Curator]).
func (l *Log) Resume(ctx context.Context, name string, restart func(harvest.Cursor) harvest.Cursor) error {
	return l.write(ctx, func(t *tx) error {
		was, stopped := l.stops[name]
		if !stopped {
			return fmt.Errorf("resume %s: %w", name, pipeline.ErrNotFound)
		}
		if was.Retired {
			now := *l.sources[name]
			now.afresh(restart(now.cursor))
			put(t, l.sources, name, &now)
		}
		drop(t, l.stops, name)
		return nil
	})
}

// Retire deletes live records of a source (see [store.Curator]).
func (l *Log) Retire(ctx context.Context, name string, after int64, limit int) (deleted, last int64, err error) {
	err = l.write(ctx, func(t *tx) error {
		if !l.stops[name].Retired {
			return fmt.Errorf("retire %s: %w", name, pipeline.ErrNotFound)
		}
		for _, key := range slices.Sorted(maps.Keys(l.items)) {
			it := l.items[key]
			if key <= after || it.Source != name || it.Deleted != pipeline.Live {
				continue
			}
			if deleted == int64(limit) {
				break
			}
			if err := t.decree(it, store.Removed(it.Identifier, pipeline.SourceRetired, it.Origin)); err != nil {
				return err
			}
			now := *t.items[key]
			now.Input = pipeline.Hash{}
			put(t, l.items, key, &now)
			deleted, last = deleted+1, key
		}
		if deleted < int64(limit) {
			last = 0
		}
		return nil
	})
	return deleted, last, err
}
