package sqlite

import (
	"context"
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// stopSchema is applied to every log that is opened: it only adds.
const stopSchema = `CREATE TABLE IF NOT EXISTS stopped ( -- sources that a person does not want to be harvested
  source  INTEGER PRIMARY KEY,
  retired INTEGER NOT NULL, -- 1: its records become deletions, too
  at      INTEGER NOT NULL,
  who     TEXT    NOT NULL,
  reason  TEXT    NOT NULL
) STRICT`

// selectStop are the columns of stopped, as a row of it or of nothing.
const selectStop = "coalesce(stopped.retired, 0), coalesce(stopped.at, 0), coalesce(stopped.who, ''), coalesce(stopped.reason, '')"

// columnStop reads these columns, from the given one on.
func columnStop(r *sqlite.Stmt, at int) pipeline.Stop {
	return pipeline.Stop{Retired: r.ColumnBool(at), At: moment(r, at+1), Who: r.ColumnText(at + 2), Reason: r.ColumnText(at + 3)}
}

// stopOf says whether a source was stopped, and its number; 0 if the log doesn't know it.
func stopOf(conn *sqlite.Conn, name string) (source int64, stop pipeline.Stop, err error) {
	err = one(conn, "SELECT source, "+selectStop+" FROM source LEFT JOIN stopped USING (source) WHERE name = ?", []any{name}, func(r *sqlite.Stmt) {
		source, stop = r.ColumnInt64(0), columnStop(r, 1)
	})
	return source, stop, err
}

// Stop notes that a source is not to be harvested (see [store.Curator]).
func (s *Store) Stop(ctx context.Context, name string, stop pipeline.Stop) error {
	err := s.writer.do(ctx, func(conn *sqlite.Conn) error {
		if err := exec(conn, "INSERT INTO source (name) VALUES (?) ON CONFLICT (name) DO NOTHING", name); err != nil {
			return err
		}
		source, was, err := stopOf(conn, name)
		if err != nil || was.Retired && !stop.Retired {
			return err
		}
		steps := []func() error{step(conn, "INSERT OR REPLACE INTO stopped (source, retired, at, who, reason) VALUES (?, ?, ?, ?, ?)",
			source, stop.Retired, s.guard.Wall().Unix(), stop.Who, stop.Reason)}
		if stop.Retired {
			steps = append(steps, step(conn, "DELETE FROM held WHERE source = ?", source), step(conn, "DELETE FROM hold WHERE source = ?", source))
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
	err := s.writer.do(ctx, func(conn *sqlite.Conn) error {
		source, was, err := stopOf(conn, name)
		switch {
		case err != nil:
			return err
		case was.At.IsZero():
			return pipeline.ErrNotFound
		}
		if was.Retired {
			var at harvest.Cursor
			if err := one(conn, "SELECT cursor FROM source WHERE source = ?", []any{source}, func(r *sqlite.Stmt) { at = harvest.Cursor(r.ColumnText(0)) }); err != nil {
				return err
			}
			if err := freshPass(conn, restart(at), "source = ?", source); err != nil {
				return err
			}
		}
		return exec(conn, "DELETE FROM stopped WHERE source = ?", source)
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
		err = s.writer.do(ctx, func(conn *sqlite.Conn) error {
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
	err = each(conn, "SELECT i.item FROM item i JOIN record r ON r.seq = i.seq WHERE i.item > ? AND i.source = ? AND r.deleted = '' ORDER BY i.item LIMIT 0 + ?", []any{after, source, limit}, func(r *sqlite.Stmt) error {
		items = append(items, r.ColumnInt64(0))
		return nil
	})
	return items, err
}

func (t *tx) retire(items []int64) (deleted int64, err error) {
	var source int64
	for _, item := range items {
		old, err := t.look("i.item = ?", item)
		if err != nil {
			return 0, err
		}
		if old.Item == 0 || old.Deleted != pipeline.Live {
			continue
		}
		var name string
		var origin pipeline.Origin
		if err := t.whence(item, &source, &name, &origin); err != nil {
			return 0, err
		}
		if err := t.decree(old, store.Removed(old.Identifier, pipeline.SourceRetired, origin)); err != nil {
			return 0, err
		}
		if err := exec(t.conn, "UPDATE item SET input = zeroblob(32) WHERE item = ?", item); err != nil {
			return 0, err
		}
		deleted++
	}
	return deleted, t.decreed(source)
}
