package postgres

import (
	"context"
	"fmt"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// selectStop are the columns of stopped, as a row of it or of nothing.
const selectStop = "coalesce(stopped.retired, 0), coalesce(stopped.at, 0), coalesce(stopped.who, ''), coalesce(stopped.reason, '')"

// columnStop reads these columns, from the given one on.
func columnStop(r *tuple, at int) pipeline.Stop {
	return pipeline.Stop{Retired: r.ColumnBool(at), At: moment(r, at+1), Who: r.ColumnText(at + 2), Reason: r.ColumnText(at + 3)}
}

// stopOf says whether a source was stopped, and its number; 0 if the log doesn't know it.
func stopOf(conn *db, name string) (source int64, stop pipeline.Stop, err error) {
	err = one(conn, "SELECT s.source, "+selectStop+" FROM source s LEFT JOIN stopped ON stopped.source = s.source WHERE s.name = $1", []any{name}, func(r *tuple) {
		source, stop = r.ColumnInt64(0), columnStop(r, 1)
	})
	return source, stop, err
}

// Stop notes that a source is not to be harvested (see [store.Curator]).
func (s *Store) Stop(ctx context.Context, name string, stop pipeline.Stop) error {
	err := s.writer.do(ctx, func(conn *db) error {
		if err := lockSource(conn, name); err != nil {
			return err
		}
		source, was, err := stopOf(conn, name)
		if err != nil || was.Retired && !stop.Retired {
			return err
		}
		steps := []func() error{step(conn, "INSERT INTO stopped (source, retired, at, who, reason) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (source) DO UPDATE SET retired = $2, at = $3, who = $4, reason = $5",
			source, stop.Retired, s.guard.Wall().Unix(), stop.Who, stop.Reason)}
		if stop.Retired {
			steps = append(steps, step(conn, "DELETE FROM held WHERE source = $1", source), step(conn, "DELETE FROM hold WHERE source = $1", source))
		}
		return inOrder(steps...)
	})
	if err != nil {
		return fmt.Errorf("stop %s: %w", name, err)
	}
	return nil
}

// Resume lets a source be harvested again (see [store.Curator]).
func (s *Store) Resume(ctx context.Context, name string, restart func(harvest.Cursor) harvest.Cursor) error {
	err := s.writer.do(ctx, func(conn *db) error {
		source, was, err := stopOf(conn, name)
		switch {
		case err != nil:
			return err
		case was.At.IsZero():
			return pipeline.ErrNotFound
		}
		if was.Retired {
			var at harvest.Cursor
			if err := one(conn, "SELECT cursor FROM source WHERE source = $1", []any{source}, func(r *tuple) { at = harvest.Cursor(r.ColumnText(0)) }); err != nil {
				return err
			}
			if err := freshPass(conn, restart(at), "source = $1", source); err != nil {
				return err
			}
		}
		return exec(conn, "DELETE FROM stopped WHERE source = $1", source)
	})
	if err != nil {
		return fmt.Errorf("resume %s: %w", name, err)
	}
	return nil
}

// Retire deletes live records of a source (see [store.Curator]). They are looked for outside of the transaction, which may
// not last.
func (s *Store) Retire(ctx context.Context, name string, after int64, limit int) (deleted, last int64, err error) {
	items, err := s.liveOf(ctx, name, after, limit)
	if err == nil && len(items) > 0 {
		err = s.writer.do(ctx, func(conn *db) error {
			if err := lockSource(conn, name); err != nil {
				return err
			}
			_, was, err := stopOf(conn, name)
			if err == nil && !was.Retired { // it was resumed in between
				err = pipeline.ErrNotFound
			}
			if err != nil {
				return err
			}
			t, err := s.begin(conn)
			if err != nil {
				return err
			}
			deleted, err = t.retire(items)
			return err
		})
	}
	if err != nil {
		return 0, 0, fmt.Errorf("retire %s: %w", name, err)
	}
	if len(items) == limit {
		last = items[limit-1]
	}
	return deleted, last, nil
}

// liveOf are live records of a source that is retired, by their items.
func (s *Store) liveOf(ctx context.Context, name string, after int64, limit int) (items []int64, err error) {
	conn, err := s.readers.Take(ctx)
	if err != nil {
		return nil, err
	}
	defer s.readers.Put(conn)
	source, was, err := stopOf(conn, name)
	switch {
	case err != nil:
		return nil, err
	case !was.Retired:
		return nil, pipeline.ErrNotFound
	}
	err = each(conn, "SELECT i.item FROM item i JOIN record r ON r.seq = i.seq WHERE i.item > $1 AND i.source = $2 AND r.deleted = '' ORDER BY i.item LIMIT $3", []any{after, source, limit}, func(r *tuple) error {
		items = append(items, r.ColumnInt64(0))
		return nil
	})
	return items, err
}

// retire deletes those of the items that still are live. They are of one source.
func (t *tx) retire(items []int64) (deleted int64, err error) {
	var source int64
	var live []old
	if err := each(t.conn, "SELECT "+stateColumns+", i.source, c.origin FROM item i JOIN record r ON r.seq = i.seq AND r.item = i.item JOIN content c ON c.item = i.item WHERE i.item = ANY ($1::bigint[]) AND r.deleted = '' ORDER BY i.item", []any{items}, func(r *tuple) (err error) {
		var o old
		source = r.ColumnInt64(stateColumnsEnd)
		if err := store.UnpackOrigin(r.ColumnText(stateColumnsEnd+1), &o.origin); err != nil {
			return err
		}
		o.state, err = t.stateOf(r)
		live = append(live, o)
		return err
	}); err != nil {
		return 0, err
	}
	for i := range live {
		was := &live[i].state
		if err := t.decree(was, store.Removed(was.Identifier, pipeline.SourceRetired, live[i].origin)); err != nil {
			return 0, err
		}
		many(t.conn, "UPDATE item SET input = decode(repeat('00', 32), 'hex') WHERE item = ANY ($1::bigint[])", was.Item)
	}
	return int64(len(live)), t.decreed(source)
}
