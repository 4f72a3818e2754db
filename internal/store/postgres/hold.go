package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// The states of what is held.
const (
	heldWaits    int64 = 0
	heldApproved int64 = 1
	heldRefused  int64 = 2
)

// keptPasses bounds the passes that are remembered of a source: absence is counted over no more.
const keptPasses = 100

// hold keeps a change apart. One that came before and was decided about stays decided.
func (c *commit) hold(p *prepared, old *store.State) error {
	kept := *p.form.Change
	kept.Identifier = old.Identifier
	if err := c.keepHeld(old.Item, &kept); err != nil {
		return err
	}
	many(c.conn, "UPDATE item i SET seen = u.seen, stale = 0 FROM unnest($1::bigint[], $2::bigint[]) AS u(seen, item) WHERE i.item = u.item", c.source.pass, old.Item)
	c.releaseBoth(p.form.Identifier, old.Identifier)
	c.aliases(p.form.Change, old.Item, old.Identifier)
	return nil
}

func (c *commit) keepHeld(item int64, change *pipeline.Change) error {
	c.source.held = true
	return putHeld(c.store, c.conn, c.source.id, item, change, c.heldOtherwise)
}

// heldOtherwise is told of each change that is held now and was not, or is not held any more.
func (c *commit) heldOtherwise(*tuple) error {
	c.reheld = true
	return nil
}

// putHeld writes a change that is held. written is told of each that was not there already.
func putHeld(s *Store, conn *db, source, item int64, change *pipeline.Change, written func(*tuple) error) error {
	text, err := json.Marshal(change)
	if err != nil {
		return fmt.Errorf("hold a change of %s: %w", change.Identifier, err)
	}
	manyRead(conn, written, `INSERT INTO held (source, item, state, deleted, base, input, change) SELECT u.source, u.item, u.state, u.deleted, i.input, u.input, u.change
		FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bytea[], $6::bytea[]) AS u(source, item, state, deleted, input, change) JOIN item i ON i.item = u.item
		ON CONFLICT (source, item) DO UPDATE SET state = excluded.state, deleted = excluded.deleted, base = excluded.base, input = excluded.input, change = excluded.change
		WHERE held.deleted <> excluded.deleted OR held.base <> excluded.base OR held.input <> excluded.input RETURNING 1`,
		source, item, heldWaits, string(change.Deleted), change.Input[:], s.codec.Pack(text))
	return nil
}

// letGo forgets what was held of an item, because something newer is known of it.
func (c *commit) letGo(item int64) {
	if c.source.held && item != 0 {
		manyRead(c.conn, c.heldOtherwise, "DELETE FROM held h USING unnest($1::bigint[], $2::bigint[]) AS u(source, item) WHERE h.source = u.source AND h.item = u.item RETURNING 1", c.source.id, item)
	}
}

func (c *commit) letGoNamed(identifier string) {
	if c.source.held {
		manyRead(c.conn, c.heldOtherwise, `DELETE FROM held h USING unnest($1::bigint[], $2::text[]) AS u(source, identifier), item i
			WHERE i.identifier = u.identifier AND h.source = u.source AND h.item = i.item RETURNING 1`, c.source.id, identifier)
	}
}

// pass is the pass in which the items of the batch have come; null if they come from what was held.
func (c *commit) pass() *int64 {
	if c.batch.Settles {
		return nil
	}
	return &c.source.pass
}

// noteHold notes whether what is held waits for a person. A list that somebody was shown is not decided about once it is
// another one.
func (c *commit) noteHold() error {
	b := c.batch
	if c.source.held { // what has become of that is known when it is written
		if err := c.conn.flush(); err != nil {
			return err
		}
	}
	if c.reheld && !b.Settles {
		if err := exec(c.conn, "UPDATE hold SET run = 0 WHERE source = $1", c.source.id); err != nil {
			return err
		}
	}
	switch {
	case b.Done && b.Waits:
		return exec(c.conn, `INSERT INTO hold (source, run, since) VALUES ($1, $2, $3)
			ON CONFLICT (source) DO UPDATE SET run = $2, since = $3 WHERE hold.run = 0`, c.source.id, b.Run.ID, c.now)
	case b.Done:
		return exec(c.conn, "DELETE FROM hold WHERE source = $1", c.source.id)
	}
	return nil
}

// noteWholePass remembers that the pass, which ends, has proven what the source has.
func (c *commit) noteWholePass() error {
	return inOrder(
		step(c.conn, "INSERT INTO whole_pass (source, pass) VALUES ($1, $2) ON CONFLICT DO NOTHING", c.source.id, c.source.pass),
		step(c.conn, `DELETE FROM whole_pass WHERE source = $1 AND pass <= (SELECT pass FROM whole_pass WHERE source = $1
			ORDER BY pass DESC LIMIT 1 OFFSET $2)`, c.source.id, keptPasses),
	)
}

// fromHeld are the changes h that still are about what they were about.
const fromHeld = " FROM held h JOIN source s ON s.source = h.source JOIN item i ON i.item = h.item AND i.input = h.base WHERE s.name = $1 AND "

