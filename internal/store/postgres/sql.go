package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A db is a connection as the store uses it. What is written waits for the next question (queue.go).
type db struct {
	ctx    context.Context
	conn   *pgx.Conn
	queued []*statement
	open   map[string]*statement // those for many rows that may get more, by their queries
	taken  *pgxpool.Conn         // from the pool; nil for the writer's
	pooled bool                  // through a pooler, which gives it to others after each transaction
	copied bool                  // of a replica, so the primary may have more
}

// plain are arguments as the database takes them: numbers for truth values, which the tables do not have, and texts in a form
// that PostgreSQL can keep. Bytes are not copied, so the caller must leave them as they are until the transaction ends.
func plain(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case bool:
			out[i] = int64(0)
			if v {
				out[i] = int64(1)
			}
		case int:
			out[i] = int64(v)
		case string:
			out[i] = keepable(v)
		case *string:
			out[i] = v
			if v != nil {
				kept := keepable(*v)
				out[i] = &kept
			}
		case []byte:
			out[i] = v        // null if nil
			if len(v) <= 64 { // a hash may be part of a struct that is used again before the statement is sent
				out[i] = slices.Clone(v)
			}
		default:
			out[i] = a
		}
	}
	return out
}

// script runs statements without arguments.
func (d *db) script(text string) error {
	if err := d.flush(); err != nil {
		return err
	}
	_, err := d.conn.Exec(d.ctx, text)
	return err
}

// changes runs a statement, and says how many rows it has changed.
func changes(d *db, query string, args ...any) (n int64, err error) {
	err = d.ask(query, args, func(rows pgx.Rows) error {
		rows.Close()
		n = rows.CommandTag().RowsAffected()
		return nil
	})
	return n, err
}

// each runs a query and calls f for each row, which must ask the database nothing: its connection is in use.
func each(d *db, query string, args []any, f func(*tuple) error) error {
	return d.ask(query, args, rowsTo(f))
}

// all is [each] for an f that asks the database too: the rows are read first. They must be few.
func all(d *db, query string, args []any, f func(*tuple) error) error {
	var rows []*tuple
	if err := each(d, query, args, func(r *tuple) error {
		rows = append(rows, r.clone())
		return nil
	}); err != nil {
		return err
	}
	for _, r := range rows {
		if err := f(r); err != nil {
			return err
		}
	}
	return nil
}

// one runs a query and calls f for its first row, if there is one.
func one(d *db, query string, args []any, f func(*tuple)) error {
	first := true
	return each(d, query, args, func(r *tuple) error {
		if first {
			first = false
			f(r)
		}
		return nil
	})
}

// A tuple is a row of an answer. It is valid until the next one is read.
type tuple struct {
	fields []pgconn.FieldDescription
	values [][]byte
}

// clone is a copy that stays valid.
func (r *tuple) clone() *tuple {
	size := 0
	for _, v := range r.values {
		size += len(v)
	}
	out, buf := &tuple{fields: r.fields, values: make([][]byte, len(r.values))}, make([]byte, 0, size)
	for i, v := range r.values {
		if v != nil {
			from := len(buf)
			buf = append(buf, v...)
			out.values[i] = buf[from:len(buf):len(buf)]
		}
	}
	return out
}

// ColumnLen is the length of a text, or of bytes; 0 for null.
func (r *tuple) ColumnLen(col int) int { return len(r.text(col)) }

// ColumnIsNull says whether a column has no value.
func (r *tuple) ColumnIsNull(col int) bool { return r.values[col] == nil }

// ColumnInt64 is a number; 0 for null. The database sends them in 2, 4 or 8 bytes, and truth values in one.
func (r *tuple) ColumnInt64(col int) int64 {
	v := r.values[col]
	if r.fields[col].Format != pgtype.BinaryFormatCode && v != nil {
		panic("store: a number as text")
	}
	switch len(v) {
	case 0:
		return 0
	case 1:
		return int64(v[0])
	case 2:
		return int64(int16(binary.BigEndian.Uint16(v)))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(v)))
	case 8:
		return int64(binary.BigEndian.Uint64(v))
	}
	panic(fmt.Sprintf("store: a number of %d bytes", len(v)))
}

// decimals is a number that stands in a text, as those of meta do; 0 if it is none.
func (r *tuple) decimals(col int) int64 {
	n, _ := strconv.ParseInt(r.ColumnText(col), 10, 64)
	return n
}

// ColumnBool says whether a column is true, or a number that is not 0.
func (r *tuple) ColumnBool(col int) bool { return r.ColumnInt64(col) != 0 }

// ColumnText is a text; empty for null.
func (r *tuple) ColumnText(col int) string { return string(r.text(col)) }

// ColumnBytes copies a text, or bytes.
func (r *tuple) ColumnBytes(col int, to []byte) { copy(to, r.text(col)) }

// text is a text as it was given, or bytes. It is valid as long as the row.
func (r *tuple) text(col int) []byte {
	if r.fields[col].DataTypeOID == pgtype.ByteaOID {
		return r.values[col]
	}
	return asGiven(r.values[col])
}

// columnBytes copies a blob or text out of a row; nil for null.
func columnBytes(r *tuple, col int) []byte {
	if r.ColumnIsNull(col) {
		return nil
	}
	return append([]byte{}, r.text(col)...)
}

// notesOf gives the notes of a record; nil if there are none.
func notesOf(r *tuple, col int) []byte {
	if r.ColumnLen(col) == 0 {
		return nil
	}
	return columnBytes(r, col)
}

func metaText(d *db, name string) (v string, err error) {
	err = one(d, "SELECT value FROM meta WHERE name = $1", []any{name}, func(r *tuple) { v = r.ColumnText(0) })
	return v, err
}

// metaInt is a number of meta, where it stands in decimals; 0 if it is not there.
func metaInt(d *db, name string) (v int64, err error) {
	text, err := metaText(d, name)
	if err != nil || text == "" {
		return 0, err
	}
	if _, err := fmt.Sscan(text, &v); err != nil {
		return 0, damaged(fmt.Errorf("%s is %q", name, text))
	}
	return v, nil
}

func setMeta(d *db, name string, value any) error {
	return exec(d, "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, fmt.Sprint(value))
}

// metaBeginning is the condition that a name of meta begins with the parameter $1.
const metaBeginning = "left(name, length($1)) = $1"

// inOrder runs the steps of a write until one gives an error.
func inOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// step is [exec] as a step of [inOrder].
func step(d *db, query string, args ...any) func() error {
	return func() error { return exec(d, query, args...) }
}

// errStop ends a query early.
var errStop = errors.New("stop")

func stopped(err error) error {
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

// moment is a column of seconds since 1970; the zero time for 0 and null.
func moment(r *tuple, col int) time.Time {
	if v := r.ColumnInt64(col); v != 0 {
		return time.Unix(v, 0).UTC()
	}
	return time.Time{}
}
