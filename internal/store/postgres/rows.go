package postgres

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// columns are those that a rowReader reads; r is the record. oai_dc is read only where it is asked for.
func columns(oaiDC bool) string { return "r.seq, " + columnsAfterSeq(oaiDC) }

func columnsAfterSeq(oaiDC bool) string {
	const common = "r.datestamp, r.identifier, r.deleted <> '', r.sets, r.item, r.provenance, r.rights, " + formatsColumns + ", "
	if oaiDC {
		return common + "r.oai_dc"
	}
	return common + "NULL::bytea"
}

// columnsEnd is how many they are.
const columnsEnd = 11

// A rowReader reads rows, using its buffers again: the neighbours in the log mostly have the same sets.
type rowReader struct {
	head    *pipeline.Head
	headers bool // read nothing else
	row     store.Row
	sets    setsReader
	written written
}

// scan reads a row. What is damaged there must not be served: no client could read the page.
func (l *rowReader) scan(r *tuple) error {
	row := &l.row
	row.Seq = r.ColumnInt64(0)
	row.Datestamp = l.head.Shown(row.Seq, r.ColumnInt64(1))
	row.Identifier = r.ColumnText(2)
	row.Deleted = r.ColumnBool(3)
	row.Sets = l.sets.read(r, 4)
	row.Item = r.ColumnInt64(5)
	if !utf8.ValidString(row.Identifier) || !utf8.Valid(l.sets.text) {
		return damaged(fmt.Errorf("the header of %q is not text", row.Identifier))
	}
	row.Provenance, row.Rights, row.OAIDC, row.Formats = row.Provenance[:0], row.Rights[:0], row.OAIDC[:0], pipeline.Formats{}
	if l.headers || row.Deleted {
		return nil
	}
	row.Provenance, row.Rights = columnInto(row.Provenance, r, 6), columnInto(row.Rights, r, 7)
	var err error
	if row.Formats, err = l.written.formats(r, 8); err != nil {
		return err
	}
	if !utf8.Valid(row.Provenance) || !utf8.Valid(row.Rights) {
		return damaged(fmt.Errorf("the origin of %q is not text", row.Identifier))
	}
	if row.OAIDC = columnInto(row.OAIDC, r, 10); !utf8.Valid(row.OAIDC) {
		return damaged(fmt.Errorf("the oai_dc of %q is not text", row.Identifier))
	}
	return nil
}

// columnInto reads a column into a buffer.
func columnInto(b []byte, r *tuple, col int) []byte { return append(b[:0], r.text(col)...) }

// A setsReader reads the sets of rows. Neighbours in the log mostly have the same.
type setsReader struct {
	text  []byte
	specs []string
}

func (s *setsReader) read(r *tuple, col int) []string {
	if text := r.text(col); s.specs == nil || !bytes.Equal(s.text, text) {
		s.text = append(s.text[:0], text...)
		s.specs = strings.Fields(string(s.text))
	}
	return s.specs
}
