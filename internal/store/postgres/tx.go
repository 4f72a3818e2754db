package postgres

import (
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A tx is one transaction that moves records: it reads what the log has of them, and writes what the plan
// makes of that.
type tx struct {
	store *Store
	conn  *db
	plan  *store.Plan

	written written
}

// begin begins a plan at the present head.
func (s *Store) begin(conn *db) (*tx, error) {
	head, err := s.lockHead(conn)
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
	return &tx{store: s, conn: conn, plan: store.NewPlan(head, lists, bounds), written: written{conn: conn}}, nil
}

const selectState = `SELECT i.item, i.seq, i.version, i.format, i.identifier, i.fingerprint, r.deleted, r.sets, r.datestamp, r.oai_dc, ` + formatsColumns + `
	FROM item i JOIN record r ON r.seq = i.seq AND r.item = i.item WHERE `

// look reads what the log has of the record that fits the condition; its Item is 0 if there is none.
func (t *tx) look(which string, arg any) (*store.State, error) {
	found := &store.State{}
	err := each(t.conn, selectState+which, []any{arg}, func(r *tuple) (err error) {
		*found, err = t.stateOf(r)
		return err
	})
	return found, err
}

// stateOf reads a row of selectState.
func (t *tx) stateOf(r *tuple) (s store.State, err error) {
	s = store.State{
		Item: r.ColumnInt64(0), Seq: r.ColumnInt64(1), Version: r.ColumnInt64(2), Native: r.ColumnInt64(3),
		Identifier: r.ColumnText(4), Deleted: pipeline.Reason(r.ColumnText(6)), Sets: r.ColumnText(7),
		Datestamp: t.plan.Head.Shown(r.ColumnInt64(1), r.ColumnInt64(8)), OAIDC: columnBytes(r, 9),
	}
	r.ColumnBytes(5, s.Fingerprint[:])
	s.Formats, err = t.written.formats(r, 10)
	return s, err
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
		return exec(t.conn, "INSERT INTO record (seq, item, datestamp, identifier, deleted, sets, formats, provenance, rights, oai_dc) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
			now.Seq, now.Item, now.Datestamp, now.Identifier, string(now.Deleted), now.Sets, formats, *m.Provenance, *m.Rights, oaiDC)
	}
	return exec(t.conn, `UPDATE record SET seq = $1, datestamp = $2, deleted = $3, sets = $4, formats = $5,
		provenance = coalesce($6, provenance), rights = coalesce($7, rights), oai_dc = $8 WHERE seq = $9`,
		now.Seq, now.Datestamp, string(now.Deleted), now.Sets, formats, orNull(m.Provenance), orNull(m.Rights), oaiDC, m.Old.Seq)
}

func orNull(text *string) any {
	if text == nil {
		return nil
	}
	return *text
}

// moveItem writes the new place and version of a record that was there before into its item.
func (t *tx) moveItem(m *store.Move) error {
	return exec(t.conn, "UPDATE item SET seq = $1, version = $2, fingerprint = $3 WHERE item = $4", m.New.Seq, m.New.Version, m.New.Fingerprint[:], m.New.Item)
}

func (t *tx) moveMember(m *store.Move) error {
	for _, k := range m.Stay {
		if err := exec(t.conn, "UPDATE member SET seq = $1 WHERE key = $2 AND seq = $3", m.New.Seq, k, m.Old.Seq); err != nil {
			return err
		}
	}
	for _, k := range m.Leave {
		if err := exec(t.conn, "DELETE FROM member WHERE key = $1 AND seq = $2", k, m.Old.Seq); err != nil {
			return err
		}
	}
	for _, k := range m.Enter {
		if err := exec(t.conn, "INSERT INTO member (key, seq) VALUES ($1, $2)", k, m.New.Seq); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) moveDepartures(m *store.Move) error {
	for _, k := range m.Return {
		if err := each(t.conn, "DELETE FROM departure WHERE item = $1 AND key = $2 RETURNING seq", []any{m.New.Item, k}, func(r *tuple) error {
			t.plan.Returned(k, r.ColumnInt64(0))
			return nil
		}); err != nil {
			return err
		}
	}
	for _, k := range m.Depart {
		if err := exec(t.conn, "INSERT INTO departure (key, seq, item, datestamp, identifier) VALUES ($1, $2, $3, $4, $5)",
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
	if err := t.finishLists(); err != nil || p.First == 0 {
		return err
	}
	if err := exec(t.conn, "INSERT INTO second (datestamp, seq) VALUES ($1, $2) ON CONFLICT DO NOTHING", p.Head.Datestamp.Unix(), p.First); err != nil {
		return err
	}
	if l := p.Leap; l.Upto != 0 {
		t.store.moves.Leap(l)
		if err := exec(t.conn, "INSERT INTO leap (after, upto) VALUES ($1, $2)", l.After, l.Upto); err != nil {
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
		if err := exec(t.conn, "INSERT INTO list (key, kind, name, title) VALUES ($1, $2, $3, $4)", l.Key, string(l.Kind), l.Name, l.Title); err != nil {
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
		if err := exec(t.conn, "UPDATE list SET members = members + $1, departures = departures + $2 WHERE key = $3",
			d.Members, d.Departures, key); err != nil {
			return err
		}
	}
	return nil
}
