package postgres

// maxNoted is the longest identifier, in bytes, under which something is noted: a longer one becomes no record, may be too
// long for an index, and its item is asked for again.
const maxNoted = 1024

// note keeps what the source notes of items.
func (c *commit) note() error {
	for _, n := range c.batch.Noted {
		if len(n.Identifier) > maxNoted {
			continue
		}
		if n.Memo == "" {
			if err := exec(c.conn, "DELETE FROM noted WHERE identifier = $1", n.Identifier); err != nil {
				return err
			}
			continue
		}
		if err := exec(c.conn, "INSERT INTO noted (identifier, memo) VALUES ($1, $2) ON CONFLICT (identifier) DO UPDATE SET memo = $2", n.Identifier, n.Memo); err != nil {
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
		if err := exec(c.conn, "UPDATE quarantine SET pass = $1 WHERE source = $2 AND identifier = $3", c.source.pass, c.source.id, identifier); err != nil {
			return err
		}
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
	return inOrder(
		step(c.conn, "UPDATE item SET seen = $1 WHERE item = $2", c.source.pass, item),
		func() error { return c.letGoDeletion(item) },
	)
}

// letGoDeletion forgets that a deletion of an item is held, because its source has it.
func (c *commit) letGoDeletion(item int64) error {
	if !c.source.held {
		return nil
	}
	n, err := changes(c.conn, "DELETE FROM held WHERE source = $1 AND item = $2 AND deleted <> ''", c.source.id, item)
	c.reheld = c.reheld || n > 0
	return err
}
