package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Repository serves the log through OAI-PMH. The position in a list is the log's cursor.
type Repository struct {
	*Store
	// Name, AdminEmails and Descriptions are what Identify says.
	Name         string
	AdminEmails  []string
	Descriptions [][]byte
}

var oaiDC = oaipmh.Format{Prefix: "oai_dc", Schema: "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", Namespace: oaiDCNamespace}

// Identify describes the repository. The earliest datestamp is the moment at which the log was made.
func (s *Repository) Identify(ctx context.Context) (id *oaipmh.Identity, err error) {
	err = s.snapshot(ctx, func(conn *sqlite.Conn, head pipeline.Head) error {
		id = &oaipmh.Identity{Head: head.Datestamp, Name: s.Name, AdminEmails: s.AdminEmails, Descriptions: s.Descriptions}
		return one(conn, "SELECT began FROM log_head", nil, func(r *sqlite.Stmt) {
			id.EarliestDatestamp = time.Unix(r.ColumnInt64(0), 0).UTC()
		})
	})
	return id, err
}

// Formats gives the formats of an item, or of the repository.
func (s *Repository) Formats(ctx context.Context, identifier string) (out *oaipmh.Formats, err error) {
	err = s.snapshot(ctx, func(conn *sqlite.Conn, head pipeline.Head) error {
		out = &oaipmh.Formats{Head: head.Datestamp, Formats: []oaipmh.Format{oaiDC}}
		if identifier == "" {
			return nil
		}
		known := false
		if err := one(conn, "SELECT 1 FROM item WHERE identifier = ?", []any{identifier}, func(*sqlite.Stmt) { known = true }); err != nil {
			return err
		}
		if !known {
			return oaipmh.ErrNoItem
		}
		return nil
	})
	return out, err
}

// Sets offers the sets in order of their specs.
func (s *Repository) Sets(ctx context.Context, after string, offer func(*oaipmh.Set) bool) (head time.Time, err error) {
	err = s.snapshot(ctx, func(conn *sqlite.Conn, h pipeline.Head) error {
		head = h.Datestamp
		return stopped(each(conn, "SELECT name, title FROM list WHERE kind = 'set' AND name > ? ORDER BY name", []any{after}, func(r *sqlite.Stmt) error {
			if !offer(&oaipmh.Set{Spec: r.ColumnText(0), Name: r.ColumnText(1)}) {
				return errStop
			}
			return nil
		}))
	})
	return head, err
}

// Get returns one record.
func (s *Repository) Get(ctx context.Context, identifier, prefix string) (rec *oaipmh.Record, head time.Time, err error) {
	err = s.snapshot(ctx, func(conn *sqlite.Conn, h pipeline.Head) error {
		head = h.Datestamp
		if err := one(conn, "SELECT "+recordColumns+" FROM item i JOIN record r ON r.seq = i.seq WHERE i.identifier = ?",
			[]any{identifier}, func(r *sqlite.Stmt) {
				rec = new(oaipmh.Record)
				scanListed(r, rec, new(setsReader), false)
			}); err != nil {
			return err
		}
		switch {
		case rec == nil:
			return oaipmh.ErrNoItem
		case prefix != oaiDC.Prefix:
			return oaipmh.ErrNoFormat
		}
		return nil
	})
	return rec, head, err
}

// A list is a range of the log, of all records or of those in one set.
type listRange struct {
	key         int64 // of the set; 0 for all
	after, upTo int64
}

// List offers the records of a list (see oaipmh.Repository). A selective list is a range of seqs,
// since datestamps never decrease along them.
func (s *Repository) List(ctx context.Context, q *oaipmh.Query, offer func(*oaipmh.Record) bool) (out *oaipmh.Listing, err error) {
	if q.Prefix != oaiDC.Prefix {
		return nil, oaipmh.ErrNoSuchFormat
	}
	err = s.snapshot(ctx, func(conn *sqlite.Conn, head pipeline.Head) error {
		out = &oaipmh.Listing{Head: head.Datestamp, Size: -1}
		in, err := s.rangeOf(conn, q, head, out)
		if err != nil {
			return err
		}
		conn.SetInterrupt(ctx.Done())
		var last int64
		var rec oaipmh.Record
		var sets setsReader
		err = each(conn, in.query(), in.args(q.Set), func(r *sqlite.Stmt) error {
			scanListed(r, &rec, &sets, q.HeadersOnly)
			if !offer(&rec) {
				out.Next = pipeline.Cursor{Epoch: head.Epoch, Seq: last}.String()
				return errStop
			}
			last = r.ColumnInt64(0)
			return nil
		})
		return stopped(err)
	})
	if ctx.Err() != nil && err != nil {
		err = ctx.Err()
	}
	return out, err
}

