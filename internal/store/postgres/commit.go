package postgres

import (
	"cmp"
	"context"

	"golang.org/x/sync/errgroup"

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
	changes, err := s.prepare(b)
	if err != nil {
		return nil, err
	}
	rejects := make([][]byte, len(b.Rejects))
	for i, r := range b.Rejects {
		rejects[i] = s.codec.Pack(r.Original)
	}
	var receipt *pipeline.Receipt
	err = s.writer.do(ctx, func(conn *db) error {
		source, err := currentSource(conn, b) // which locks it: before the head
		if err != nil {
			return err
		}
		t, err := s.begin(conn)
		if err != nil {
			return err
		}
		c := &commit{tx: t, batch: b, source: source, now: s.guard.Wall().Unix(), reasons: map[string]int64{}}
		c.olds = olds{tx: t, asked: map[string]*old{}, changed: map[int64]bool{}}
		if err := c.run(changes, rejects); err != nil {
			return err
		}
		receipt = &pipeline.Receipt{Head: t.plan.Head, Counts: t.plan.Counts, Reasons: c.reasons, Fates: t.plan.Fates, Returned: c.returned}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return receipt, nil
}

func (c *commit) run(changes []prepared, rejects [][]byte) (err error) {
	c.plan.Counts.Pages = 1
	if err := inOrder(c.seen, c.ask, c.askKeptOut, c.keep); err != nil {
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

// ask reads what the log has of all items of the batch that may change.
func (c *commit) ask() error {
	var names []string
	for i := range c.batch.Changes {
		names = append(append(names, c.batch.Changes[i].Identifier), c.batch.Changes[i].Aliases...)
	}
	for i := range c.batch.Rejects {
		if id := c.batch.Rejects[i].Identifier; id != "" {
			names = append(names, id)
		}
	}
	names = append(names, c.batch.Kept...)
	return c.olds.ask(names)
}

// seen notes the items that came again as they were.
func (c *commit) seen() error {
	all := c.batch.Unchanged
	if len(all) == 0 {
		return nil
	}
	names, inputs := make([]string, len(all)), make([][]byte, len(all))
	for i := range all {
		names[i], inputs[i] = keepable(all[i].Identifier), all[i].Input[:]
	}
	const same = " FROM unnest($1::text[], $2::bytea[]) AS u(name, input) WHERE identifier = u.name AND item.input = u.input"
	met, err := changes(c.conn, "UPDATE item SET seen = $3, stale = 0"+same+" AND seen <> $3", names, inputs, c.source.pass)
	if err != nil {
		return err
	}
	c.gain.Met += met
	if int(met) < len(all) { // the pass gave some before, or they have changed
		var there int64
		if err := inOrder(
			step(c.conn, "UPDATE item SET stale = 0"+same+" AND stale <> 0", names, inputs),
			func() error {
				return one(c.conn, "SELECT count(*) FROM unnest($1::text[], $2::bytea[]) AS u(name, input) JOIN item ON identifier = u.name AND item.input = u.input",
					[]any{names, inputs}, func(r *tuple) { there = r.ColumnInt64(0) })
			}); err != nil {
			return err
		}
		if int(there) != len(all) {
			return pipeline.ErrStale
		}
	}
	for i := range all {
		u := &all[i]
		c.plan.Tell(c.batch, pipeline.Fate{Identifier: u.Identifier, Became: pipeline.BecameUnchanged})
		if err := inOrder(func() error { return c.release(u.Identifier) }, func() error { return c.letGoNamed(u.Identifier) }); err != nil {
			return err
		}
	}
	c.plan.Counts.Unchanged += int64(len(all))
	c.plan.Counts.Items += int64(len(all))
	return nil
}

// change brings one record to the state that it shall have.
func (c *commit) change(p *prepared) error {
	had, err := c.find(p.form.Change)
	if err != nil {
		return err
	}
	was := &store.State{}
	if had != nil {
		was = &had.state
	} else if c.keptOut(p.form.Identifier, p.form.Origin.Identifier) {
		c.plan.Counts.Items++
		c.plan.Counts.Suppressed++
		c.plan.Tell(c.batch, pipeline.Fate{Identifier: p.form.Identifier, Key: p.form.Origin.Identifier, Became: pipeline.BecameSuppressed})
		return nil
	}
	verdict, move, err := c.plan.Change(was, &p.form, c.batch, c.store.stamp)
	if err != nil {
		return err
	}
	defer c.olds.change(was.Item)
	if verdict == store.Held {
		c.meet(had)
		return c.hold(p, was)
	}
	if err := c.letGo(was.Item); err != nil || verdict == store.Suppressed {
		return err
	}
	c.meet(had)
	if err := c.releaseBoth(p.form.Identifier, was.Identifier); err != nil {
		return err
	}
	if verdict == store.Unchanged {
		if err := exec(c.conn, "UPDATE item SET seen = coalesce($1, seen), stale = 0, input = $2 WHERE item = $3", c.pass(), p.form.Input[:], was.Item); err != nil {
			return err
		}
		return c.aliases(p.form.Change, was.Item, was.Identifier)
	}
	c.countReturned(p.form.Change)
	if err := c.putItem(p, move); err != nil {
		return err
	}
	if err := c.putContent(p, move); err != nil {
		return err
	}
	if err := c.move(move); err != nil {
		return err
	}
	c.olds.name(move.New.Identifier)
	return c.aliases(p.form.Change, move.New.Item, move.New.Identifier)
}

// find looks for the item under its identifier, then under its aliases: it may have come under one
// of them on the page before.
func (c *commit) find(change *pipeline.Change) (*old, error) {
	found, err := c.olds.of(change.Identifier)
	for _, a := range change.Aliases {
		if err != nil || found != nil {
			break
		}
		found, err = c.olds.of(a)
	}
	return found, err
}

// aliases remembers under which other identifiers the item may come.
func (c *commit) aliases(change *pipeline.Change, item int64, keptUnder string) error {
	for a := range store.Aliases(change, keptUnder) {
		if err := exec(c.conn, "INSERT INTO alias (identifier, item) VALUES ($1, $2) ON CONFLICT DO NOTHING", a, item); err != nil {
			return err
		}
		c.olds.name(a)
	}
	return nil
}

// putItem writes what an item is apart from its place in the log, and gives a new one its key.
func (c *commit) putItem(p *prepared, m *store.Move) error {
	now := &m.New
	if now.Item != 0 {
		return exec(c.conn, "UPDATE item SET seq = $1, version = $2, seen = coalesce($3, seen), stale = 0, format = $4, fingerprint = $5, input = $6 WHERE item = $7",
			now.Seq, now.Version, c.pass(), now.Native, now.Fingerprint[:], p.form.Input[:], now.Item)
	}
	item, err := c.store.items.next(c.conn.ctx)
	if err != nil {
		return err
	}
	now.Item = item
	return exec(c.conn, "INSERT INTO item (item, identifier, source, seq, version, seen, stale, format, fingerprint, input) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9)",
		now.Item, now.Identifier, c.source.id, now.Seq, now.Version, c.source.pass, now.Native, now.Fingerprint[:], p.form.Input[:])
}

func (c *commit) putContent(p *prepared, m *store.Move) error {
	n := &p.content
	if m.KeepsContent() {
		return exec(c.conn, "UPDATE content SET origin = $1, notes = $2 WHERE item = $3", n.Origin, n.Notes, m.New.Item)
	}
	return exec(c.conn, `INSERT INTO content (item, origin, rules, notes, dc, original) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (item) DO UPDATE SET origin = excluded.origin, rules = excluded.rules, notes = excluded.notes, dc = excluded.dc, original = excluded.original`,
		m.New.Item, n.Origin, n.Rules, n.Notes, n.DC, n.Original)
}

// nameSets notes what sets are called. Those that are called so already are not written again.
func (c *commit) nameSets() error {
	for spec, name := range c.batch.SetNames {
		if err := exec(c.conn, "UPDATE list SET title = $1 WHERE kind = 'set' AND name = $2 AND title <> $1", name, spec); err != nil {
			return err
		}
	}
	return nil
}
