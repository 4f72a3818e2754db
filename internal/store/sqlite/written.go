package sqlite

import (
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// record.formats is a number. One that is not negative says by its bits in which formats the record is written, and
// how (pipeline.NumberedFormats), as it did in the first releases. For what has no such number the table written has
// a negative one. A number never gets another meaning.

// A written reads and writes those numbers within one snapshot or one transaction: what a transaction adds may be
// rolled back, so nobody else may know of it.
type written struct {
	conn *sqlite.Conn
	// met are those that were met last, by the lowest bits of their numbers. In the first releases each combination of
	// formats has its own, so that a page that is read or written works out each form once.
	met [8]struct {
		number  int64
		formats pipeline.Formats
	}
}

// note keeps a number that was worked out.
func (w *written) note(number int64, fs pipeline.Formats) {
	met := &w.met[number&7]
	met.number, met.formats = number, fs
}

// formats are those of a number.
func (w *written) formats(number int64) (pipeline.Formats, error) {
	if met := &w.met[number&7]; met.number == number {
		return met.formats, nil
	}
	fs := pipeline.NumberedFormats(max(number, 0))
	if number < 0 {
		text := ""
		err := one(w.conn, "SELECT formats FROM written WHERE number = ?", []any{number}, func(r *sqlite.Stmt) { text = r.ColumnText(0) })
		if err != nil {
			return fs, err
		}
		if text == "" {
			return fs, damaged(fmt.Errorf("no formats have the number %d", number))
		}
		if fs, err = pipeline.ParseFormats(text); err != nil {
			return fs, damaged(err)
		}
	}
	w.note(number, fs)
	return fs, nil
}

// numberOf is the number that stands for formats in a record. It makes one if there is none. A program from before the
// table written can't go on with a log that needs it.
func (w *written) numberOf(fs pipeline.Formats) (int64, error) {
	for i := range w.met {
		if met := &w.met[i]; met.formats == fs && met.number&7 == int64(i) {
			return met.number, nil
		}
	}
	if n, ok := fs.Number(); ok {
		w.note(n, fs)
		return n, nil
	}
	var n, last int64
	err := one(w.conn, "SELECT number FROM written WHERE formats = ?", []any{fs.String()}, func(r *sqlite.Stmt) { n = r.ColumnInt64(0) })
	if err != nil || n != 0 {
		return n, err
	}
	if err := one(w.conn, "SELECT coalesce(min(number), 0) FROM written", nil, func(r *sqlite.Stmt) { last = r.ColumnInt64(0) }); err != nil {
		return 0, err
	}
	return last - 1, exec(w.conn, "INSERT INTO written (number, formats) VALUES (?, ?)", last-1, fs.String())
}

// hasMade is the condition that the record r has the format whose bit is ?5 and whose place in a text is ?7.
const hasMade = "iif(r.formats >= 0, r.formats & ?5, EXISTS (SELECT 1 FROM written w WHERE w.number = r.formats AND instr(' ' || w.formats, ?7)))"

// inText is what a text has, with a blank before it, that names a format.
func inText(prefix string) string { return " " + prefix + "=" }
