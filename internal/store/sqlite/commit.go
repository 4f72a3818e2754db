package sqlite

import (
	"cmp"
	"context"

	"golang.org/x/sync/errgroup"
	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// prepare makes the changes of a batch ready, on two cores if there are many: most of it is compression.
func (s *Store) prepare(b *pipeline.Batch) ([]prepared, error) {
	const many = 32
	out := make([]prepared, len(b.Changes))
	half := len(out)
	if half >= many {
		half /= 2
	}
	var g errgroup.Group
	g.Go(func() error { return s.prepareSome(b.Changes[half:], out[half:]) })
	err := s.prepareSome(b.Changes[:half], out[:half])
	return out, cmp.Or(err, g.Wait())
}

func (s *Store) prepareSome(changes []pipeline.Change, out []prepared) error {
	for i := range changes {
		content, err := s.codec.PackContent(&changes[i])
		if err != nil {
			return err
		}
		out[i] = prepared{store.NewForm(&changes[i]), content}
	}
	return nil
}

// Commit stores a page (see [pipeline.Log]).
func (s *Store) Commit(ctx context.Context, b *pipeline.Batch) (*pipeline.Receipt, error) {
	if err := s.roomFor(b); err != nil {
		return nil, err
	}
	changes, err := s.prepare(b)
	if err != nil {
		return nil, err
	}
	rejects := make([][]byte, len(b.Rejects))
	for i, r := range b.Rejects {
		rejects[i] = s.codec.Pack(r.Original)
	}
	var receipt *pipeline.Receipt
	err = s.writer.do(ctx, func(conn *sqlite.Conn) error {
		t, err := s.begin(conn)
		if err != nil {
			return err
		}
		c := &commit{tx: t, batch: b, now: s.guard.Wall().Unix(), reasons: map[string]int64{}}
		before := t.plan.Head.Seq
		if err := c.run(changes, rejects); err != nil {
			return err
		}
		c.recalled(before)
		receipt = &pipeline.Receipt{Head: t.plan.Head, Counts: t.plan.Counts, Reasons: c.reasons, Fates: t.plan.Fates, Returned: c.returned}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return receipt, nil
}

func (c *commit) run(changes []prepared, rejects [][]byte) (err error) {
	if c.source, err = currentSource(c.conn, c.batch); err != nil {
		return err
	}
	c.plan.Counts.Pages = 1
	if err := inOrder(c.seen, c.keep); err != nil {
		return err
	}
	for i := range changes {
		if err := c.change(&changes[i]); err != nil {
			return err
		}
	}
	for i := range c.batch.Rejects {
		if err := c.reject(&c.batch.Rejects[i], rejects[i]); err != nil {
			return err
		}
	}
	return inOrder(c.note, c.finish, c.nameSets, c.reconcile, c.releaseEnded, c.advanceSource)
}

// seen notes the items that came again as they were.
func (c *commit) seen() error {
	if len(c.batch.Unchanged) == 0 {
		return nil
	}
	stmt, err := c.conn.Prepare("UPDATE item SET seen = ?1, stale = 0 WHERE identifier = ?2 AND input = ?3 AND seen <> ?1")
	if err != nil {
		return err
	}
	defer stmt.Reset()
	for i := range c.batch.Unchanged {
		u := &c.batch.Unchanged[i]
		stmt.BindInt64(1, c.source.pass)
		stmt.BindText(2, u.Identifier)
		stmt.BindBytes(3, u.Input[:])
		if _, err := stmt.Step(); err != nil {
			return err
		}
		met := c.conn.Changes()
		if err := stmt.Reset(); err != nil {
			return err
		}
		if c.gain.Met += int64(met); met == 0 { // the pass gave it before, or it has changed
			if err := exec(c.conn, "UPDATE item SET stale = 0 WHERE identifier = ? AND input = ?", u.Identifier, u.Input[:]); err != nil {
				return err
			}
			if c.conn.Changes() != 1 {
				return pipeline.ErrStale
			}
		}
		c.plan.Tell(c.batch, pipeline.Fate{Identifier: u.Identifier, Became: pipeline.BecameUnchanged})
		if err := c.release(u.Identifier); err != nil {
			return err
		}
		if err := c.letGoNamed(u.Identifier); err != nil {
			return err
		}
	}
	c.plan.Counts.Unchanged += int64(len(c.batch.Unchanged))
	c.plan.Counts.Items += int64(len(c.batch.Unchanged))
	return nil
}

// change brings one record to the state that it shall have.
func (c *commit) change(p *prepared) error {
	old, err := c.find(p.form.Change)
	if err != nil {
		return err
	}
	if old.Item == 0 {
		if out, err := c.keptOut(p.form.Identifier, p.form.Origin.Identifier); err != nil || out {
			c.plan.Counts.Items++
			c.plan.Counts.Suppressed++
			c.plan.Tell(c.batch, pipeline.Fate{Identifier: p.form.Identifier, Key: p.form.Origin.Identifier, Became: pipeline.BecameSuppressed})
			return err
		}
	}
	verdict, move, err := c.plan.Change(old, &p.form, c.batch, c.store.guard.Stamp)
	if err != nil {
		return err
	}
	if verdict == store.Held {
		return inOrder(func() error { return c.meet(old.Item) }, func() error { return c.hold(p, old) })
	}
	if err := c.letGo(old.Item); err != nil || verdict == store.Suppressed {
		return err
	}
	if err := c.meet(old.Item); err != nil {
		return err
	}
	if err := c.releaseBoth(p.form.Identifier, old.Identifier); err != nil {
		return err
	}
	if verdict == store.Unchanged {
		if err := exec(c.conn, "UPDATE item SET seen = coalesce(?, seen), stale = 0, input = ? WHERE item = ?", c.pass(), p.form.Input[:], old.Item); err != nil {
			return err
		}
		return c.aliases(p.form.Change, old.Item, old.Identifier)
	}
	if err := inOrder(func() error { return c.countReturned(old, p.form.Change) }, func() error { return c.putItem(p, move) }); err != nil {
		return err
	}
	if err := c.putContent(p, move); err != nil {
		return err
	}
	if err := inOrder(func() error { return c.move(move) }, func() error { return c.recall(p, move) }); err != nil {
		return err
	}
	return c.aliases(p.form.Change, move.New.Item, move.New.Identifier)
}

// find looks for the item under its identifier, then under its aliases: it may have come under one
// of them on the page before.
func (c *commit) find(change *pipeline.Change) (*store.State, error) {
	old, err := c.look(itemNamed, change.Identifier)
	for _, a := range change.Aliases {
		if err != nil || old.Item != 0 {
			break
		}
		old, err = c.look(itemNamed, a)
	}
	if err == nil && old.Item != 0 {
		old.Owner, err = ownerOf(c.conn, old.Identifier)
	}
	return old, err
}

// aliases remembers under which other identifiers the item may come.
func (c *commit) aliases(change *pipeline.Change, item int64, keptUnder string) error {
	for a := range store.Aliases(change, keptUnder) {
		if err := exec(c.conn, "INSERT INTO alias (identifier, item) VALUES (?, ?) ON CONFLICT DO NOTHING", a, item); err != nil {
			return err
		}
	}
	return nil
}

// putItem writes what an item is apart from its place in the log, and gives a new one its key.
func (c *commit) putItem(p *prepared, m *store.Move) error {
	now := &m.New
	if now.Item != 0 {
		return exec(c.conn, "UPDATE item SET seq = ?, version = ?, seen = coalesce(?, seen), stale = 0, format = ?, fingerprint = ?, input = ? WHERE item = ?",
			now.Seq, now.Version, c.pass(), now.Native, now.Fingerprint[:], p.form.Input[:], now.Item)
	}
	err := exec(c.conn, "INSERT INTO item (identifier, source, seq, version, seen, stale, format, fingerprint, input) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?)",
		now.Identifier, c.source.id, now.Seq, now.Version, c.source.pass, now.Native, now.Fingerprint[:], p.form.Input[:])
	now.Item = c.conn.LastInsertRowID()
	return err
}

func (c *commit) putContent(p *prepared, m *store.Move) error {
	n := &p.content
	if m.KeepsContent() {
		return exec(c.conn, "UPDATE content SET origin = ?, notes = ? WHERE item = ?", n.Origin, n.Notes, m.New.Item)
	}
	return exec(c.conn, "INSERT OR REPLACE INTO content (item, origin, rules, notes, dc, original) VALUES (?, ?, ?, ?, ?, ?)",
		m.New.Item, n.Origin, n.Rules, n.Notes, n.DC, n.Original)
}

// nameSets notes what sets are called. Those that are called so already are not written again.
func (c *commit) nameSets() error {
	for spec, name := range c.batch.SetNames {
		if err := exec(c.conn, "UPDATE list SET title = ?1 WHERE kind = 'set' AND name = ?2 AND title <> ?1", name, spec); err != nil {
			return err
		}
	}
	return nil
}
