package sqlite

import (
	"zombiezen.com/go/sqlite"
)

// notedSchema is applied to every log that is opened: it only adds. A program that doesn't know the table leaves it behind
// what it stores, so that the source asks for some items again.
const notedSchema = `CREATE TABLE IF NOT EXISTS noted ( -- what sources note of items for the next time that they ask for them
  identifier TEXT PRIMARY KEY, -- under which the item came, also where it became no record
  memo       TEXT NOT NULL
) STRICT, WITHOUT ROWID`

// memoOf is what a source has noted under an identifier; empty if the record is deleted, because then it must be asked for.
func memoOf(conn *sqlite.Conn, identifier string) (memo string, err error) {
	err = one(conn, `SELECT memo FROM noted WHERE identifier = ?1
		AND NOT EXISTS (SELECT 1 FROM item i JOIN record r ON r.seq = i.seq WHERE i.identifier = ?1 AND r.deleted <> '')`,
		[]any{identifier}, func(r *sqlite.Stmt) { memo = r.ColumnText(0) })
	return memo, err
}

// note keeps what the source notes of items.
func (c *commit) note() error {
	for _, n := range c.batch.Noted {
		if n.Memo == "" {
			if err := exec(c.conn, "DELETE FROM noted WHERE identifier = ?", n.Identifier); err != nil {
				return err
			}
			continue
		}
		if err := exec(c.conn, "INSERT INTO noted (identifier, memo) VALUES (?1, ?2) ON CONFLICT (identifier) DO UPDATE SET memo = ?2", n.Identifier, n.Memo); err != nil {
			return err
		}
	}
	return nil
}

// keep notes the items that are as they were when they came last (see [pipeline.Batch]).
func (c *commit) keep() error {
	for _, identifier := range c.batch.Kept {
		if err := c.keepOne(identifier); err != nil {
			return err
		}
	}
	return nil
}

func (c *commit) keepOne(identifier string) error {
	if c.source.quarantined {
		if err := exec(c.conn, "UPDATE quarantine SET pass = ? WHERE source = ? AND identifier = ?", c.source.pass, c.source.id, identifier); err != nil {
			return err
		}
	}
	var item int64
	if err := one(c.conn, "SELECT i.item FROM item i WHERE "+itemNamed, []any{identifier}, func(r *sqlite.Stmt) { item = r.ColumnInt64(0) }); err != nil || item == 0 {
		return err
	}
	c.plan.Counts.Items++
	c.plan.Counts.Unchanged++
	return inOrder(
		func() error { return c.meet(item) },
		step(c.conn, "UPDATE item SET seen = ? WHERE item = ?", c.source.pass, item),
		func() error { return c.letGoDeletion(item) },
	)
}

// letGoDeletion forgets that a deletion of an item is held, because its source has it.
func (c *commit) letGoDeletion(item int64) error {
	if !c.source.held {
		return nil
	}
	err := exec(c.conn, "DELETE FROM held WHERE source = ? AND item = ? AND deleted <> ''", c.source.id, item)
	c.reheld = c.reheld || c.conn.Changes() > 0
	return err
}
