package sqlite

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
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
	// Describe gives the name of a set (empty: the one that the log has) and its descriptions; nil if
	// there is nothing to say.
	Describe func(spec string) (name string, descriptions [][]byte)
	// Declared are the specs of sets that there are though nothing may be in them yet, in their order.
	// Their ancestors are among them.
	Declared []string
	// Page is the address of the page about a record, below the root of the gateway that it is written for;
	// nil if there are no pages.
	Page func(root, identifier string) string
}

// Identify describes the repository. The earliest datestamp is the moment at which the log was made.
func (s *Repository) Identify(ctx context.Context) (id *oaipmh.Identity, err error) {
	err = s.snapshot(ctx, func(conn *sqlite.Conn, head pipeline.Head) error {
		id = &oaipmh.Identity{Head: head.Datestamp, Name: s.Name, AdminEmails: s.AdminEmails, Descriptions: s.Descriptions}
		if b, err := s.describeIdentifiers(conn); err != nil {
			return err
		} else if b != nil {
			id.Descriptions = append([][]byte{b}, id.Descriptions...)
		}
		return one(conn, "SELECT began FROM log_head", nil, func(r *sqlite.Stmt) {
			id.EarliestDatestamp = time.Unix(r.ColumnInt64(0), 0).UTC()
		})
	})
	return id, err
}

// describeIdentifiers says how our identifiers are made, with one of the oldest records as the sample,
// a live one if there is one among them; nil as long as there is none.
func (s *Repository) describeIdentifiers(conn *sqlite.Conn) (b []byte, err error) {
	sample := ""
	err = one(conn, "SELECT identifier FROM (SELECT identifier, deleted <> '' AS gone FROM record ORDER BY seq LIMIT 100) ORDER BY gone LIMIT 1", nil, func(r *sqlite.Stmt) {
		sample = r.ColumnText(0)
	})
	if err != nil || sample == "" {
		return nil, err
	}
	if b, err = oaipmh.DescribeIdentifiers(s.Namespace(), sample); err != nil {
		return nil, nil // a namespace that the guidelines don't have; config check tells
	}
	return b, nil
}

// Formats gives the formats of an item, or of the repository: first those that are made, then the
// native ones, in the order in which they came to be.
func (s *Repository) Formats(ctx context.Context, identifier string) (out *oaipmh.Formats, err error) {
	err = s.snapshot(ctx, func(conn *sqlite.Conn, head pipeline.Head) error {
		out = &oaipmh.Formats{Head: head.Datestamp}
		made, native := ^pipeline.Formats(0), int64(0)
		if identifier != "" {
			known := false
			if err := one(conn, "SELECT r.formats, i.format FROM item i JOIN record r ON r.seq = i.seq WHERE i.identifier = ?", []any{identifier}, func(r *sqlite.Stmt) {
				known, made, native = true, pipeline.Formats(r.ColumnInt64(0)), r.ColumnInt64(1)
			}); err != nil {
				return err
			}
			if !known {
				return oaipmh.ErrNoItem
			}
		}
		for _, f := range s.formats.All() {
			if bit := pipeline.FormatNamed(f.Prefix); bit == 0 || made&bit != 0 {
				out.Formats = append(out.Formats, oaiFormat(&f))
			}
		}
		return each(conn, "SELECT name, title FROM list WHERE kind = 'format' AND (? OR key = ?) ORDER BY key", []any{identifier == "", native}, func(r *sqlite.Stmt) error {
			out.Formats = append(out.Formats, nativeFormat(r.ColumnText(0), r.ColumnText(1)))
			return nil
		})
	})
	return out, err
}

// Sets offers the sets in order of their specs.
func (s *Repository) Sets(ctx context.Context, after string, offer func(*oaipmh.Set) bool) (head time.Time, err error) {
	err = s.snapshot(ctx, func(conn *sqlite.Conn, h pipeline.Head) error {
		head = h.Datestamp
		declared, _ := slices.BinarySearch(s.Declared, after+"\x00")
		err := each(conn, "SELECT name, title FROM list WHERE kind = 'set' AND name > ? ORDER BY name", []any{after}, func(r *sqlite.Stmt) error {
			spec := r.ColumnText(0)
			for ; declared < len(s.Declared) && s.Declared[declared] <= spec; declared++ {
				if d := s.Declared[declared]; d < spec && !s.offerSet(d, d, offer) {
					return errStop
				}
			}
			if !s.offerSet(spec, r.ColumnText(1), offer) {
				return errStop
			}
			return nil
		})
		for ; err == nil && declared < len(s.Declared); declared++ {
			if d := s.Declared[declared]; !s.offerSet(d, d, offer) {
				err = errStop
			}
		}
		return stopped(err)
	})
	return head, err
}

