package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A rewritten change is one with everything done that needs no transaction.
type rewritten struct {
	notes string
	dc    []byte // nil if it stays
}

// Pack does so (see pipeline.Keeper).
func (s *Store) Pack(c *pipeline.RemapChange) error {
	p := &rewritten{}
	if len(c.Notes) > 0 {
		notes, err := json.Marshal(c.Notes)
		if err != nil {
			return fmt.Errorf("store %s: %w", c.Identifier, err)
		}
		p.notes = string(notes)
	}
	if c.DC != nil {
		p.dc = packRecord(c.DC)
		c.OAIDC = oaipmh.CleanElement(c.OAIDC)
	}
	c.Packed = p
	return nil
}

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
	err := s.writer.do(ctx, func(conn *sqlite.Conn) (err error) {
		tx := &commit{store: s, conn: conn, lists: map[int64]*listDelta{}}
		receipt, err = tx.remap(b)
		return err
	})
	if err != nil {
		return nil, err
	}
	return receipt, nil
}

func (tx *commit) remap(b *pipeline.RemapBatch) (_ *pipeline.RemapReceipt, err error) {
	receipt := &pipeline.RemapReceipt{}
	if tx.head, err = readHead(tx.conn); err != nil {
		return nil, err
	}
	for i := range b.Changes {
		if err := tx.rewrite(&b.Changes[i], b.Rules, receipt); err != nil {
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
func (tx *commit) rewrite(c *pipeline.RemapChange, rules string, receipt *pipeline.RemapReceipt) error {
	packed := c.Packed.(*rewritten)
	var old oldItem
	if err := one(tx.conn, selectOld+"r.seq = ?", []any{c.Seq}, func(r *sqlite.Stmt) { old = scanOld(r) }); err != nil {
		return err
	}
	if old.item == 0 || old.identifier != c.Identifier || old.deleted != pipeline.Live {
		receipt.Skipped++
		return nil
	}
	if c.DC == nil {
		receipt.Same++
		return exec(tx.conn, "UPDATE content SET rules = ?, notes = ? WHERE item = ?", rules, packed.notes, old.item)
	}
	if err := exec(tx.conn, "UPDATE content SET rules = ?, notes = ?, dc = ? WHERE item = ?", rules, packed.notes, packed.dc, old.item); err != nil {
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
	if err := tx.replaceRecord(c, &old, seq); err != nil {
		return err
	}
	p := &prepared{sets: strings.Join(c.Sets, " "), formats: c.Formats}
	if p.sets == old.sets {
		err = tx.moveAll(&old, seq)
	} else {
		err = tx.move(p.sets, old.format, &old, old.item, seq)
	}
	return errors.Join(err, tx.moveFormats(p, &old, old.item, seq))
}

// replaceRecord moves a live record to its new place. Its identifier and provenance stay.
func (tx *commit) replaceRecord(c *pipeline.RemapChange, old *oldItem, seq int64) error {
	tx.store.moves.touch(old.seq)
	tx.head.Digest.Sub(old.identifier, time.Unix(old.datestamp, 0), old.oaiDC)
	tx.head.Digest.Add(old.identifier, tx.head.Datestamp, c.OAIDC)
	return exec(tx.conn, "UPDATE record SET seq = ?, datestamp = ?, sets = ?, formats = ?, rights = ?, oai_dc = ? WHERE seq = ?",
		seq, tx.head.Datestamp.Unix(), strings.Join(c.Sets, " "), int64(c.Formats), c.Rights, c.OAIDC, old.seq)
}

// moveAll moves a record in all the lists that it is in.
func (tx *commit) moveAll(old *oldItem, seq int64) error {
	keys, err := tx.keysOf(old.sets, old.format)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if err := exec(tx.conn, "UPDATE member SET seq = ? WHERE key = ? AND seq = ?", seq, k, old.seq); err != nil {
			return err
		}
	}
	return nil
}
