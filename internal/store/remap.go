package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A rewritten change is one with everything done that needs no transaction.
type rewritten struct {
	*pipeline.RemapChange
	notes       string
	body, large []byte // nil if the content stays
}

// Remap stores what new rules made of records (see pipeline.Keeper). The seq of each change is its
// fence: a record that has moved since is newer than what was worked out.
func (s *Store) Remap(ctx context.Context, b *pipeline.RemapBatch) (*pipeline.RemapReceipt, error) {
	changes := make([]rewritten, len(b.Changes))
	for i := range b.Changes {
		c := &b.Changes[i]
		changes[i].RemapChange = c
		if len(c.Notes) > 0 {
			notes, err := json.Marshal(c.Notes)
			if err != nil {
				return nil, fmt.Errorf("store %s: %w", c.Identifier, err)
			}
			changes[i].notes = string(notes)
		}
		if c.DC != nil {
			changes[i].body, changes[i].large = s.codec.packContent(c.DC, c.Original)
		}
	}
	var receipt *pipeline.RemapReceipt
	err := s.writer.do(ctx, func(conn *sqlite.Conn) (err error) {
		tx := &commit{store: s, conn: conn, lists: map[int64]*listDelta{}}
		receipt, err = tx.remap(b, changes)
		return err
	})
	if err != nil {
		return nil, err
	}
	return receipt, nil
}

func (tx *commit) remap(b *pipeline.RemapBatch, changes []rewritten) (_ *pipeline.RemapReceipt, err error) {
	receipt := &pipeline.RemapReceipt{}
	if tx.head, err = readHead(tx.conn); err != nil {
		return nil, err
	}
	for i := range changes {
		if err := tx.rewrite(&changes[i], b.Rules, receipt); err != nil {
			return nil, err
		}
	}
	if err := tx.countLists(); err != nil {
		return nil, err
	}
	if b.Done {
		err = exec(tx.conn, "DELETE FROM meta WHERE name = ?", remapMeta(b.Source))
	} else {
		err = setMeta(tx.conn, remapMeta(b.Source), fmt.Sprintf("%s %d", b.Rules, b.After))
	}
	if err == nil && tx.first != 0 {
		err = writeHead(tx.conn, tx.head)
	}
	receipt.Head = tx.head
	return receipt, err
}

// rewrite brings one record to what the new rules make of it. What the source last sent of it, and when
// it was last seen, stays as it is: a harvest under way finds the record as it left it.
func (tx *commit) rewrite(c *rewritten, rules string, receipt *pipeline.RemapReceipt) error {
	var old oldItem
	if err := one(tx.conn, selectOld+"i.identifier = ?", []any{c.Identifier}, func(r *sqlite.Stmt) { old = scanOld(r) }); err != nil {
		return err
	}
	if old.item == 0 || old.seq != c.Seq || old.deleted != pipeline.Live {
		receipt.Skipped++
		return nil
	}
	if c.DC == nil {
		receipt.Same++
		return exec(tx.conn, "UPDATE content SET rules = ?, notes = ? WHERE item = ?", rules, c.notes, old.item)
	}
	if err := exec(tx.conn, "UPDATE content SET rules = ?, notes = ?, body = ?, original = ? WHERE item = ?",
		rules, c.notes, c.body, c.large, old.item); err != nil {
		return err
	}
	if c.Same {
		receipt.Same++
		tx.store.moves.touch(old.seq) // the formats that are made of it may say it in other words
		return nil
	}
	receipt.Changed++
	seq, err := tx.next()
	if err != nil {
		return err
	}
	if err := exec(tx.conn, "UPDATE item SET seq = ?, version = ?, fingerprint = ? WHERE item = ?",
		seq, old.version+1, c.Fingerprint[:], old.item); err != nil {
		return err
	}
	p := &prepared{Change: &pipeline.Change{OAIDC: c.OAIDC}, sets: old.sets, formats: c.Formats, rights: c.Rights}
	if err := one(tx.conn, "SELECT provenance FROM record WHERE seq = ?", []any{old.seq}, func(r *sqlite.Stmt) { p.provenance = r.ColumnText(0) }); err != nil {
		return err
	}
	return errors.Join(
		tx.putRecord(p, &old, old.item, seq),
		tx.move(old.sets, old.format, &old, old.item, seq),
		tx.moveFormats(p, &old, old.item, seq),
	)
}
