package postgres

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A view is one snapshot of the log (see [store.View]).
type view struct {
	store *Store
	conn  *db
	head  pipeline.Head
}

// Snapshot runs f on one snapshot of the log, which shows the present second as far as the clock can be
// trusted.
func (s *Store) Snapshot(ctx context.Context, f func(store.View) error) error {
	return s.servedNow(ctx, func(conn *db, head pipeline.Head) error {
		return f(&view{s, conn, head})
	})
}

// Commits is the number of the last commit that Fresh knows of. It is asked for before the snapshot that
// Fresh is asked about.
func (s *Store) Commits() int64 { return s.moves.Commits() }

// Fresh says whether what a snapshot showed is still right: of the whole log, or of the seqs behind the one,
// up to the other, if upto is not 0. since is what Commits said before the snapshot. head is the head's
// datestamp, read before that was found out.
func (s *Store) Fresh(ctx context.Context, since, after, upto int64) (head time.Time, ok bool) {
	head = s.now(ctx) // first: see store.Moves
	if head.Unix() < s.newestShown.Load() {
		// A snapshot has shown what is committed and not noted yet: no later answer has an older date.
		return head, false
	}
	if upto == 0 {
		return head, s.moves.Unmoved(since)
	}
	return head, s.moves.Untouched(since, after, upto)
}

func (v *view) Head() *pipeline.Head { return &v.head }

func (v *view) Earliest() (at time.Time, err error) {
	err = one(v.conn, "SELECT began FROM log_head", nil, func(r *tuple) { at = time.Unix(r.ColumnInt64(0), 0).UTC() })
	return at, err
}

func (v *view) Sample() (identifier string, err error) {
	for _, end := range []string{"ASC", "DESC"} { // old records stay the sample for long
		gone := true
		err = one(v.conn, "SELECT identifier, gone FROM (SELECT seq, identifier, deleted <> '' AS gone FROM record ORDER BY seq "+end+" LIMIT 100) AS ends ORDER BY gone, seq "+end+" LIMIT 1", nil, func(r *tuple) {
			identifier, gone = r.ColumnText(0), r.ColumnInt64(1) != 0
		})
		if err != nil || !gone {
			break
		}
	}
	return identifier, err
}

func (v *view) Size() (n int64, err error) {
	err = one(v.conn, "SELECT coalesce(sum(live + deleted), 0)::bigint FROM source", nil, func(r *tuple) { n = r.ColumnInt64(0) })
	return n, err
}

func (v *view) List(kind store.ListKind, name string) (l store.Listed, err error) {
	err = one(v.conn, "SELECT key, title, members, departures FROM list WHERE kind = $1 AND name = $2", []any{string(kind), name}, func(r *tuple) {
		l.List = store.List{Key: r.ColumnInt64(0), Kind: kind, Name: name, Title: r.ColumnText(1)}
		l.Members, l.Departures = r.ColumnInt64(2), r.ColumnInt64(3)
	})
	return l, err
}

func (v *view) Lists(kind store.ListKind, after string, f func(*store.List) bool) error {
	return stopped(all(v.conn, "SELECT key, name, title FROM list WHERE kind = $1 AND name > $2 ORDER BY name", []any{string(kind), after}, func(r *tuple) error {
		if !f(&store.List{Key: r.ColumnInt64(0), Kind: kind, Name: r.ColumnText(1), Title: r.ColumnText(2)}) {
			return errStop
		}
		return nil
	}))
}

// LastBefore looks in the table of seconds. What an earlier epoch stamped shows the first datestamp of the
// present one. A replica is not asked about a time that it has not come to: whoever asks for all up to the date of another
// gateway's answer, and then from there on, would miss what it lacks.
func (v *view) LastBefore(datestamp int64) (seq int64, err error) {
	if v.conn.copied && datestamp > v.head.Datestamp.Unix() && datestamp <= v.store.guard.Wall().Unix()+1 {
		return 0, oaipmh.ErrBehind
	}
	if datestamp <= v.head.Began.Unix() {
		return 0, nil
	}
	seq = math.MaxInt64
	err = one(v.conn, "SELECT seq FROM second WHERE datestamp >= $1 ORDER BY datestamp LIMIT 1", []any{datestamp}, func(r *tuple) {
		seq = r.ColumnInt64(0) - 1
	})
	return seq, err
}

func (v *view) Lost(seq int64) (bool, error) { return leapt(v.conn, seq) }

func (v *view) Row(identifier string, oaiDC bool) (row *store.Row, err error) {
	read := rowReader{head: &v.head}
	found := false
	err = each(v.conn, "SELECT "+columns(oaiDC)+", i.format, "+formatsColumns+" FROM item i JOIN record r ON r.seq = i.seq WHERE i.identifier = $1", []any{identifier}, func(r *tuple) error {
		found = true
		if err := read.scan(r); err != nil {
			return err
		}
		// A tombstone has the formats that its record had.
		read.row.Native = r.ColumnInt64(columnsEnd)
		read.row.Formats, err = read.written.formats(r, columnsEnd+1)
		return err
	})
	if err != nil || !found {
		return nil, err
	}
	return &read.row, nil
}

func (v *view) Departure(identifier string, list int64) (row *store.Row, err error) {
	err = one(v.conn, `SELECT d.datestamp, r.sets, d.seq FROM item i JOIN departure d ON d.item = i.item AND d.key = $1 JOIN record r ON r.seq = i.seq WHERE i.identifier = $2`,
		[]any{list, identifier}, func(r *tuple) {
			seq := r.ColumnInt64(2)
			row = &store.Row{Seq: seq, Identifier: identifier, Datestamp: v.head.Shown(seq, r.ColumnInt64(0)), Deleted: true, Sets: strings.Fields(r.ColumnText(1))}
		})
	return row, err
}

// Rows asks for some rows at a time: nobody knows how many of them the caller wants, and an answer is read to its end. They
// are all there before the caller gets the first, because it may ask the view for more about each.
func (v *view) Rows(in *store.Range, f func(*store.Row) (bool, error)) error {
	rest, read := *in, rowReader{head: &v.head, headers: in.Headers}
	for limit := firstRows; ; limit = min(2*limit, mostRows) {
		n := 0
		query, args := listing{&rest}.ask(limit)
		err := all(v.conn, query, args, func(r *tuple) error {
			if err := read.scan(r); err != nil {
				return err
			}
			n, rest.After = n+1, read.row.Seq
			more, err := f(&read.row)
			if err == nil && !more {
				err = errStop
			}
			return err
		})
		if err != nil || n < limit {
			return stopped(err)
		}
	}
}

// A page of a list has a hundred rows, and one is looked at behind them.
const (
	firstRows = 101
	mostRows  = 1024
)

func (v *view) DC(item int64) (dc []byte, err error) {
	packed, err := v.content("dc", item)
	if err != nil {
		return nil, err
	}
	return store.UnpackRecord(packed)
}

func (v *view) Original(item int64) ([]byte, error) {
	packed, err := v.content("original", item)
	if err != nil {
		return nil, err
	}
	return v.store.codec.Unpack(packed)
}

func (v *view) content(column string, item int64) (packed []byte, err error) {
	err = one(v.conn, "SELECT "+column+" FROM content WHERE item = $1", []any{item}, func(r *tuple) { packed = columnBytes(r, 0) })
	return packed, err
}
