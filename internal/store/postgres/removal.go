package postgres

import (
	"context"
	"fmt"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Remove takes a record down, or hides it (see [store.Curator]).
func (s *Store) Remove(ctx context.Context, r pipeline.Removal) (out pipeline.Suppression, err error) {
	err = s.writer.do(ctx, func(conn *db) error {
		if err := lockSourceOf(conn, r.Identifier); err != nil {
			return err
		}
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

func suppress(conn *db, s *pipeline.Suppression) error {
	return exec(conn, `INSERT INTO suppressed (identifier, source, upstream, final, reason, who, at, seq, erased) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)
		ON CONFLICT (identifier) DO UPDATE SET final = greatest(suppressed.final, $4), reason = $5, who = $6, at = $7, seq = greatest(suppressed.seq, $8), erased = 0`,
		s.Identifier, s.Source, s.Upstream, s.Final, s.Reason, s.Who, s.At.Unix(), s.Seq)
}

// removeAgain takes down what a log that was restored has, and what was taken down since.
func (s *Store) removeAgain(ctx context.Context) error {
	for after := ""; s.suppresses.Load(); {
		var todo []pipeline.Suppression
		if err := s.snapshot(ctx, func(conn *db, _ pipeline.Head) (err error) {
			todo, err = suppressions(conn, `identifier > $1 AND EXISTS (SELECT 1 FROM item i JOIN record r ON r.seq = i.seq
				WHERE i.identifier = suppressed.identifier AND r.deleted NOT IN ('takedown', CASE WHEN suppressed.final = 1 THEN 'takedown' ELSE 'withdrawn' END)) ORDER BY identifier LIMIT 100`, after)
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
	steps := []func() error{step(t.conn, "DELETE FROM held WHERE source = $1 AND item = $2", source, old.Item)}
	if out.Final {
		steps = append(steps,
			step(t.conn, "DELETE FROM noted WHERE identifier = $1", old.Identifier),
			step(t.conn, "UPDATE content SET rules = '', notes = '', dc = ''::bytea, original = ''::bytea WHERE item = $1", old.Item),
			step(t.conn, `DELETE FROM quarantine WHERE source = $1 AND (identifier = $2 OR key = $3 OR identifier IN (SELECT identifier FROM alias WHERE item = $4))`,
				source, old.Identifier, out.Upstream, old.Item))
	}
	return inOrder(steps...)
}

// whence says from what source an item is, and where its last version came from.
func (t *tx) whence(item int64, source *int64, name *string, origin *pipeline.Origin) (err error) {
	var text string
	if err := one(t.conn, "SELECT s.source, s.name, c.origin FROM item i JOIN source s ON s.source = i.source JOIN content c ON c.item = i.item WHERE i.item = $1", []any{item}, func(r *tuple) {
		*source, *name, text = r.ColumnInt64(0), r.ColumnText(1), r.ColumnText(2)
	}); err != nil {
		return err
	}
	return store.UnpackOrigin(text, origin)
}

// decree brings a record to the state that a person wants. After all of a transaction comes decreed.
func (t *tx) decree(old *store.State, change pipeline.Change) error {
	form := store.NewForm(&change)
	m, err := t.plan.Decree(old, &form, t.store.stamp)
	if err != nil {
		return err
	}
	origin, err := store.PackOrigin(&change.Origin)
	if err != nil {
		return err
	}
	t.moveItem(m)
	many(t.conn, "UPDATE content c SET origin = u.origin FROM unnest($1::text[], $2::bigint[]) AS u(origin, item) WHERE c.item = u.item", origin, m.New.Item)
	return t.move(m)
}

// decreed writes what decrees have done to the records of one source, all together.
func (t *tx) decreed(source int64) error {
	return inOrder(
		step(t.conn, "UPDATE source SET live = live + $1, deleted = deleted + $2 WHERE source = $3", t.plan.Live, t.plan.Deleted, source),
		t.finish,
	)
}

// Readmit lets a record that was withdrawn come back as the given change says (see [store.Curator]).
func (s *Store) Readmit(ctx context.Context, change pipeline.Change) error {
	err := s.writer.do(ctx, func(conn *db) error {
		if err := lockSourceOf(conn, change.Identifier); err != nil {
			return err
		}
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
			step(conn, "UPDATE item SET input = decode(repeat('00', 32), 'hex') WHERE item = $1", item),
			step(conn, "UPDATE content SET rules = $1, notes = $2, dc = $3 WHERE item = $4", change.Rules, string(change.Notes), store.PackRecord(change.DC), item),
			step(conn, "DELETE FROM suppressed WHERE identifier = $1", identifier),
		)
	})
	if err != nil {
		return fmt.Errorf("let %s come back: %w", change.Identifier, err)
	}
	return nil
}

const selectSuppressed = "SELECT identifier, source, upstream, final, reason, who, at, seq FROM suppressed WHERE "

func suppressions(conn *db, which string, args ...any) (out []pipeline.Suppression, err error) {
	err = each(conn, selectSuppressed+which, args, func(r *tuple) error {
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
	err = s.snapshot(ctx, func(conn *db, _ pipeline.Head) (err error) {
		out, err = suppressions(conn, "identifier > $1 ORDER BY identifier LIMIT $2", after, limit)
		return err
	})
	return out, err
}

// ToErase gives what the event stream may still have (see [pipeline.Erasures]).
func (s *Store) ToErase(ctx context.Context, upto int64, limit int) (out []pipeline.Suppression, err error) {
	if !s.suppresses.Load() {
		return nil, nil
	}
	err = s.snapshot(ctx, func(conn *db, _ pipeline.Head) (err error) {
		out, err = suppressions(conn, "final = 1 AND erased = 0 AND seq > 0 AND seq <= $1 LIMIT $2", upto, limit)
		return err
	})
	return out, err
}

// Erased notes that the event stream has nothing of a record any more (see [pipeline.Erasures]).
func (s *Store) Erased(ctx context.Context, identifier string) error {
	return s.writer.do(ctx, func(conn *db) error {
		return exec(conn, "UPDATE suppressed SET erased = 1 WHERE identifier = $1", identifier)
	})
}

// askKeptOut finds out which items of the batch are kept out, by their identifiers here or by what their source calls them. It asks
// for all at once: where several gateways have the log open, this one never knows that nothing is kept out, and the database may be
// far away.
func (c *commit) askKeptOut() error {
	if !c.store.suppresses.Load() {
		return nil
	}
	var items []itemNames
	for i := range c.batch.Changes {
		items = append(items, itemNames{c.batch.Changes[i].Identifier, c.batch.Changes[i].Origin.Identifier})
	}
	for i := range c.batch.Rejects {
		items = append(items, itemNames{c.batch.Rejects[i].Identifier, c.batch.Rejects[i].Key})
	}
	identifiers, upstreams, worldwide := make([]string, len(items)), make([]string, len(items)), make([]bool, len(items))
	for i, item := range items {
		identifiers[i], upstreams[i], worldwide[i] = keepable(item.identifier), keepable(item.upstream), store.Worldwide(item.upstream)
	}
	c.out = map[itemNames]bool{}
	return each(c.conn, `SELECT u.n FROM unnest($1::text[], $2::text[], $3::boolean[]) WITH ORDINALITY AS u(identifier, upstream, worldwide, n)
		WHERE EXISTS (SELECT 1 FROM suppressed s WHERE s.identifier = u.identifier)
		OR EXISTS (SELECT 1 FROM suppressed s WHERE s.upstream = u.upstream AND u.upstream <> '' AND (u.worldwide OR s.source = $4))`,
		[]any{identifiers, upstreams, worldwide, c.batch.Run.Source}, func(r *tuple) error {
			c.out[items[r.ColumnInt64(0)-1]] = true
			return nil
		})
}

// itemNames are what an item is called here, and by its source.
type itemNames struct{ identifier, upstream string }

// keptOut says whether an item that the log has not is kept out.
func (c *commit) keptOut(identifier, upstream string) bool {
	return c.out[itemNames{identifier, upstream}]
}
