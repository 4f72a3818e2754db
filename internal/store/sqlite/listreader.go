package sqlite

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// columns are those that a listReader reads; r is the record. oai_dc is read only where it is served, and
// how formats are made only where one is.
func columns(f *servedFormat) string { return "r.seq, " + columnsAfterSeq(f) }

func columnsAfterSeq(f *servedFormat) string {
	const common = "r.datestamp, r.identifier, r.deleted <> '', r.sets, r.item, r.provenance, r.rights, "
	if f.Prefix == "oai_dc" {
		return common + "r.oai_dc"
	}
	if f.made != nil {
		return common + "r.formats"
	}
	return common + "NULL"
}

// columnsEnd is how many they are.
const columnsEnd = 9

// A listReader makes records of rows, using its buffers again: the neighbours in the log mostly have
// the same sets and the same rights.
type listReader struct {
	repo   *Repository
	conn   *sqlite.Conn
	format *servedFormat
	head   *pipeline.Head

	rec        oaipmh.Record
	sets       setsReader
	column     []byte // of provenance or rights
	provenance []byte
	ref        string // what rights is made of
	rights     []byte
	dc         dublincore.Record

	departed bool // a departure or a tombstone was among the rows
}

// scan reads a row into rec.
func (l *listReader) scan(r *sqlite.Stmt, headersOnly bool) error {
	rec := &l.rec
	rec.Datestamp = time.Unix(l.head.Shown(r.ColumnInt64(0), r.ColumnInt64(1)), 0).UTC()
	rec.Identifier = r.ColumnText(2)
	rec.Deleted = r.ColumnBool(3)
	l.departed = l.departed || rec.Deleted
	rec.Sets = l.sets.read(r, 4)
	if !utf8.ValidString(rec.Identifier) || !utf8.Valid(l.sets.text) {
		return damaged(fmt.Errorf("the header of %q is not text", rec.Identifier))
	}
	rec.Metadata, rec.About, rec.Clean = rec.Metadata[:0], rec.About[:0], false
	if headersOnly || rec.Deleted {
		return nil
	}
	l.about(r)
	if !utf8.Valid(l.provenance) || !utf8.Valid(l.rights) {
		return damaged(fmt.Errorf("the origin of %q is not text", rec.Identifier))
	}
	if l.format.Prefix != "oai_dc" {
		return l.content(r.ColumnInt64(5), pipeline.Formats(r.ColumnInt64(8)))
	}
	rec.Metadata, rec.Clean = columnInto(rec.Metadata, r, 8), true // putRecord
	if !utf8.Valid(rec.Metadata) {
		return damaged(fmt.Errorf("the oai_dc of %q is not text", rec.Identifier))
	}
	return nil
}

// columnInto reads a column into a buffer.
func columnInto(b []byte, r *sqlite.Stmt, col int) []byte {
	n := r.ColumnLen(col)
	if cap(b) < n {
		b = make([]byte, 0, 2*n)
	}
	b = b[:n]
	if n > 0 {
		r.ColumnBytes(col, b)
	}
	return b
}

func (l *listReader) about(r *sqlite.Stmt) {
	if l.column = columnInto(l.column, r, 6); len(l.column) > 0 {
		l.provenance = store.AppendProvenance(l.provenance[:0], l.column, !l.format.native)
		l.rec.About = append(l.rec.About, l.provenance)
	}
	if l.column = columnInto(l.column, r, 7); len(l.column) > 0 {
		if string(l.column) != l.ref {
			l.ref = string(l.column)
			l.rights = oaipmh.AppendRights(l.rights[:0], l.ref)
		}
		l.rec.About = append(l.rec.About, l.rights)
	}
}

// content reads the original, or makes the format of the Dublin Core, in the way that the record has.
func (l *listReader) content(item int64, made pipeline.Formats) error {
	column, read := "dc", func(packed []byte) error {
		dc, err := store.UnpackRecord(packed)
		if err != nil {
			return err
		}
		return l.write(dc, made)
	}
	if l.format.native {
		column, read = "original", func(packed []byte) error {
			original, err := l.repo.codec.Unpack(packed)
			l.rec.Metadata = append(l.rec.Metadata, original...)
			return err
		}
	}
	err := each(l.conn, "SELECT "+column+" FROM content WHERE item = ?", []any{item}, func(r *sqlite.Stmt) error {
		return read(columnBytes(r, 0))
	})
	if err != nil {
		return fmt.Errorf("serve %s as %s: %w", l.rec.Identifier, l.format.Prefix, err)
	}
	return nil
}

func (l *listReader) write(dc []byte, made pipeline.Formats) error {
	if err := l.dc.UnmarshalJSON(dc); err != nil {
		return err
	}
	f := l.format.made
	if version := made.Version(f.Prefix); version != f.Version {
		var known bool
		if f, known = l.repo.formats.At(f.Prefix, version); !known {
			return fmt.Errorf("there is no version %d of its writer: %w", version, ErrNewer)
		}
	}
	item := formats.Item{Identifier: l.rec.Identifier}
	if g := l.repo.gateway(made.Gateway()); g != nil {
		if item.Provider = g.Name; l.repo.Page != nil && g.Root != "" {
			item.Page = l.repo.Page(g.Root, l.rec.Identifier)
		}
	}
	l.rec.Metadata = f.Append(l.rec.Metadata, &l.dc, item)
	return nil
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