func readHeld(conn *db, source string) (h pipeline.Held, err error) {
	if err := one(conn, "SELECT h.run, h.since FROM hold h JOIN source s USING (source) WHERE s.name = $1", []any{source}, func(r *tuple) {
		if h.Run = r.ColumnInt64(0); h.Run != 0 {
			h.Since = moment(r, 1)
		}
	}); err != nil {
		return h, err
	}
	err = each(conn, "SELECT h.state, h.deleted, count(*)"+fromHeld+"h.state < 2 GROUP BY h.state, h.deleted", []any{source}, func(r *tuple) error {
		n := r.ColumnInt64(2)
		switch reason := pipeline.Reason(r.ColumnText(1)); {
		case r.ColumnInt64(0) == heldApproved:
			h.Approved += n
		case reason == pipeline.Live:
			h.Changes += n
		case reason == pipeline.Absent:
			h.Absent += n
			h.Deletions += n
		default:
			h.Deletions += n
		}
		return nil
	})
	return h, err
}

// heldOfAll is what is held of all sources, by their names. Of most nothing is.
func heldOfAll(conn *db) (map[string]pipeline.Held, error) {
	out := map[string]pipeline.Held{}
	err := all(conn, "SELECT name FROM source s WHERE EXISTS (SELECT 1 FROM held h WHERE h.source = s.source)", nil, func(r *tuple) (err error) {
		out[r.ColumnText(0)], err = readHeld(conn, r.ColumnText(0))
		return err
	})
	return out, err
}

// Held says what is held of a source (see [pipeline.Log]).
func (s *Store) Held(ctx context.Context, source string) (h pipeline.Held, err error) {
	conn, err := s.readers.Take(ctx)
	if err == nil {
		defer s.readers.Put(conn)
		h, err = readHeld(conn, source)
	}
	if err != nil {
		return h, fmt.Errorf("read what is held of %s: %w", source, err)
	}
	return h, nil
}

// HeldChanges gives changes that are held (see [pipeline.Log]).
func (s *Store) HeldChanges(ctx context.Context, source string, after int64, approvedOnly bool, limit int) (out []pipeline.HeldChange, err error) {
	conn, err := s.readers.Take(ctx)
	if err == nil {
		defer s.readers.Put(conn)
		which := "h.state < 2 AND h.item > $2 ORDER BY h.item LIMIT $3"
		if approvedOnly {
			which = "h.state = 1 AND h.item > $2 ORDER BY h.item LIMIT $3"
		}
		err = each(conn, "SELECT h.item, h.change"+fromHeld+which, []any{source, after, limit}, func(r *tuple) error {
			text, err := s.codec.Unpack(columnBytes(r, 1))
			if err != nil {
				return err
			}
			out = append(out, pipeline.HeldChange{Item: r.ColumnInt64(0)})
			return json.Unmarshal(text, &out[len(out)-1].Change)
		})
	}
	if err != nil {
		return nil, fmt.Errorf("read what is held of %s: %w", source, err)
	}
	return out, nil
}

// Decide writes down what a person said (see [pipeline.Log]).
func (s *Store) Decide(ctx context.Context, source string, run int64, d pipeline.Decision) error {
	err := s.writer.do(ctx, func(conn *db) error {
		h, err := readHeld(conn, source)
		if err != nil {
			return err
		}
		if run == 0 || h.Run != run {
			return pipeline.ErrNotFound
		}
		number, err := nextNumber(conn, "decision")
		if err != nil {
			return err
		}
		state := heldRefused
		if d.Approve {
			state = heldApproved
		}
		const its = "source = (SELECT source FROM source WHERE name = $1)"
		return inOrder(
			step(conn, "UPDATE held SET state = $2 WHERE state = 0 AND "+its, source, state),
			step(conn, "DELETE FROM hold WHERE "+its, source),
			step(conn, "INSERT INTO decision (decision, source, run, at, who, approved, deletions, changes) SELECT $8::bigint, source, $1::bigint, $2::bigint, $3::text, $4::bigint, $5::bigint, $6::bigint FROM source WHERE name = $7",
				run, s.guard.Wall().Unix(), d.Who, d.Approve, h.Deletions, h.Changes, source, number),
		)
	})
	if err != nil {
		return fmt.Errorf("decide about run %d of %s: %w", run, source, err)
	}
	return nil
}

// approveAll approves what waits of a source, and what is asked about no more.
func approveAll(conn *db, source int64) error {
	return inOrder(
		step(conn, "UPDATE held SET state = $1 WHERE source = $2 AND state = $3", heldApproved, source, heldWaits),
		step(conn, "DELETE FROM hold WHERE source = $1", source),
	)
}

// Decisions gives the newest decisions (see [pipeline.Log]).
func (s *Store) Decisions(ctx context.Context, limit int) (out []pipeline.Decided, err error) {
	err = s.snapshot(ctx, func(conn *db, _ pipeline.Head) error {
		return each(conn, `SELECT s.name, d.run, d.at, d.who, d.approved, d.deletions, d.changes FROM decision d JOIN source s ON s.source = d.source
			ORDER BY decision DESC LIMIT $1`, []any{limit}, func(r *tuple) error {
			out = append(out, pipeline.Decided{
				Source: r.ColumnText(0), Run: r.ColumnInt64(1), At: moment(r, 2), Decision: pipeline.Decision{Who: r.ColumnText(3), Approve: r.ColumnBool(4)},
				Deletions: r.ColumnInt64(5), Changes: r.ColumnInt64(6),
			})
			return nil
		})
	})
	return out, err
}
