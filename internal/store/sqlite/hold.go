package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// holdSchema is applied to every log that is opened: it only adds. What a program that doesn't know these tables writes
// meanwhile shows in the input of the item, and then what was held of it is held no more.
var holdSchema = []string{
	`CREATE TABLE IF NOT EXISTS held ( -- changes that wait
  source  INTEGER NOT NULL,
  item    INTEGER NOT NULL,
  state   INTEGER NOT NULL, -- 0: nobody has decided; 1: approved; 2: refused
  deleted TEXT    NOT NULL, -- the reason; empty if the record would change
  base    BLOB    NOT NULL, -- input of the item that it would change
  input   BLOB    NOT NULL, -- of what the source sent; zeros if it sent nothing
  change  BLOB    NOT NULL, -- pipeline.Change as JSON, compressed
  PRIMARY KEY (source, item)
) STRICT, WITHOUT ROWID`,
	`CREATE TABLE IF NOT EXISTS hold ( -- for what of a source a decision is waited
  source INTEGER PRIMARY KEY,
  run    INTEGER NOT NULL, -- 0 while a pass adds to it
  since  INTEGER NOT NULL
) STRICT`,
	`CREATE TABLE IF NOT EXISTS whole_pass ( -- full passes that have proven what the source has
  source INTEGER NOT NULL,
  pass   INTEGER NOT NULL,
  PRIMARY KEY (source, pass)
) STRICT, WITHOUT ROWID`,
	`CREATE TABLE IF NOT EXISTS decision (
  decision  INTEGER PRIMARY KEY,
  source    INTEGER NOT NULL,
  run       INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  who       TEXT    NOT NULL,
  approved  INTEGER NOT NULL,
  deletions INTEGER NOT NULL,
  changes   INTEGER NOT NULL
) STRICT`,
}

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
	return inOrder(
		step(c.conn, "UPDATE item SET seen = ?, stale = 0 WHERE item = ?", c.source.pass, old.Item),
		func() error { return c.releaseBoth(p.form.Identifier, old.Identifier) },
		func() error { return c.aliases(p.form.Change, old.Item, old.Identifier) },
	)
}

func (c *commit) keepHeld(item int64, change *pipeline.Change) error {
	written, err := putHeld(c.store, c.conn, c.source.id, item, change)
	c.source.held, c.reheld = true, c.reheld || written
	return err
}

// putHeld writes a change that is held, and says whether it was not there already.
func putHeld(s *Store, conn *sqlite.Conn, source, item int64, change *pipeline.Change) (written bool, err error) {
	text, err := json.Marshal(change)
	if err != nil {
		return false, fmt.Errorf("hold a change of %s: %w", change.Identifier, err)
	}
	err = exec(conn, `INSERT INTO held (source, item, state, deleted, base, input, change) SELECT ?1, ?2, ?3, ?4, input, ?5, ?6 FROM item WHERE item = ?2
		ON CONFLICT (source, item) DO UPDATE SET state = excluded.state, deleted = excluded.deleted, base = excluded.base, input = excluded.input, change = excluded.change
		WHERE deleted <> excluded.deleted OR base <> excluded.base OR input <> excluded.input`,
		source, item, heldWaits, string(change.Deleted), change.Input[:], s.codec.Pack(text))
	return conn.Changes() > 0, err
}

// letGo forgets what was held of an item, because something newer is known of it.
func (c *commit) letGo(item int64) error {
	if !c.source.held || item == 0 {
		return nil
	}
	err := exec(c.conn, "DELETE FROM held WHERE source = ? AND item = ?", c.source.id, item)
	c.reheld = c.reheld || c.conn.Changes() > 0
	return err
}

func (c *commit) letGoNamed(identifier string) error {
	if !c.source.held {
		return nil
	}
	var item int64
	if err := one(c.conn, "SELECT item FROM item WHERE identifier = ?", []any{identifier}, func(r *sqlite.Stmt) { item = r.ColumnInt64(0) }); err != nil {
		return err
	}
	return c.letGo(item)
}

// pass is the pass in which the items of the batch have come; null if they come from what was held.
func (c *commit) pass() any {
	if c.batch.Settles {
		return []byte(nil)
	}
	return c.source.pass
}

// noteHold notes whether what is held waits for a person. A list that somebody was shown is not decided about once it is
// another one.
func (c *commit) noteHold() error {
	b := c.batch
	if c.reheld && !b.Settles {
		if err := exec(c.conn, "UPDATE hold SET run = 0 WHERE source = ?", c.source.id); err != nil {
			return err
		}
	}
	switch {
	case b.Done && b.Waits:
		return exec(c.conn, `INSERT INTO hold (source, run, since) VALUES (?1, ?2, ?3)
			ON CONFLICT (source) DO UPDATE SET run = ?2, since = ?3 WHERE run = 0`, c.source.id, b.Run.ID, c.now)
	case b.Done:
		return exec(c.conn, "DELETE FROM hold WHERE source = ?", c.source.id)
	}
	return nil
}

