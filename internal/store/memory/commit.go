package memory

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Commit stores a page (see [pipeline.Log]).
func (l *Log) Commit(ctx context.Context, b *pipeline.Batch) (receipt *pipeline.Receipt, err error) {
	err = l.write(ctx, func(t *tx) error {
		src := l.sources[b.Run.Source]
		if src == nil || src.run != b.Run.ID || src.cursor != b.From {
			return fmt.Errorf("commit a page of %s: %w", b.Run.Source, pipeline.ErrFenced)
		}
		c := &commit{tx: t, batch: b, plan: l.plan(), source: *src, now: l.guard.Wall().UTC().Truncate(time.Second), reasons: map[string]int64{}}
		if err := c.run(); err != nil {
			return err
		}
		receipt = &pipeline.Receipt{Head: c.plan.Head, Counts: c.plan.Counts, Reasons: c.reasons, Fates: c.plan.Fates, Returned: c.returned}
		return nil
	})
	return receipt, err
}

// A commit is one batch on its way into the log.
type commit struct {
	*tx
	batch   *pipeline.Batch
	plan    *store.Plan
	source  source    // as it will be
	now     time.Time // the wall clock's, for bookkeeping only; datestamps come from the guard
	reasons map[string]int64
	gain    store.Gain
	// returned counts what the pass gave before, and gives otherwise now.
	returned int64
	reheld   bool // what is held is not what it was
}

func (c *commit) run() error {
	c.plan.Counts.Pages = 1
	for i := range c.batch.Unchanged {
		if err := c.seen(&c.batch.Unchanged[i]); err != nil {
			return err
		}
	}
	for _, identifier := range c.batch.Kept {
		c.keep(identifier)
	}
	for i := range c.batch.Changes {
		if err := c.change(&c.batch.Changes[i]); err != nil {
			return err
		}
	}
	for i := range c.batch.Rejects {
		c.reject(&c.batch.Rejects[i])
	}
	for _, n := range c.batch.Noted {
		if put(c.tx, c.noted, n.Identifier, n.Memo); n.Memo == "" {
			drop(c.tx, c.noted, n.Identifier)
		}
	}
	c.finish(c.plan)
	c.nameSets()
	c.reconcile()
	c.releaseEnded()
	c.advanceSource()
	return nil
}

// seen notes an item that came again as it was.
func (c *commit) seen(u *pipeline.Seen) error {
	it := c.items[c.named[u.Identifier]]
	if it == nil || it.Input != u.Input {
		return pipeline.ErrStale
	}
	c.meet(it)
	c.came(it, u.Input)
	c.release(u.Identifier)
	c.letGo(it)
	c.plan.Tell(c.batch, pipeline.Fate{Identifier: u.Identifier, Became: pipeline.BecameUnchanged})
	c.plan.Counts.Unchanged++
	c.plan.Counts.Items++
	return nil
}

// came notes that an item came in this pass, and well.
func (c *commit) came(it *item, input pipeline.Hash) {
	now := *it
	now.Pass, now.Stale, now.Input = c.passOf(it), false, input
	put(c.tx, c.items, it.Item, &now)
}

// meet counts an item that the pass gives, unless it gave it before; nil is one that the log has not.
func (c *commit) meet(it *item) {
	switch {
	case c.batch.Settles:
	case it == nil:
		c.gain.Added++
		c.gain.Met++
	case it.Pass != c.source.pass:
		c.gain.Met++
	}
}

// change brings one record to the state that it is to have.
func (c *commit) change(change *pipeline.Change) error {
	it := c.find(change.Identifier)
	for _, a := range change.Aliases {
		if it == nil {
			it = c.find(a)
		}
	}
	if it == nil && c.keptOut(change.Identifier, change.Origin.Identifier) {
		c.plan.Counts.Items++
		c.plan.Counts.Suppressed++
		c.plan.Tell(c.batch, pipeline.Fate{Identifier: change.Identifier, Key: change.Origin.Identifier, Became: pipeline.BecameSuppressed})
		return nil
	}
	form := store.NewForm(change)
	verdict, move, err := c.plan.Change(c.stateOf(it), &form, c.batch, c.guard.Stamp)
	if err != nil {
		return err
	}
	if verdict == store.Held {
		c.hold(change, it)
		return nil
	}
	if c.letGo(it); verdict == store.Suppressed {
		return nil
	}
	c.meet(it)
	c.release(change.Identifier)
	if it != nil {
		c.release(it.Identifier)
	}
	if verdict == store.Unchanged {
		c.came(it, change.Input)
		c.alias(change, it)
		return nil
	}
	now := &item{Pass: c.source.pass}
	if it != nil {
		if !c.batch.Settles && it.Pass == c.source.pass && store.Returned(it.Deleted, it.Origin.Datestamp, change) {
			c.returned++
		}
		*now = *it
		now.Pass = c.passOf(it)
	} else {
		now.Source = c.batch.Run.Source
		set(c.tx, &c.lastItem, c.lastItem+1)
		move.New.Item = c.lastItem
	}
	now.Stale, now.Input = false, change.Input
	now.Origin, now.Notes = change.Origin, kept(change.Notes)
	now.Origin.Provenance = kept(change.Origin.Provenance)
	switch {
	case move.KeepsContent():
	case change.Deleted == pipeline.Takedown:
		now.Rules, now.DC, now.Original = "", nil, nil
	default:
		now.Rules, now.DC, now.Original = change.Rules, kept(change.DC), kept(change.Original)
	}
	c.move(c.plan, now, move)
	c.alias(change, now)
	return nil
}

// kept is a copy of what somebody else may use again; nil if it is empty.
func kept(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return bytes.Clone(b)
}

