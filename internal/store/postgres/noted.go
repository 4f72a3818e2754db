package postgres

import "slices"

// maxNoted is the longest identifier, in bytes, under which something is noted: a longer one becomes no record, may be too
// long for an index, and its item is asked for again.
const maxNoted = 1024

// note keeps what the source notes of items.
func (c *commit) note() error {
	done := map[string]bool{}
	for _, n := range slices.Backward(c.batch.Noted) { // what was noted last of an item counts
		if len(n.Identifier) > maxNoted || done[n.Identifier] {
			continue
		}
		if done[n.Identifier] = true; n.Memo == "" {
			many(c.conn, "DELETE FROM noted WHERE identifier = ANY ($1::text[])", n.Identifier)
		} else {
			many(c.conn, "INSERT INTO noted (identifier, memo) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT (identifier) DO UPDATE SET memo = excluded.memo", n.Identifier, n.Memo)
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
		many(c.conn, "UPDATE quarantine q SET pass = u.pass FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u(pass, source, identifier) WHERE q.source = u.source AND q.identifier = u.identifier",
			c.source.pass, c.source.id, identifier)
	}
	had, err := c.olds.of(identifier)
	if err != nil || had == nil {
		return err
	}
	item := had.state.Item
	defer c.olds.change(item)
	c.plan.Counts.Items++
	c.plan.Counts.Unchanged++
	c.meet(had)
	many(c.conn, "UPDATE item i SET seen = u.seen FROM unnest($1::bigint[], $2::bigint[]) AS u(seen, item) WHERE i.item = u.item", c.source.pass, item)
	c.letGoDeletion(item)
	return nil
}

// letGoDeletion forgets that a deletion of an item is held, because its source has it.
func (c *commit) letGoDeletion(item int64) {
	if c.source.held {
		manyRead(c.conn, c.heldOtherwise, "DELETE FROM held h USING unnest($1::bigint[], $2::bigint[]) AS u(source, item) WHERE h.source = u.source AND h.item = u.item AND h.deleted <> '' RETURNING 1", c.source.id, item)
	}
}
