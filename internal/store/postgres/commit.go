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
		c.release(u.Identifier)
		c.letGoNamed(u.Identifier)
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
	if c.letGo(was.Item); verdict == store.Suppressed {
		return nil
	}
	c.meet(had)
	c.releaseBoth(p.form.Identifier, was.Identifier)
	if verdict == store.Unchanged {
		many(c.conn, meetItems, c.pass(), p.form.Input[:], was.Item)
		c.aliases(p.form.Change, was.Item, was.Identifier)
		return nil
	}
	c.countReturned(p.form.Change)
	if err := c.putItem(p, move); err != nil {
		return err
	}
	c.putContent(p, move)
	if err := c.move(move); err != nil {
		return err
	}
	c.olds.name(move.New.Identifier)
	c.aliases(p.form.Change, move.New.Item, move.New.Identifier)
	return nil
}

const (
	meetItems   = "UPDATE item i SET seen = coalesce(u.seen, i.seen), stale = 0, input = u.input FROM unnest($1::bigint[], $2::bytea[], $3::bigint[]) AS u(seen, input, item) WHERE i.item = u.item"
	insertItems = `INSERT INTO item (item, identifier, source, seq, version, seen, stale, format, fingerprint, input)
		SELECT item, identifier, source, seq, version, seen, 0, format, fingerprint, input
		FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bytea[], $9::bytea[])
			AS u(item, identifier, source, seq, version, seen, format, fingerprint, input)`
	changeItems = `UPDATE item i SET seq = u.seq, version = u.version, seen = coalesce(u.seen, i.seen), stale = 0, format = u.format, fingerprint = u.fingerprint, input = u.input
		FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[], $7::bigint[]) AS u(seq, version, seen, format, fingerprint, input, item) WHERE i.item = u.item`
	insertContent = "INSERT INTO content (item, origin, rules, notes, dc, original) SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bytea[])"
	changeContent = `UPDATE content c SET origin = u.origin, rules = u.rules, notes = u.notes, dc = u.dc, original = u.original
		FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::bigint[]) AS u(origin, rules, notes, dc, original, item) WHERE c.item = u.item`
	keepContent   = "UPDATE content c SET origin = u.origin, notes = u.notes FROM unnest($1::text[], $2::text[], $3::bigint[]) AS u(origin, notes, item) WHERE c.item = u.item"
	insertAliases = "INSERT INTO alias (identifier, item) SELECT * FROM unnest($1::text[], $2::bigint[]) ON CONFLICT DO NOTHING"
)

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
func (c *commit) aliases(change *pipeline.Change, item int64, keptUnder string) {
	for a := range store.Aliases(change, keptUnder) {
		many(c.conn, insertAliases, a, item)
		c.olds.name(a)
	}
}

// putItem writes what an item is apart from its place in the log, and gives a new one its key.
func (c *commit) putItem(p *prepared, m *store.Move) (err error) {
	now := &m.New
	if now.Item != 0 {
		many(c.conn, changeItems, now.Seq, now.Version, c.pass(), now.Native, now.Fingerprint[:], p.form.Input[:], now.Item)
		return nil
	}
	if now.Item, err = c.store.items.next(c.conn.ctx); err == nil {
		many(c.conn, insertItems, now.Item, now.Identifier, c.source.id, now.Seq, now.Version, c.source.pass, now.Native, now.Fingerprint[:], p.form.Input[:])
	}
	return err
}

func (c *commit) putContent(p *prepared, m *store.Move) {
	switch n := &p.content; {
	case m.KeepsContent():
		many(c.conn, keepContent, n.Origin, n.Notes, m.New.Item)
	case m.Old.Item == 0:
		many(c.conn, insertContent, m.New.Item, n.Origin, n.Rules, n.Notes, n.DC, n.Original)
	default:
		many(c.conn, changeContent, n.Origin, n.Rules, n.Notes, n.DC, n.Original, m.New.Item)
	}
}

// nameSets notes what sets are called. Those that are called so already are not written again.
func (c *commit) nameSets() error {
	for spec, name := range c.batch.SetNames {
		many(c.conn, "UPDATE list l SET title = u.title FROM unnest($1::text[], $2::text[]) AS u(title, name) WHERE l.kind = 'set' AND l.name = u.name AND l.title <> u.title", name, spec)
	}
	return nil
}
