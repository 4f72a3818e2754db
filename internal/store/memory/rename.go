package memory

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Rename gives a source another name (see [store.Curator]).
func (l *Log) Rename(ctx context.Context, from, to string) error {
	return l.write(ctx, func(t *tx) error {
		old, other := l.sources[from], l.sources[to]
		switch {
		case old == nil:
			return fmt.Errorf("rename %s to %s: %w", from, to, pipeline.ErrNotFound)
		case other != nil && other.live+other.deleted > 0:
			return fmt.Errorf("rename %s to %s: %w", from, to, errors.New("there are records of a source with that name"))
		}
		now := *old
		now.minted = cmp.Or(old.minted, from)
		for at := range l.rejects { // of harvests that brought nothing
			if at.source == to {
				drop(t, l.rejects, at)
			}
		}
		drop(t, l.stops, to)
		drop(t, l.sources, from)
		put(t, l.sources, to, &now)
		t.renameOthers(from, to)
		return nil
	})
}

// ownSet is the set in which all records of a source are, tombstones too: the one of the name in their identifiers. The
// source is found by that name as well as by its own. The set is empty if there is no such source.
func (l *Log) ownSet(source string) string {
	if s := l.sources[source]; s != nil {
		return cmp.Or(s.minted, source)
	}
	for _, s := range l.sources {
		if s.minted == source {
			return source
		}
	}
	return ""
}

// renameOthers gives the source its name in what else names it.
func (t *tx) renameOthers(from, to string) {
	renameIn(t, t.items, from, to, func(it *item) *string { return &it.Source })
	renameIn(t, t.runs, from, to, func(r *run) *string { return &r.source })
	renameIn(t, t.held, from, to, func(h *heldChange) *string { return &h.source })
	for at, q := range t.rejects {
		if at.source == from {
			now := *q
			now.Source = to
			drop(t, t.rejects, at)
			put(t, t.rejects, rejected{to, at.key}, &now)
		}
	}
	for id, s := range t.suppressed {
		if s.Source == from {
			s.Source = to
			put(t, t.suppressed, id, s)
		}
	}
	renameKey(t, t.holds, from, to)
	renameKey(t, t.stops, from, to)
	drop(t, t.remaps, from)
	decided := append([]pipeline.Decided(nil), t.decided...)
	for i := range decided {
		if decided[i].Source == from {
			decided[i].Source = to
		}
	}
	set(t, &t.decided, decided)
}

// renameIn gives the source its name where name says that it is named.
func renameIn[K comparable, S any](t *tx, m map[K]*S, from, to string, name func(*S) *string) {
	for key, v := range m {
		if *name(v) == from {
			now := *v
			*name(&now) = to
			put(t, m, key, &now)
		}
	}
}

func renameKey[V any](t *tx, m map[string]V, from, to string) {
	if v, had := m[from]; had {
		drop(t, m, from)
		put(t, m, to, v)
	}
}