// stateOf is what the plan asks of an item.
func (t *tx) stateOf(it *item) *store.State {
	if it == nil {
		return &store.State{}
	}
	s := it.State
	s.Owner, s.Datestamp = it.Origin.Identifier, t.head.Shown(s.Seq, s.Datestamp)
	return &s
}

// move brings an item, with what else is new of it, to its new place.
func (t *tx) move(p *store.Plan, now *item, m *store.Move) {
	now.State = m.New
	if now.OAIDC = nil; m.New.Deleted == pipeline.Live {
		now.OAIDC = kept(m.New.OAIDC)
	}
	if m.Provenance != nil {
		now.Provenance = *m.Provenance
	}
	if m.Rights != nil {
		now.Rights = *m.Rights
	}
	put(t, t.items, now.Item, now)
	put(t, t.named, now.Identifier, now.Item)
	set(t, &t.order, append(t.order, place{now.Seq, now.Item}))
	for _, list := range m.Return {
		at := departed{list, now.Item}
		if d, had := t.departures[at]; had {
			p.Returned(list, d.seq)
			drop(t, t.departures, at)
		}
	}
	for _, list := range m.Depart {
		put(t, t.departures, departed{list, now.Item}, departure{now.Seq, now.Datestamp})
	}
}

// alias remembers under which other identifiers the item may come.
func (c *commit) alias(change *pipeline.Change, it *item) {
	for a := range store.Aliases(change, it.Identifier) {
		if _, taken := c.aliases[a]; !taken {
			put(c.tx, c.aliases, a, it.Item)
		}
	}
}

// reject keeps an item that can't be used, with its bytes; an earlier good version stays live, and is flagged
// (promise 8).
func (c *commit) reject(r *pipeline.Reject) {
	c.plan.Counts.Items++
	var it *item
	if r.Identifier != "" {
		it = c.find(r.Identifier)
	}
	if it != nil && it.Deleted.Final() || it == nil && c.keptOut(r.Identifier, r.Key) { // its bytes are to be nowhere any more
		c.plan.Counts.Suppressed++
		c.plan.Tell(c.batch, pipeline.Fate{Identifier: r.Identifier, Key: r.Key, Became: pipeline.BecameSuppressed})
		return
	}
	c.plan.Counts.Rejected++
	c.reasons[r.Reason]++
	c.plan.Tell(c.batch, pipeline.Fate{Identifier: r.Identifier, Key: r.Key, Became: pipeline.BecameQuarantined, Reason: r.Reason, Detail: r.Detail})
	at := rejected{c.batch.Run.Source, r.Key}
	q := reject{Quarantined: store.Quarantined{
		Source: at.source, Key: r.Key, Identifier: r.Identifier, Reason: r.Reason, Detail: r.Detail, Original: kept(r.Original), Said: kept(r.Said),
		FirstSeen: c.now, LastSeen: c.now, Times: 1,
	}, pass: c.source.pass}
	if old := c.rejects[at]; old != nil {
		q.ID, q.FirstSeen, q.Times = old.ID, old.FirstSeen, old.Times+1
		if q.Reason == old.Reason && bytes.Equal(q.Original, old.Original) {
			q.Dismissed, q.DismissedBy = old.Dismissed, old.DismissedBy
		}
	} else {
		q.ID = c.nextID()
	}
	put(c.tx, c.rejects, at, &q)
	if it != nil {
		c.meet(it)
		c.letGo(it)
		now := *it
		now.Pass, now.Stale = c.source.pass, true
		put(c.tx, c.items, it.Item, &now)
	}
}

func (t *tx) nextID() int64 {
	set(t, &t.lastID, t.lastID+1)
	return t.lastID
}

// release takes an item that came well again out of quarantine.
func (c *commit) release(identifier string) {
	for at, q := range c.rejects {
		if at.source == c.batch.Run.Source && q.Identifier == identifier && identifier != "" {
			drop(c.tx, c.rejects, at)
		}
	}
}

// releaseEnded takes out of quarantine what was rejected in an earlier pass, and did not come again though its file was read
// to the end.
func (c *commit) releaseEnded() {
	places := store.PlacesOf(c.batch.Ended)
	for at, q := range c.rejects {
		if at.source == c.batch.Run.Source && q.pass < c.source.pass && store.Within(at.key, places) {
			drop(c.tx, c.rejects, at)
		}
	}
}

// finish writes what the plan has counted, and the head that it leads to.
func (t *tx) finish(p *store.Plan) {
	for _, seq := range p.Touched {
		t.moves.Touch(seq)
	}
	lists, versions := t.planned.TakeNew()
	for _, list := range lists {
		put(t, t.lists, list.Key, &store.Listed{List: list})
	}
	for _, v := range versions {
		put(t, t.versions, v.Prefix, v.Version)
	}
	for key, d := range p.Deltas() {
		now := *t.lists[key]
		now.Members += d.Members
		now.Departures += d.Departures
		put(t, t.lists, key, &now)
	}
	if p.First == 0 {
		return
	}
	at := p.Head.Datestamp.Unix()
	if n := len(t.seconds); n == 0 || t.seconds[n-1].datestamp < at {
		set(t, &t.seconds, append(t.seconds, second{at, p.First}))
	}
	set(t, &t.head, p.Head)
}

// nameSets notes what sets are called.
func (c *commit) nameSets() {
	for spec, name := range c.batch.SetNames {
		for key, list := range c.lists {
			if list.Kind == store.SetList && list.Name == spec && list.Title != name {
				now := *list
				now.Title = name
				put(c.tx, c.lists, key, &now)
			}
		}
	}
}
