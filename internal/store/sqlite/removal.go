package sqlite

import (
	"context"
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// removalSchema is applied to every log that is opened: it only adds.
const removalSchema = `CREATE TABLE IF NOT EXISTS suppressed ( -- records that are kept out
  identifier TEXT PRIMARY KEY,
  source     TEXT    NOT NULL, -- empty if it is not known
  upstream   TEXT    NOT NULL, -- likewise
  final      INTEGER NOT NULL, -- 0: hidden, and may come back
  reason     TEXT    NOT NULL,
  who        TEXT    NOT NULL,
  at         INTEGER NOT NULL,
  seq        INTEGER NOT NULL, -- of the tombstone; 0 if there is none
  erased     INTEGER NOT NULL  -- 1: the event stream has nothing of it any more
) STRICT, WITHOUT ROWID`

// suppressedUpstream makes the search by upstream identifiers quick.
const suppressedUpstream = "CREATE INDEX IF NOT EXISTS suppressed_upstream ON suppressed (upstream) WHERE upstream <> ''"

// Remove takes a record down, or hides it (see [store.Curator]).
func (s *Store) Remove(ctx context.Context, r pipeline.Removal) (out pipeline.Suppression, err error) {
	err = s.writer.do(ctx, func(conn *sqlite.Conn) error {
		t, err := s.begin(conn)
		if err != nil {
			return err
		}
		out, err = t.remove(r)
		return err
	})
	if err == nil {
		s.suppresses.Store(true)
		err = s.wipe(ctx)
	}
	if err != nil {
		return out, fmt.Errorf("take %s down: %w", r.Identifier, err)
	}
	return out, nil
}

func (t *tx) remove(r pipeline.Removal) (out pipeline.Suppression, err error) {
	out = pipeline.Suppression{Removal: r, At: t.store.guard.Wall().UTC()}
	old, err := t.look(itemNamed, r.Identifier)
	if err != nil {
		return out, err
	}
	if old.Item != 0 {
		if err := t.removeRecord(old, &out); err != nil {
			return out, err
		}
	}
	if out.Final {
		if err := setMeta(t.conn, wipeMeta, 1); err != nil {
			return out, err
		}
	}
	return out, suppress(t.conn, &out)
}

func suppress(conn *sqlite.Conn, s *pipeline.Suppression) error {
	return exec(conn, `INSERT INTO suppressed (identifier, source, upstream, final, reason, who, at, seq, erased) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0)
		ON CONFLICT (identifier) DO UPDATE SET final = max(final, ?4), reason = ?5, who = ?6, at = ?7, seq = max(seq, ?8), erased = 0`,
		s.Identifier, s.Source, s.Upstream, s.Final, s.Reason, s.Who, s.At.Unix(), s.Seq)
}

// removeAgain takes down what a log that was restored has, and what was taken down since.
func (s *Store) removeAgain(ctx context.Context) error {
	for after := ""; s.suppresses.Load(); {
		var todo []pipeline.Suppression
		if err := s.snapshot(ctx, func(conn *sqlite.Conn, _ pipeline.Head) (err error) {
			todo, err = suppressions(conn, `identifier > ? AND EXISTS (SELECT 1 FROM item i JOIN record r USING (seq)
				WHERE i.identifier = suppressed.identifier AND r.deleted NOT IN ('takedown', iif(suppressed.final, 'takedown', 'withdrawn'))) ORDER BY identifier LIMIT 100`, after)
			return err
		}); err != nil {
			return err
		}
		if len(todo) == 0 {
			return nil
		}
		for i := range todo {
			after = todo[i].Identifier
			if _, err := s.Remove(ctx, todo[i].Removal); err != nil {
				return err
			}
		}
	}
	return nil
}

// removeRecord deletes a record that the log has, and what else the log has of it.
func (t *tx) removeRecord(old *store.State, out *pipeline.Suppression) error {
	out.Identifier = old.Identifier
	var source int64
	var origin pipeline.Origin
	if err := t.whence(old.Item, &source, &out.Source, &origin); err != nil {
		return err
	}
	out.Upstream = origin.Identifier
	why := out.Deletes()
	if old.Deleted == pipeline.Takedown || old.Deleted == why {
		out.Final, out.Seq = old.Deleted == pipeline.Takedown, old.Seq
	} else if err := t.decree(old, store.Removed(old.Identifier, why, origin)); err != nil {
		return err
	} else if err := t.decreed(source); err != nil {
		return err
	} else {
		out.Seq = t.plan.Head.Seq
	}
	steps := []func() error{step(t.conn, "DELETE FROM held WHERE source = ? AND item = ?", source, old.Item)}
	if out.Final {
		steps = append(steps,
			step(t.conn, "DELETE FROM noted WHERE identifier = ?", old.Identifier),
			step(t.conn, "UPDATE content SET rules = '', notes = '', dc = x'', original = x'' WHERE item = ?", old.Item),
			step(t.conn, `DELETE FROM quarantine WHERE source = ?1 AND (identifier = ?2 OR key = ?3 OR identifier IN (SELECT identifier FROM alias WHERE item = ?4))`,
				source, old.Identifier, out.Upstream, old.Item))
	}
	return inOrder(steps...)
}

// whence says from what source an item is, and where its last version came from.
func (t *tx) whence(item int64, source *int64, name *string, origin *pipeline.Origin) (err error) {
	var text string
	if err := one(t.conn, "SELECT s.source, s.name, c.origin FROM item i JOIN source s USING (source) JOIN content c USING (item) WHERE i.item = ?", []any{item}, func(r *sqlite.Stmt) {
		*source, *name, text = r.ColumnInt64(0), r.ColumnText(1), r.ColumnText(2)
	}); err != nil {
		return err
	}
	return store.UnpackOrigin(text, origin)
}

// decree brings a record to the state that a person wants. After all of a transaction comes decreed.
func (t *tx) decree(old *store.State, change pipeline.Change) error {
	form := store.NewForm(&change)
	m, err := t.plan.Decree(old, &form, t.store.guard.Stamp)
	if err != nil {
		return err
	}
	origin, err := store.PackOrigin(&change.Origin)
	if err != nil {
		return err
	}
	return inOrder(
		func() error { return t.moveItem(m) },
		step(t.conn, "UPDATE content SET origin = ? WHERE item = ?", origin, m.New.Item),
		func() error { return t.move(m) },
	)
}

// decreed writes what decrees have done to the records of one source, all together.
func (t *tx) decreed(source int64) error {
	return inOrder(
		step(t.conn, "UPDATE source SET live = live + ?, deleted = deleted + ? WHERE source = ?", t.plan.Live, t.plan.Deleted, source),
		t.finish,
	)
}

// Readmit lets a record that was withdrawn come back as the given change says (see [store.Curator]).
func (s *Store) Readmit(ctx context.Context, change pipeline.Change) error {
	err := s.writer.do(ctx, func(conn *sqlite.Conn) error {
		t, err := s.begin(conn)
		if err != nil {
			return err
		}
		old, err := t.look(itemNamed, change.Identifier)
		switch {
		case err != nil:
			return err
		case old.Item == 0:
			return pipeline.ErrNotFound
		case old.Deleted != pipeline.Withdrawn:
			return pipeline.ErrNotWithdrawn
		}
		var source int64
		var name string
		var origin pipeline.Origin
		if err := t.whence(old.Item, &source, &name, &origin); err != nil {
			return err
		}
		item, identifier := old.Item, old.Identifier
		return inOrder(
			func() error { return t.decree(old, change) },
			func() error { return t.decreed(source) },
			// What the source sends next is news, because it may have sent another version meanwhile.
			step(conn, "UPDATE item SET input = zeroblob(32) WHERE item = ?", item),
			step(conn, "UPDATE content SET rules = ?, notes = ?, dc = ? WHERE item = ?", change.Rules, string(change.Notes), store.PackRecord(change.DC), item),
			step(conn, "DELETE FROM suppressed WHERE identifier = ?", identifier),
		)
	})
	if err != nil {
		return fmt.Errorf("let %s come back: %w", change.Identifier, err)
	}
	return nil
}

const selectSuppressed = "SELECT identifier, source, upstream, final, reason, who, at, seq FROM suppressed WHERE "

func suppressions(conn *sqlite.Conn, which string, args ...any) (out []pipeline.Suppression, err error) {
	err = each(conn, selectSuppressed+which, args, func(r *sqlite.Stmt) error {
		out = append(out, pipeline.Suppression{
			Removal: pipeline.Removal{Identifier: r.ColumnText(0), Final: r.ColumnBool(3), Reason: r.ColumnText(4), Who: r.ColumnText(5)},
			Source:  r.ColumnText(1), Upstream: r.ColumnText(2), At: moment(r, 6), Seq: r.ColumnInt64(7),
		})
		return nil
	})
	return out, err
}

// Suppressed gives what is kept out, in order of the identifiers (see [store.Curator]).
func (s *Store) Suppressed(ctx context.Context, after string, limit int) (out []pipeline.Suppression, err error) {
	err = s.snapshot(ctx, func(conn *sqlite.Conn, _ pipeline.Head) (err error) {
		out, err = suppressions(conn, "identifier > ? ORDER BY identifier LIMIT 0 + ?", after, limit)
		return err
	})
	return out, err
}

// ToErase gives what the event stream may still have (see [pipeline.Erasures]).
func (s *Store) ToErase(ctx context.Context, upto int64, limit int) (out []pipeline.Suppression, err error) {
	if !s.suppresses.Load() {
		return nil, nil
	}
	err = s.snapshot(ctx, func(conn *sqlite.Conn, _ pipeline.Head) (err error) {
		out, err = suppressions(conn, "final = 1 AND erased = 0 AND seq > 0 AND seq <= ? LIMIT 0 + ?", upto, limit)
		return err
	})
	return out, err
}

// Erased notes that the event stream has nothing of a record any more (see [pipeline.Erasures]).
func (s *Store) Erased(ctx context.Context, identifier string) error {
	return s.writer.do(ctx, func(conn *sqlite.Conn) error {
		return exec(conn, "UPDATE suppressed SET erased = 1 WHERE identifier = ?", identifier)
	})
}

// keptOut says whether an item that the log has not is kept out, by its identifier here or by what its source calls it.
func (c *commit) keptOut(identifier, upstream string) (out bool, err error) {
	if !c.store.suppresses.Load() {
		return false, nil
	}
	err = one(c.conn, `SELECT EXISTS (SELECT 1 FROM suppressed WHERE identifier = ?1)
		OR EXISTS (SELECT 1 FROM suppressed WHERE upstream = ?2 AND upstream <> '' AND (?3 OR source = ?4))`,
		[]any{identifier, upstream, store.Worldwide(upstream), c.batch.Run.Source}, func(r *sqlite.Stmt) { out = r.ColumnBool(0) })
	return out, err
}