// noteWholePass remembers that the pass, which ends, has proven what the source has.
func (c *commit) noteWholePass() error {
	return inOrder(
		step(c.conn, "INSERT OR IGNORE INTO whole_pass (source, pass) VALUES (?, ?)", c.source.id, c.source.pass),
		step(c.conn, `DELETE FROM whole_pass WHERE source = ?1 AND pass <= (SELECT pass FROM whole_pass WHERE source = ?1
			ORDER BY pass DESC LIMIT 1 OFFSET ?2)`, c.source.id, keptPasses),
	)
}

// fromHeld are the changes h that still are about what they were about.
const fromHeld = " FROM held h JOIN source s ON s.source = h.source JOIN item i ON i.item = h.item AND i.input = h.base WHERE s.name = ?1 AND "

func readHeld(conn *sqlite.Conn, source string) (h pipeline.Held, err error) {
	if err := one(conn, "SELECT h.run, h.since FROM hold h JOIN source s USING (source) WHERE s.name = ?", []any{source}, func(r *sqlite.Stmt) {
		if h.Run = r.ColumnInt64(0); h.Run != 0 {
			h.Since = moment(r, 1)
		}
	}); err != nil {
		return h, err
	}
	err = each(conn, "SELECT h.state, h.deleted, count(*)"+fromHeld+"h.state < 2 GROUP BY h.state, h.deleted", []any{source}, func(r *sqlite.Stmt) error {
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
func heldOfAll(conn *sqlite.Conn) (map[string]pipeline.Held, error) {
	out := map[string]pipeline.Held{}
	err := each(conn, "SELECT name FROM source s WHERE EXISTS (SELECT 1 FROM held h WHERE h.source = s.source)", nil, func(r *sqlite.Stmt) (err error) {
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
		which := "h.state < 2 AND h.item > ?2 ORDER BY h.item LIMIT 0 + ?3"
		if approvedOnly {
			which = "h.state = 1 AND h.item > ?2 ORDER BY h.item LIMIT 0 + ?3"
		}
		err = each(conn, "SELECT h.item, h.change"+fromHeld+which, []any{source, after, limit}, func(r *sqlite.Stmt) error {
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
	err := s.writer.do(ctx, func(conn *sqlite.Conn) error {
		h, err := readHeld(conn, source)
		if err != nil {
			return err
		}
		if run == 0 || h.Run != run {
			return pipeline.ErrNotFound
		}
		state := heldRefused
		if d.Approve {
			state = heldApproved
		}
		const its = "source = (SELECT source FROM source WHERE name = ?)"
		return inOrder(
			step(conn, "UPDATE held SET state = ? WHERE state = 0 AND "+its, state, source),
			step(conn, "DELETE FROM hold WHERE "+its, source),
			step(conn, "INSERT INTO decision (source, run, at, who, approved, deletions, changes) SELECT source, ?, ?, ?, ?, ?, ? FROM source WHERE name = ?",
				run, s.guard.Wall().Unix(), d.Who, d.Approve, h.Deletions, h.Changes, source),
		)
	})
	if err != nil {
		return fmt.Errorf("decide about run %d of %s: %w", run, source, err)
	}
	return nil
}

// approveAll approves what waits of a source, and what is asked about no more.
func approveAll(conn *sqlite.Conn, source int64) error {
	return inOrder(
		step(conn, "UPDATE held SET state = ? WHERE source = ? AND state = ?", heldApproved, source, heldWaits),
		step(conn, "DELETE FROM hold WHERE source = ?", source),
	)
}

// Decisions gives the newest decisions (see [pipeline.Log]).
func (s *Store) Decisions(ctx context.Context, limit int) (out []pipeline.Decided, err error) {
	err = s.snapshot(ctx, func(conn *sqlite.Conn, _ pipeline.Head) error {
		return each(conn, `SELECT name, d.run, at, who, approved, deletions, changes FROM decision d JOIN source USING (source)
			ORDER BY decision DESC LIMIT 0 + ?`, []any{limit}, func(r *sqlite.Stmt) error {
			out = append(out, pipeline.Decided{
				Source: r.ColumnText(0), Run: r.ColumnInt64(1), At: moment(r, 2), Decision: pipeline.Decision{Who: r.ColumnText(3), Approve: r.ColumnBool(4)},
				Deletions: r.ColumnInt64(5), Changes: r.ColumnInt64(6),
			})
			return nil
		})
	})
	return out, err
}
