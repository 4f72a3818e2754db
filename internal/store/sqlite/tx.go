package sqlite

import (
	"encoding/json"
	"maps"
	"slices"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A tx is one transaction that moves records: it reads what the log has of them, and writes what the plan
// makes of that.
type tx struct {
	store *Store
	conn  *sqlite.Conn
	plan  *store.Plan
	old   store.State // what look found last

	written written

	entering map[int64][]int64 // seqs by the keys of the lists that they come into; not written yet
}

// begin begins a plan at the present head.
func (s *Store) begin(conn *sqlite.Conn) (*tx, error) {
	head, err := readHead(conn)
	if err != nil {
		return nil, err
	}
	lists, err := s.knownLists(conn)
	if err != nil {
		return nil, err
	}
	bounds := store.Bounds{}
	if head.DigestPending {
		if bounds.Undigested, err = undigested(conn); err != nil {
			return nil, err
		}
	}
	if bounds.Floor, err = s.leapFloor(conn); err != nil {
		return nil, err
	}
	return &tx{store: s, conn: conn, plan: store.NewPlan(head, lists, bounds), written: written{conn: conn}, entering: map[int64][]int64{}}, nil
}

const selectState = `SELECT i.item, i.seq, i.version, i.format, i.identifier, i.fingerprint, r.deleted, r.sets, r.datestamp, r.oai_dc, r.formats
	FROM item i JOIN record r ON r.seq = i.seq AND r.item = i.item WHERE `

// look reads what the log has of the record that fits the condition; its Item is 0 if there is none. It is
// valid until the next call, which uses its memory again.
func (t *tx) look(which string, arg any) (*store.State, error) {
	t.old = store.State{OAIDC: t.old.OAIDC[:0]}
	err := each(t.conn, selectState+which, []any{arg}, t.scan)
	return &t.old, err
}

// scan reads a row of selectState.
func (t *tx) scan(r *sqlite.Stmt) (err error) {
	s := &t.old
	*s = store.State{
		Item: r.ColumnInt64(0), Seq: r.ColumnInt64(1), Version: r.ColumnInt64(2), Native: r.ColumnInt64(3),
		Identifier: r.ColumnText(4), Deleted: pipeline.Reason(r.ColumnText(6)), Sets: r.ColumnText(7),
		Datestamp: t.plan.Head.Shown(r.ColumnInt64(1), r.ColumnInt64(8)), OAIDC: columnInto(s.OAIDC, r, 9),
	}
	r.ColumnBytes(5, s.Fingerprint[:])
	s.Formats, err = t.written.formats(r.ColumnInt64(10))
	return err
}

// move brings a record to its new place: in the log, and in the lists that it is in.
func (t *tx) move(m *store.Move) error {
	if err := t.moveRecord(m); err != nil {
		return err
	}
	if err := t.moveMember(m); err != nil {
		return err
	}
	return t.moveDepartures(m)
}

func (t *tx) moveRecord(m *store.Move) error {
	now := &m.New
	var oaiDC []byte // null if deleted
	if now.Deleted == pipeline.Live {
		oaiDC = now.OAIDC
	}
	formats, err := t.written.numberOf(now.Formats)
	if err != nil {
		return err
	}
	if m.Old.Item == 0 {
		return exec(t.conn, "INSERT INTO record (seq, item, datestamp, identifier, deleted, sets, formats, provenance, rights, oai_dc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			now.Seq, now.Item, now.Datestamp, now.Identifier, string(now.Deleted), now.Sets, formats, *m.Provenance, *m.Rights, oaiDC)
	}
	return exec(t.conn, `UPDATE record SET seq = ?, datestamp = ?, deleted = ?, sets = ?, formats = ?,
		provenance = coalesce(?, provenance), rights = coalesce(?, rights), oai_dc = ? WHERE seq = ?`,
		now.Seq, now.Datestamp, string(now.Deleted), now.Sets, formats, orNull(m.Provenance), orNull(m.Rights), oaiDC, m.Old.Seq)
}

func orNull(text *string) any {
	if text == nil {
		return []byte(nil)
	}
	return *text
}

// moveItem writes the new place and version of a record that was there before into its item.
func (t *tx) moveItem(m *store.Move) error {
	return exec(t.conn, "UPDATE item SET seq = ?, version = ?, fingerprint = ? WHERE item = ?", m.New.Seq, m.New.Version, m.New.Fingerprint[:], m.New.Item)
}

func (t *tx) moveMember(m *store.Move) error {
	if m.Old.Seq >= t.plan.First { // it came on the same page under another identifier
		if err := t.enter(); err != nil {
			return err
		}
	}
	for _, k := range m.Stay {
		if err := exec(t.conn, "UPDATE member SET seq = ? WHERE key = ? AND seq = ?", m.New.Seq, k, m.Old.Seq); err != nil {
			return err
		}
	}
	for _, k := range m.Leave {
		if err := exec(t.conn, "DELETE FROM member WHERE key = ? AND seq = ?", k, m.Old.Seq); err != nil {
			return err
		}
	}
	for _, k := range m.Enter {
		t.entering[k] = append(t.entering[k], m.New.Seq)
	}
	return nil
}

// enter writes the memberships of records that have come into lists: those of a page together, in the order of the
// table, because one at a time they take as long as the records themselves.
func (t *tx) enter() error {
	for _, key := range slices.Sorted(maps.Keys(t.entering)) {
		seqs, err := json.Marshal(t.entering[key])
		if err != nil {
			return err
		}
		if err := exec(t.conn, "INSERT INTO member (key, seq) SELECT ?, value FROM json_each(?)", key, string(seqs)); err != nil {
			return err
		}
	}
	clear(t.entering)
	return nil
}

func (t *tx) moveDepartures(m *store.Move) error {
	for _, k := range m.Return {
		if err := each(t.conn, "DELETE FROM departure WHERE item = ? AND key = ? RETURNING seq", []any{m.New.Item, k}, func(r *sqlite.Stmt) error {
			t.plan.Returned(k, r.ColumnInt64(0))
			return nil
		}); err != nil {
			return err
		}
	}
	for _, k := range m.Depart {
		if err := exec(t.conn, "INSERT INTO departure (key, seq, item, datestamp, identifier) VALUES (?, ?, ?, ?, ?)",
			k, m.New.Seq, m.New.Item, m.New.Datestamp, m.New.Identifier); err != nil {
			return err
		}
	}
	return nil
}

// finish writes what the plan has counted, and the head that it leads to.
func (t *tx) finish() error {
	p := t.plan
	for _, seq := range p.Touched {
		t.store.moves.Touch(seq)
	}
	if err := inOrder(t.enter, t.finishLists); err != nil || p.First == 0 {
		return err
	}
	if err := exec(t.conn, "INSERT OR IGNORE INTO second (datestamp, seq) VALUES (?, ?)", p.Head.Datestamp.Unix(), p.First); err != nil {
		return err
	}
	if l := p.Leap; l.Upto != 0 {
		t.store.moves.Leap(l)
		if err := exec(t.conn, "INSERT INTO leap (after, upto) VALUES (?, ?)", l.After, l.Upto); err != nil {
			return err
		}
	}
	return writeHead(t.conn, p.Head)
}

// finishLists writes the lists that the plan has made, and brings the counters up to date.
func (t *tx) finishLists() error {
	lists, versions := t.store.lists.TakeNew()
	for i := range lists {
		l := &lists[i]
		if err := exec(t.conn, "INSERT INTO list (key, kind, name, title) VALUES (?, ?, ?, ?)", l.Key, string(l.Kind), l.Name, l.Title); err != nil {
			return err
		}
	}
	for _, v := range versions {
		if err := setMeta(t.conn, rendererMeta+v.Prefix, int64(v.Version)); err != nil {
			return err
		}
	}
	for key, d := range t.plan.Deltas() {
		if *d == (store.Delta{}) {
			continue
		}
		if err := exec(t.conn, "UPDATE list SET members = members + ?, departures = departures + ? WHERE key = ?",
			d.Members, d.Departures, key); err != nil {
			return err
		}
	}
	return nil
}
