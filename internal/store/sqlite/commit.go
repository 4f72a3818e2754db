package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A prepared change is one with everything done that needs no transaction.
type prepared struct {
	*pipeline.Change
	sets         string
	formats      pipeline.Formats
	provenance   string
	rights       string
	origin       string
	notes        string
	dc, original []byte // compressed
}

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
		c := &changes[i]
		origin, err := json.Marshal(&c.Origin)
		if err != nil {
			return fmt.Errorf("store %s: %w", c.Identifier, err)
		}
		p := prepared{Change: c, sets: strings.Join(c.Sets, " "), formats: c.Formats, origin: string(origin)}
		if c.Deleted == pipeline.Live {
			p.provenance, p.rights = originsOf(&c.Origin), c.Rights
		}
		if len(c.Notes) > 0 {
			notes, err := json.Marshal(c.Notes)
			if err != nil {
				return fmt.Errorf("store %s: %w", c.Identifier, err)
			}
			p.notes = string(notes)
		}
		p.dc, p.original = packRecord(c.DC), s.codec.pack(c.Original)
		out[i] = p
	}
	return nil
}

// Commit stores a page (see pipeline.Log).
func (s *Store) Commit(ctx context.Context, b *pipeline.Batch) (*pipeline.Receipt, error) {
	changes, err := s.prepare(b)
	if err != nil {
		return nil, err
	}
	rejects := make([][]byte, len(b.Rejects))
	for i, r := range b.Rejects {
		rejects[i] = s.codec.pack(r.Original)
	}
	var receipt *pipeline.Receipt
	err = s.writer.do(ctx, func(conn *sqlite.Conn) error {
		tx := &commit{store: s, conn: conn, batch: b, now: s.guard.clock.Wall().Unix(), lists: map[int64]*listDelta{}, reasons: map[string]int64{}}
		if err := tx.run(changes, rejects); err != nil {
			return err
		}
		receipt = &pipeline.Receipt{Head: tx.head, Counts: tx.counts, Reasons: tx.reasons}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return receipt, nil
}

// A commit is one batch on its way into the log.
type commit struct {
	store   *Store
	conn    *sqlite.Conn
	batch   *pipeline.Batch
	now     int64 // the wall clock's, for bookkeeping only; datestamps come from the guard
	source  sourceRow
	head    pipeline.Head
	first   int64 // seq of the first change of this commit; 0 if there is none yet
	counts  pipeline.Counts
	reasons map[string]int64 // of rejects
	lists   map[int64]*listDelta
}

func (tx *commit) run(changes []prepared, rejects [][]byte) (err error) {
	if tx.source, err = currentSource(tx.conn, tx.batch); err != nil {
		return err
	}
	if tx.head, err = readHead(tx.conn); err != nil {
		return err
	}
	tx.counts.Pages = 1
	if err := tx.seen(); err != nil {
		return err
	}
	for i := range changes {
		if err := tx.change(&changes[i]); err != nil {
			return err
		}
	}
	for i := range tx.batch.Rejects {
		if err := tx.reject(&tx.batch.Rejects[i], rejects[i]); err != nil {
			return err
		}
	}
	if err := errors.Join(tx.countLists(), tx.nameSets()); err != nil {
		return err
	}
	if err := tx.advanceSource(); err != nil {
		return err
	}
	if tx.first == 0 {
		return nil
	}
	return writeHead(tx.conn, tx.head)
}

// seen notes the items that came again as they were.
func (tx *commit) seen() error {
	if len(tx.batch.Unchanged) == 0 {
		return nil
	}
	stmt, err := tx.conn.Prepare("UPDATE item SET seen = ?, stale = 0 WHERE identifier = ? AND input = ?")
	if err != nil {
		return err
	}
	defer stmt.Reset()
	for i := range tx.batch.Unchanged {
		u := &tx.batch.Unchanged[i]
		stmt.BindInt64(1, tx.source.pass)
		stmt.BindText(2, u.Identifier)
		stmt.BindBytes(3, u.Input[:])
		if _, err := stmt.Step(); err != nil {
			return err
		}
		if tx.conn.Changes() != 1 {
			return pipeline.ErrStale
		}
		if err := stmt.Reset(); err != nil {
			return err
		}
		if err := tx.release(u.Identifier); err != nil {
			return err
		}
	}
	tx.counts.Unchanged += int64(len(tx.batch.Unchanged))
	tx.counts.Items += int64(len(tx.batch.Unchanged))
	return nil
}

// next gives out a seq, and with the first one of a commit the datestamp of all of them.
func (tx *commit) next() (int64, error) {
	if tx.first == 0 {
		ds, err := tx.store.guard.stamp(tx.head.Datestamp.Unix())
		if err != nil {
			return 0, err
		}
		tx.head.Datestamp = time.Unix(ds, 0).UTC()
		tx.first = tx.head.Seq + 1
		if err := exec(tx.conn, "INSERT OR IGNORE INTO second (datestamp, seq) VALUES (?, ?)", ds, tx.first); err != nil {
			return 0, err
		}
	}
	tx.head.Seq++
	return tx.head.Seq, nil
}

// change brings one record to the state it is to have.
func (tx *commit) change(c *prepared) error {
	tx.counts.Items++
	old, err := tx.find(c)
	if err != nil {
		return err
	}
	if old.deleted == pipeline.Takedown {
		tx.counts.Suppressed++
		return nil
	}
	if old.item != 0 {
		owner, err := ownerOf(tx.conn, old.identifier)
		if err != nil {
			return err
		}
		if pipeline.Rivals(owner, c.Origin.Identifier) { // it came first, and after this page was prepared
			return pipeline.ErrStale
		}
	}
	if err := errors.Join(tx.release(c.Identifier), tx.release(old.identifier)); err != nil {
		return err
	}
	if old.item != 0 && bytes.Equal(old.fingerprint, c.Fingerprint[:]) {
		tx.counts.Unchanged++
		if err := exec(tx.conn, "UPDATE item SET seen = ?, stale = 0, input = ? WHERE item = ?", tx.source.pass, c.Input[:], old.item); err != nil {
			return err
		}
		return tx.aliases(c, old.item, old.identifier)
	}
	seq, err := tx.next()
	if err != nil {
		return err
	}
	if c.Deleted != pipeline.Live && old.item != 0 {
		c.sets, c.formats = old.sets, old.formats // a tombstone stays in the lists that the record was in
	}
	item, err := tx.putItem(c, &old, seq)
	if err != nil {
		return err
	}
	if err := tx.putRecord(c, &old, item, seq); err != nil {
		return err
	}
	if err := tx.putContent(c, &old, item); err != nil {
		return err
	}
	if err := tx.moveMembers(c, &old, item, seq); err != nil {
		return err
	}
	if err := tx.moveFormats(c, &old, item, seq); err != nil {
		return err
	}
	tx.count(c.Deleted != pipeline.Live, &old)
	return tx.aliases(c, item, cmp.Or(old.identifier, c.Identifier))
}

// oldItem is what the log has of an item; item is 0 if nothing.
type oldItem struct {
	item, seq, version, format int64
	identifier                 string
	fingerprint                []byte
	deleted                    pipeline.Reason
	sets                       string
	formats                    pipeline.Formats
	datestamp                  int64
	oaiDC                      []byte
}

const selectOld = `SELECT i.item, i.seq, i.version, i.format, i.identifier, i.fingerprint, r.deleted, r.sets, r.datestamp, r.oai_dc, r.formats
	FROM item i JOIN record r ON r.seq = i.seq AND r.item = i.item WHERE `

func scanOld(r *sqlite.Stmt) oldItem {
	return oldItem{
		item: r.ColumnInt64(0), seq: r.ColumnInt64(1), version: r.ColumnInt64(2), format: r.ColumnInt64(3),
		identifier: r.ColumnText(4), fingerprint: columnBytes(r, 5),
		deleted: pipeline.Reason(r.ColumnText(6)), sets: r.ColumnText(7), datestamp: r.ColumnInt64(8), oaiDC: columnBytes(r, 9),
		formats: pipeline.Formats(r.ColumnInt64(10)),
	}
}

// find looks for the item under its identifier, then under its aliases: it may have come under one
// of them on the page before.
func (tx *commit) find(c *prepared) (old oldItem, err error) {
	scan := func(r *sqlite.Stmt) { old = scanOld(r) }
	err = one(tx.conn, selectOld+itemNamed, []any{c.Identifier}, scan)
	for _, a := range c.Aliases {
		if err != nil || old.item != 0 {
			break
		}
		err = one(tx.conn, selectOld+itemNamed, []any{a}, scan)
	}
	return old, err
}

// itemNamed finds the item that has the identifier ?1, or has it as an alias.
const itemNamed = "i.item = coalesce((SELECT item FROM item WHERE identifier = ?1), (SELECT item FROM alias WHERE identifier = ?1))"

// aliases remembers under which other identifiers the item may come: also the one that it came under
// now, if it is kept under another, since it may come without its aliases the next time.
func (tx *commit) aliases(c *prepared, item int64, identifier string) error {
	const add = "INSERT INTO alias (identifier, item) VALUES (?, ?) ON CONFLICT DO NOTHING"
	for _, a := range c.Aliases {
		if a == identifier {
			continue
		}
		if err := exec(tx.conn, add, a, item); err != nil {
			return err
		}
	}
	if c.Identifier == identifier {
		return nil
	}
	return exec(tx.conn, add, c.Identifier, item)
}

func (tx *commit) putItem(c *prepared, old *oldItem, seq int64) (int64, error) {
	format, err := tx.formatKey(c, old)
	if err != nil {
		return 0, err
	}
	if old.item != 0 {
		return old.item, exec(tx.conn, "UPDATE item SET seq = ?, version = ?, seen = ?, stale = 0, format = ?, fingerprint = ?, input = ? WHERE item = ?",
			seq, old.version+1, tx.source.pass, format, c.Fingerprint[:], c.Input[:], old.item)
	}
	err = exec(tx.conn, "INSERT INTO item (identifier, source, seq, version, seen, stale, format, fingerprint, input) VALUES (?, ?, ?, 1, ?, 0, ?, ?, ?)",
		c.Identifier, tx.source.id, seq, tx.source.pass, format, c.Fingerprint[:], c.Input[:])
	return tx.conn.LastInsertRowID(), err
}

func (tx *commit) putRecord(c *prepared, old *oldItem, item, seq int64) error {
	identifier := c.Identifier
	if old.item != 0 {
		identifier = old.identifier
		tx.store.moves.touch(old.seq)
		if err := exec(tx.conn, "DELETE FROM record WHERE seq = ?", old.seq); err != nil {
			return err
		}
		if old.deleted == pipeline.Live {
			tx.head.Digest.Sub(old.identifier, time.Unix(old.datestamp, 0), old.oaiDC)
		}
	}
	oaiDC := oaipmh.CleanElement(c.OAIDC)
	if c.Deleted != pipeline.Live {
		oaiDC = nil
	} else {
		tx.head.Digest.Add(identifier, tx.head.Datestamp, oaiDC)
	}
	return exec(tx.conn, "INSERT INTO record (seq, item, datestamp, identifier, deleted, sets, formats, provenance, rights, oai_dc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		seq, item, tx.head.Datestamp.Unix(), identifier, string(c.Deleted), c.sets, int64(c.formats), c.provenance, c.rights, oaiDC)
}

// putContent keeps what a record is made of. A record that its source deleted keeps the last there
// was, for people and for a source that changes its mind; one that was taken down keeps nothing.
func (tx *commit) putContent(c *prepared, old *oldItem, item int64) error {
	if c.Deleted == pipeline.Takedown {
		c.Rules, c.dc, c.original = "", []byte{}, []byte{}
	} else if c.Deleted != pipeline.Live && old.item != 0 {
		return exec(tx.conn, "UPDATE content SET origin = ?, notes = ? WHERE item = ?", c.origin, c.notes, item)
	}
	return exec(tx.conn, "INSERT OR REPLACE INTO content (item, origin, rules, notes, dc, original) VALUES (?, ?, ?, ?, ?, ?)",
		item, c.origin, c.Rules, c.notes, c.dc, c.original)
}

func (tx *commit) count(deleted bool, old *oldItem) {
	if old.item != 0 {
		if old.deleted == pipeline.Live {
			tx.source.live--
		} else {
			tx.source.deleted--
		}
	}
	switch {
	case deleted:
		tx.source.deleted++
		tx.counts.Deleted++
	case old.item == 0:
		tx.source.live++
		tx.counts.Added++
	default:
		tx.source.live++
		tx.counts.Updated++
	}
}

// withAncestors are the specs and their ancestors ("a:b:c" is in "a:b" and in "a" too), each once.
func withAncestors(sets string) []string {
	var out []string
	for _, spec := range strings.Fields(sets) {
		for {
			if !slices.Contains(out, spec) {
				out = append(out, spec)
			}
			i := strings.LastIndexByte(spec, ':')
			if i < 0 {
				break
			}
			spec = spec[:i]
		}
	}
	return out
}
