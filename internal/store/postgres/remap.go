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
	for i := range b.Changes {
		if err := t.rewrite(&b.Changes[i], b.Rules, receipt); err != nil {
			return nil, err
		}
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

// rewrite brings one record to what the new rules make of it.
func (t *tx) rewrite(c *pipeline.RemapChange, rules string, receipt *pipeline.RemapReceipt) error {
	old, err := t.look("r.seq = $1", c.Seq)
	if err != nil {
		return err
	}
	if !store.Fits(old, c) {
		receipt.Skipped++
		return nil
	}
	if err := t.rewriteContent(c.Packed.(*store.Rewritten), rules, old.Item); err != nil {
		return err
	}
	m, err := t.plan.Rewrite(old, c, t.store.stamp)
	if err != nil {
		return err
	}
	if m == nil {
		receipt.Same++
		return nil
	}
	receipt.Changed++
	if err := t.moveItem(m); err != nil {
		return err
	}
	return t.move(m)
}

func (t *tx) rewriteContent(p *store.Rewritten, rules string, item int64) error {
	if p.DC == nil {
		return exec(t.conn, "UPDATE content SET rules = $1, notes = $2 WHERE item = $3", rules, p.Notes, item)
	}
	return exec(t.conn, "UPDATE content SET rules = $1, notes = $2, dc = $3 WHERE item = $4", rules, p.Notes, p.DC, item)
}
