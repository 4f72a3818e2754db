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

	written   written
	returning bool // a record may have come into a list again that it had left
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

// stateColumns are those that stateOf reads, of an item i and its record r; stateColumnsEnd is how many they are.
const (
	stateColumns    = "i.item, i.seq, i.version, i.format, i.identifier, i.fingerprint, r.deleted, r.sets, r.datestamp, r.oai_dc, " + formatsColumns
	stateColumnsEnd = 12

	selectState = "SELECT " + stateColumns + " FROM item i JOIN record r ON r.seq = i.seq AND r.item = i.item WHERE "
)

// look reads what the log has of the record that fits the condition; its Item is 0 if there is none.
func (t *tx) look(which string, arg any) (*store.State, error) {
	found := &store.State{}
	err := each(t.conn, selectState+which, []any{arg}, func(r *tuple) (err error) {
		*found, err = t.stateOf(r)
		return err
	})
	return found, err
}

// stateOf reads a row that begins with stateColumns.
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

// move brings a record to its new place: in the log, and in the lists that it is in. What it writes is written for all records
// of the transaction together, so none may be moved again before it was looked at again.
func (t *tx) move(m *store.Move) error {
	if err := t.moveRecord(m); err != nil {
		return err
	}
	t.moveMember(m)
	t.moveDepartures(m)
	return nil
}

const (
	insertRecords = `INSERT INTO record (seq, item, datestamp, identifier, deleted, sets, formats, provenance, rights, oai_dc)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[], $10::bytea[])`
	moveRecords = `UPDATE record r SET seq = u.seq, datestamp = u.datestamp, deleted = u.deleted, sets = u.sets, formats = u.formats,
		provenance = coalesce(u.provenance, r.provenance), rights = coalesce(u.rights, r.rights), oai_dc = u.oai_dc
		FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::bytea[], $9::bigint[])
			AS u(seq, datestamp, deleted, sets, formats, provenance, rights, oai_dc, was) WHERE r.seq = u.was`
	moveItems     = "UPDATE item i SET seq = u.seq, version = u.version, fingerprint = u.fingerprint FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bigint[]) AS u(seq, version, fingerprint, item) WHERE i.item = u.item"
	insertMembers = "INSERT INTO member (key, seq) SELECT * FROM unnest($1::bigint[], $2::bigint[])"
	moveMembers   = "UPDATE member m SET seq = u.seq FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS u(key, was, seq) WHERE m.key = u.key AND m.seq = u.was"
	deleteMembers = "DELETE FROM member m USING unnest($1::bigint[], $2::bigint[]) AS u(key, seq) WHERE m.key = u.key AND m.seq = u.seq"

	insertDepartures = "INSERT INTO departure (key, seq, item, datestamp, identifier) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[])"
	deleteDepartures = "DELETE FROM departure d USING unnest($1::bigint[], $2::bigint[]) AS u(item, key) WHERE d.item = u.item AND d.key = u.key RETURNING d.key, d.seq"
)

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
		many(t.conn, insertRecords, now.Seq, now.Item, now.Datestamp, now.Identifier, string(now.Deleted), now.Sets, formats, *m.Provenance, *m.Rights, oaiDC)
	} else {
		many(t.conn, moveRecords, now.Seq, now.Datestamp, string(now.Deleted), now.Sets, formats, m.Provenance, m.Rights, oaiDC, m.Old.Seq)
	}
	return nil
}

// moveItem writes the new place and version of a record that was there before into its item.
func (t *tx) moveItem(m *store.Move) {
	many(t.conn, moveItems, m.New.Seq, m.New.Version, m.New.Fingerprint[:], m.New.Item)
}

func (t *tx) moveMember(m *store.Move) {
	for _, k := range m.Stay {
		many(t.conn, moveMembers, k, m.Old.Seq, m.New.Seq)
	}
	for _, k := range m.Leave {
		many(t.conn, deleteMembers, k, m.Old.Seq)
	}
	for _, k := range m.Enter {
		many(t.conn, insertMembers, k, m.New.Seq)
	}
}

func (t *tx) moveDepartures(m *store.Move) {
	for _, k := range m.Return {
		t.returning = true
		manyRead(t.conn, func(r *tuple) error {
			t.plan.Returned(r.ColumnInt64(0), r.ColumnInt64(1))
			return nil
		}, deleteDepartures, m.New.Item, k)
	}
	for _, k := range m.Depart {
		many(t.conn, insertDepartures, k, m.New.Seq, m.New.Item, m.New.Datestamp, m.New.Identifier)
	}
}

// finish writes what the plan has counted, and the head that it leads to.
func (t *tx) finish() error {
	if t.returning { // the plan counts the departures that are taken away
		if err := t.conn.flush(); err != nil {
			return err
		}
	}
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
		if *d != (store.Delta{}) {
			many(t.conn, "UPDATE list l SET members = l.members + u.members, departures = l.departures + u.departures FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS u(key, members, departures) WHERE l.key = u.key",
				key, d.Members, d.Departures)
		}
	}
	return nil
}
