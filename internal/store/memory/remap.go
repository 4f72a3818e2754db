package memory

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Originals gives records of a source with what they were made of (see [pipeline.Keeper]).
func (l *Log) Originals(_ context.Context, source string, after int64, rules string, limit int) (*pipeline.StoredPage, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	out := &pipeline.StoredPage{Head: l.head.Seq, Next: after, Done: true}
	looked, own := 0, l.ownSet(source)
	l.behind(after, func(it *item) bool {
		switch {
		case !it.in(own):
			return true
		case looked == limit:
			out.Done = false
			return false
		}
		looked++
		out.Next = it.Seq
		switch {
		case it.Deleted != pipeline.Live:
		case rules != "" && it.Rules == rules:
			out.Passed = append(out.Passed, it.Seq)
		default:
			out.Records = append(out.Records, pipeline.StoredRecord{Record: l.whole(it), OAIDC: it.OAIDC, Formats: it.Formats, Rights: it.Rights})
		}
		return true
	})
	return out, nil
}

// RemapPlace is how far a remap of a source with these rules came (see [pipeline.Keeper]).
func (l *Log) RemapPlace(_ context.Context, source, rules string) (int64, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if seq, ok := strings.CutPrefix(l.remaps[source], rules+" "); ok {
		return strconv.ParseInt(seq, 10, 64)
	}
	return 0, nil
}

// Pack does what needs no transaction (see [pipeline.Keeper]).
func (l *Log) Pack(c *pipeline.RemapChange) error {
	store.RenderRewritten(c)
	c.Packed = true
	return nil
}

// Remap stores what new rules made of records (see [pipeline.Keeper]).
func (l *Log) Remap(ctx context.Context, b *pipeline.RemapBatch) (receipt *pipeline.RemapReceipt, err error) {
	for i := range b.Changes {
		if c := &b.Changes[i]; c.Packed == nil {
			if err := l.Pack(c); err != nil {
				return nil, err
			}
		}
	}
	err = l.write(ctx, func(t *tx) error {
		receipt = &pipeline.RemapReceipt{}
		p := l.plan()
		places := map[int64]*item{}
		for _, it := range l.items {
			places[it.Seq] = it
		}
		for i := range b.Changes {
			c := &b.Changes[i]
			if err := t.rewrite(p, places[c.Seq], c, b.Rules, receipt); err != nil {
				return err
			}
		}
		t.finish(p)
		receipt.Head = p.Head
		if b.Done {
			drop(t, l.remaps, b.Source)
		} else {
			put(t, l.remaps, b.Source, fmt.Sprintf("%s %d", b.Rules, b.After))
		}
		return nil
	})
	return receipt, err
}

// rewrite brings one record to what the new rules make of it.
func (t *tx) rewrite(p *store.Plan, it *item, c *pipeline.RemapChange, rules string, receipt *pipeline.RemapReceipt) error {
	old := t.stateOf(it)
	if !store.Fits(old, c) {
		receipt.Skipped++
		return nil
	}
	m, err := p.Rewrite(old, c, t.guard.Stamp)
	if err != nil {
		return err
	}
	now := *it
	if now.Rules, now.Notes = rules, kept(c.Notes); c.DC != nil {
		now.DC = kept(c.DC)
	}
	if m == nil {
		receipt.Same++
		put(t, t.items, now.Item, &now)
		return nil
	}
	receipt.Changed++
	t.move(p, &now, m)
	return nil
}