// offerSet offers a set with what is to be said of it. name is what the log calls it.
func (s *Repository) offerSet(spec, name string, offer func(*oaipmh.Set) bool) bool {
	set := oaipmh.Set{Spec: spec, Name: name}
	if s.Describe != nil {
		name, descriptions := s.Describe(spec)
		set.Name, set.Descriptions = cmp.Or(name, set.Name), descriptions
	}
	return offer(&set)
}

// Get returns one record.
func (s *Repository) Get(ctx context.Context, identifier, prefix string) (rec *oaipmh.Record, head time.Time, err error) {
	err = s.snapshot(ctx, func(conn *sqlite.Conn, h pipeline.Head) error {
		head = h.Datestamp
		f, err := s.format(conn, prefix)
		unknown := errors.Is(err, oaipmh.ErrNoSuchFormat)
		if err != nil && !unknown {
			return err
		}
		read := listReader{repo: s, conn: conn, format: &f, head: &h}
		found, has := false, false
		if err := each(conn, "SELECT "+columns(&f)+", r.formats, i.format FROM item i JOIN record r ON r.seq = i.seq WHERE i.identifier = ?", []any{identifier}, func(r *sqlite.Stmt) error {
			found = true
			if has = !unknown && f.has(pipeline.Formats(r.ColumnInt64(columnsEnd)), r.ColumnInt64(columnsEnd+1)); has {
				return read.scan(r, false)
			}
			return nil
		}); err != nil {
			return err
		}
		switch {
		case !found:
			return oaipmh.ErrNoItem
		case has:
			rec = &read.rec
			return nil
		}
		rec, err = departed(conn, identifier, f.key, &h)
		return err
	})
	return rec, head, err
}

// departed is the header of a record that had a format and lost it; ErrNoFormat if it never had it.
func departed(conn *sqlite.Conn, identifier string, key int64, head *pipeline.Head) (rec *oaipmh.Record, err error) {
	err = one(conn, `SELECT d.datestamp, r.sets, d.seq FROM item i JOIN departure d ON d.item = i.item AND d.key = ? JOIN record r ON r.seq = i.seq WHERE i.identifier = ?`,
		[]any{key, identifier}, func(r *sqlite.Stmt) {
			rec = &oaipmh.Record{
				Identifier: identifier, Datestamp: time.Unix(head.Shown(r.ColumnInt64(2), r.ColumnInt64(0)), 0).UTC(), Deleted: true, Sets: strings.Fields(r.ColumnText(1)),
			}
		})
	if err == nil && rec == nil {
		err = oaipmh.ErrNoFormat
	}
	return rec, err
}

// List offers the records of a list (see oaipmh.Repository). A selective list is a range of seqs,
// since datestamps never decrease along them.
func (s *Repository) List(ctx context.Context, q *oaipmh.Query, offer func(*oaipmh.Record) bool) (out *oaipmh.Listing, err error) {
	since := s.moves.commits.Load() // before the snapshot: see moves
	err = s.snapshot(ctx, func(conn *sqlite.Conn, head pipeline.Head) error {
		out = &oaipmh.Listing{Head: head.Datestamp, Size: -1}
		in, err := s.rangeOf(conn, q, head, out)
		if err != nil || in.empty() {
			return err
		}
		conn.SetInterrupt(ctx.Done())
		var last, refused int64
		read := listReader{repo: s, conn: conn, format: &in.format, head: &head}
		err = each(conn, in.query(), in.args(q.Set), func(r *sqlite.Stmt) error {
			if err := read.scan(r, q.HeadersOnly); err != nil {
				return err
			}
			if !offer(&read.rec) {
				out.Next = pipeline.Cursor{Epoch: head.Epoch, Seq: last}.String()
				refused = r.ColumnInt64(0)
				return errStop
			}
			last = r.ColumnInt64(0)
			return nil
		})
		if err = stopped(err); err == nil && last != 0 {
			out.Fresh = s.fresh(since, &in, q.After != "", refused, read.departed)
		}
		return err
	})
	if ctx.Err() != nil && err != nil {
		err = ctx.Err()
	}
	return out, err
}