// rangeOf finds out where the list begins and ends.
func (s *Repository) rangeOf(conn *sqlite.Conn, q *oaipmh.Query, head pipeline.Head, out *oaipmh.Listing) (in listRange, err error) {
	in.upTo = math.MaxInt64
	if q.Set != "" {
		if err := one(conn, "SELECT key, members + departures FROM list WHERE kind = 'set' AND name = ?", []any{q.Set}, func(r *sqlite.Stmt) {
			in.key, out.Size = r.ColumnInt64(0), r.ColumnInt64(1)
		}); err != nil {
			return in, err
		}
		if in.key == 0 {
			return in, oaipmh.ErrNoSuchSet
		}
	} else if err := one(conn, "SELECT coalesce(sum(live + deleted), 0) FROM source", nil, func(r *sqlite.Stmt) { out.Size = r.ColumnInt64(0) }); err != nil {
		return in, err
	}
	if !q.From.IsZero() {
		out.Size = -1
		in.after = math.MaxInt64
		if err := one(conn, "SELECT seq FROM second WHERE datestamp >= ? ORDER BY datestamp LIMIT 1", []any{q.From.Unix()}, func(r *sqlite.Stmt) {
			in.after = r.ColumnInt64(0) - 1
		}); err != nil {
			return in, err
		}
	}
	if !q.Until.IsZero() {
		out.Size = -1
		if err := one(conn, "SELECT seq FROM second WHERE datestamp > ? ORDER BY datestamp LIMIT 1", []any{q.Until.Unix()}, func(r *sqlite.Stmt) {
			in.upTo = r.ColumnInt64(0) - 1
		}); err != nil {
			return in, err
		}
	}
	if q.After != "" {
		c, err := parseCursor(q.After)
		if err != nil || c.Epoch != head.Epoch {
			return in, oaipmh.ErrBadPosition
		}
		if c.Seq > head.Seq {
			return in, oaipmh.ErrBehind
		}
		in.after = max(in.after, c.Seq)
	}
	return in, nil
}

// recordColumns are those that scanListed reads; r is the record.
const recordColumns = "r.seq, r.datestamp, r.identifier, r.deleted <> '', r.sets, r.oai_dc"

func (l *listRange) query() string {
	if l.key == 0 {
		return "SELECT " + recordColumns + " FROM record r WHERE r.seq > ? AND r.seq <= ? ORDER BY r.seq"
	}
	// Both halves come in order of seq, so SQLite merges them and nothing is sorted: if it is the
	// member's seq; it does not see that the record's is the same (TestPlans).
	return "SELECT m.seq, " + recordColumns[len("r.seq, "):] + ` FROM member m JOIN record r ON r.seq = m.seq WHERE m.key = ?3 AND m.seq > ?1 AND m.seq <= ?2
		UNION ALL SELECT seq, datestamp, identifier, 1, ?4, NULL FROM departure WHERE key = ?3 AND seq > ?1 AND seq <= ?2
		ORDER BY 1`
}

func (l *listRange) args(set string) []any {
	if l.key == 0 {
		return []any{l.after, l.upTo}
	}
	return []any{l.after, l.upTo, l.key, set}
}

// A setsReader reads the sets of rows. Neighbours in the log mostly have the same.
type setsReader struct {
	text, next []byte
	specs      []string
}

func (s *setsReader) read(r *sqlite.Stmt, col int) []string {
	s.next = slices.Grow(s.next[:0], r.ColumnLen(col))[:r.ColumnLen(col)]
	r.ColumnBytes(col, s.next)
	if s.specs == nil || !bytes.Equal(s.text, s.next) {
		s.text, s.next = s.next, s.text
		s.specs = strings.Fields(string(s.text))
	}
	return s.specs
}

// scanListed reads a row into rec, using its buffers again.
func scanListed(r *sqlite.Stmt, rec *oaipmh.Record, sets *setsReader, headersOnly bool) {
	rec.Datestamp = time.Unix(r.ColumnInt64(1), 0).UTC()
	rec.Identifier = r.ColumnText(2)
	rec.Deleted = r.ColumnBool(3)
	rec.Sets = sets.read(r, 4)
	rec.Metadata = rec.Metadata[:0]
	if n := r.ColumnLen(5); n > 0 && !headersOnly && !rec.Deleted {
		if cap(rec.Metadata) < n {
			rec.Metadata = make([]byte, 0, 2*n)
		}
		rec.Metadata = rec.Metadata[:n]
		r.ColumnBytes(5, rec.Metadata)
	}
}

// errStop ends a query early.
var errStop = errors.New("stop")

func stopped(err error) error {
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

func parseCursor(s string) (c pipeline.Cursor, err error) {
	epoch, seq, ok := strings.Cut(s, ".")
	if c.Epoch, err = strconv.ParseInt(epoch, 10, 64); err == nil {
		c.Seq, err = strconv.ParseInt(seq, 10, 64)
	}
	if !ok || err != nil || c.Seq < 0 {
		return c, fmt.Errorf("%q is not a cursor", s)
	}
	return c, nil
}

// Clock is the repository's clock (see oaipmh.Repository).
func (s *Repository) Clock(ctx context.Context) (time.Time, error) {
	h, err := s.Store.Head(ctx)
	return h.Datestamp, err
}
