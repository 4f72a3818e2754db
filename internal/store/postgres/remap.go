package postgres

import (
	"context"
	"fmt"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Pack does what needs no transaction (see [pipeline.Keeper]).
func (s *Store) Pack(c *pipeline.RemapChange) error { return store.PackRewritten(c) }

// Remap stores what new rules made of records (see pipeline.Keeper). The seq of each change is its
// fence: a record that has moved since is newer than what was worked out.
func (s *Store) Remap(ctx context.Context, b *pipeline.RemapBatch) (*pipeline.RemapReceipt, error) {
	for i := range b.Changes {
		if b.Changes[i].Packed == nil {
			if err := s.Pack(&b.Changes[i]); err != nil {
				return nil, err
			}
		}
	}
	var receipt *pipeline.RemapReceipt
	err := s.writer.do(ctx, func(conn *db) error {
		if err := exec(conn, "SELECT 1 FROM source WHERE name = $1 FOR UPDATE", b.Source); err != nil {
			return err
		}
		t, err := s.begin(conn)
		if err != nil {
			return err
		}
		receipt, err = t.remap(b)
		return err
	})
	if err != nil {
		return nil, err
	}
	return receipt, nil
}

func (t *tx) remap(b *pipeline.RemapBatch) (*pipeline.RemapReceipt, error) {
	receipt := &pipeline.RemapReceipt{}
	olds, err := t.at(b.Changes)
	if err != nil {
		return nil, err
	}
	for i := range b.Changes {
		seq := b.Changes[i].Seq
		if err := t.rewrite(olds[seq], &b.Changes[i], b.Rules, receipt); err != nil {
			return nil, err
		}
		delete(olds, seq) // it is not what it was any more
	}
	receipt.Head = t.plan.Head
	if err := t.finish(); err != nil {
		return nil, err
	}
	return receipt, t.noteRemapPlace(b)
}

func (t *tx) noteRemapPlace(b *pipeline.RemapBatch) error {
	if b.Done {
		return exec(t.conn, "DELETE FROM meta WHERE name = $1", remapMeta(b.Source))
	}
	return setMeta(t.conn, remapMeta(b.Source), fmt.Sprintf("%s %d", b.Rules, b.After))
}

// at reads what the log has of the records that are still at the places of the changes, by these places.
func (t *tx) at(changes []pipeline.RemapChange) (map[int64]*store.State, error) {
	seqs := make([]int64, len(changes))
	for i := range changes {
		seqs[i] = changes[i].Seq
	}
	olds := make(map[int64]*store.State, len(changes))
	err := each(t.conn, selectState+"r.seq = ANY ($1::bigint[])", []any{seqs}, func(r *tuple) error {
		s, err := t.stateOf(r)
		olds[s.Seq] = &s
		return err
	})
	return olds, err
}

// rewrite brings one record to what the new rules make of it. old is nil if it has moved.
func (t *tx) rewrite(old *store.State, c *pipeline.RemapChange, rules string, receipt *pipeline.RemapReceipt) error {
	if old == nil || !store.Fits(old, c) {
		receipt.Skipped++
		return nil
	}
	t.rewriteContent(c.Packed.(*store.Rewritten), rules, old.Item)
	m, err := t.plan.Rewrite(old, c, t.store.stamp)
	if err != nil {
		return err
	}
	if m == nil {
		receipt.Same++
		return nil
	}
	receipt.Changed++
	t.moveItem(m)
	return t.move(m)
}

func (t *tx) rewriteContent(p *store.Rewritten, rules string, item int64) {
	if p.DC == nil {
		many(t.conn, "UPDATE content c SET rules = u.rules, notes = u.notes FROM unnest($1::text[], $2::text[], $3::bigint[]) AS u(rules, notes, item) WHERE c.item = u.item", rules, p.Notes, item)
	} else {
		many(t.conn, "UPDATE content c SET rules = u.rules, notes = u.notes, dc = u.dc FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bigint[]) AS u(rules, notes, dc, item) WHERE c.item = u.item",
			rules, p.Notes, p.DC, item)
	}
}