// rangeOf finds out where the list begins and ends.
func (s *Repository) rangeOf(conn *sqlite.Conn, q *oaipmh.Query, head pipeline.Head, out *oaipmh.Listing) (in listRange, err error) {
	in.upTo = math.MaxInt64
	if err := s.whatOf(conn, q, &in, out); err != nil {
		return in, err
	}
	if !q.From.IsZero() {
		out.Size = -1
		if in.after, err = lastBefore(conn, q.From.Unix(), &head); err != nil {
			return in, err
		}
	}
	if !q.Until.IsZero() {
		out.Size = -1
		if in.upTo, err = lastBefore(conn, q.Until.Unix()+1, &head); err != nil {
			return in, err
		}
	}
	if q.After != "" {
		c, err := pipeline.ParseCursor(q.After)
		if err != nil || c.Epoch != head.Epoch {
			return in, oaipmh.ErrBadPosition
		}
		if c.Seq > head.Seq {
			return in, oaipmh.ErrBehind
		}
		if lost, err := leapt(conn, c.Seq); err != nil || lost {
			return in, cmp.Or(err, oaipmh.ErrBadPosition)
		}
		in.after = max(in.after, c.Seq)
	}
	return in, nil
}

// lastBefore is the last seq with a datestamp before one; the greatest of all if there may be none later.
// What an earlier epoch stamped shows the first datestamp of the present one.
func lastBefore(conn *sqlite.Conn, datestamp int64, head *pipeline.Head) (seq int64, err error) {
	if datestamp <= head.Began.Unix() {
		return 0, nil
	}
	seq = math.MaxInt64
	err = one(conn, "SELECT seq FROM second WHERE datestamp >= ? ORDER BY datestamp LIMIT 1", []any{datestamp}, func(r *sqlite.Stmt) {
		seq = r.ColumnInt64(0) - 1
	})
	return seq, err
}

// whatOf finds out what the list is of, and its size where a counter has it.
func (s *Repository) whatOf(conn *sqlite.Conn, q *oaipmh.Query, in *listRange, out *oaipmh.Listing) error {
	var noFormat, noSet error
	if in.format, noFormat = s.format(conn, q.Prefix); noFormat != nil && !errors.Is(noFormat, oaipmh.ErrNoSuchFormat) {
		return noFormat
	}
	switch {
	case q.Set != "":
		in.silent = s.isSilent(q.Set)
		if err := one(conn, "SELECT key, members, departures FROM list WHERE kind = 'set' AND name = ?", []any{q.Set}, func(r *sqlite.Stmt) {
			in.key = r.ColumnInt64(0)
			switch {
			case !in.format.everyone():
			case in.silent:
				out.Size = r.ColumnInt64(1)
			default:
				out.Size = r.ColumnInt64(1) + r.ColumnInt64(2)
			}
		}); err != nil {
			return err
		}
		if in.never = in.key == 0; in.never {
			out.Size = 0
			if !slices.Contains(s.Declared, q.Set) {
				noSet = oaipmh.ErrNoSuchSet
			}
		}
	case q.After != "":
	case in.format.everyone():
		if err := one(conn, "SELECT coalesce(sum(live + deleted), 0) FROM source", nil, func(r *sqlite.Stmt) { out.Size = r.ColumnInt64(0) }); err != nil {
			return err
		}
	default:
		out.Size = in.format.size
	}
	return errors.Join(noFormat, noSet)
}

// errStop ends a query early.
var errStop = errors.New("stop")

func stopped(err error) error {
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

// Clock is the repository's clock (see oaipmh.Repository).
func (s *Repository) Clock(ctx context.Context) (time.Time, error) {
	h, err := s.Store.Head(ctx)
	return h.Datestamp, err
}
