package sqlite

import (
	"errors"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"
)

// bind binds the arguments of a statement in their order. The types are those that the store uses.
func bind(stmt *sqlite.Stmt, args []any) {
	for i, a := range args {
		switch v := a.(type) {
		case int:
			stmt.BindInt64(i+1, int64(v))
		case int64:
			stmt.BindInt64(i+1, v)
		case string:
			stmt.BindText(i+1, v)
		case []byte:
			if v == nil {
				stmt.BindNull(i + 1)
			} else {
				stmt.BindBytes(i+1, v)
			}
		case bool:
			stmt.BindBool(i+1, v)
		default:
			panic(fmt.Sprintf("store: bind %T", a))
		}
	}
}

// each runs a query and calls f for each row.
//
// SQLite plans a statement anew whenever a value is bound that its plan was made with, which takes longer than the statement
// itself where that joins several tables. It looks at the number of a plain LIMIT ?, so that is written LIMIT 0 + ?, and at
// a value that a joined table is looked up by, which is put into a subquery of its own.
func each(conn *sqlite.Conn, query string, args []any, f func(*sqlite.Stmt) error) error {
	stmt, err := conn.Prepare(query)
	if err != nil {
		return err
	}
	defer stmt.Reset()
	bind(stmt, args)
	for {
		row, err := stmt.Step()
		if err != nil || !row {
			return err
		}
		if err := f(stmt); err != nil {
			return err
		}
	}
}

// one runs a query and calls f for its first row, if there is one.
func one(conn *sqlite.Conn, query string, args []any, f func(*sqlite.Stmt)) error {
	stmt, err := conn.Prepare(query)
	if err != nil {
		return err
	}
	defer stmt.Reset()
	bind(stmt, args)
	row, err := stmt.Step()
	if err == nil && row {
		f(stmt)
	}
	return err
}

// exec runs a statement that returns nothing.
func exec(conn *sqlite.Conn, query string, args ...any) error {
	return one(conn, query, args, func(*sqlite.Stmt) {})
}

// pragmas sets up a connection. (A script of them would run in a transaction, where some are refused.)
func pragmas(conn *sqlite.Conn, settings ...string) error {
	for _, p := range settings {
		if err := exec(conn, "PRAGMA "+p); err != nil {
			return fmt.Errorf("pragma %s: %w", p, err)
		}
	}
	return nil
}

// columnBytes copies a blob or text out of a row; nil for null.
func columnBytes(r *sqlite.Stmt, col int) []byte {
	if r.ColumnIsNull(col) {
		return nil
	}
	b := make([]byte, r.ColumnLen(col))
	r.ColumnBytes(col, b)
	return b
}

// notesOf gives the notes of a record; nil if there are none.
func notesOf(r *sqlite.Stmt, col int) []byte {
	if r.ColumnLen(col) == 0 {
		return nil
	}
	return columnBytes(r, col)
}

func metaInt(conn *sqlite.Conn, name string) (v int64, err error) {
	err = one(conn, "SELECT value FROM meta WHERE name = ?", []any{name}, func(r *sqlite.Stmt) { v = r.ColumnInt64(0) })
	return v, err
}

func metaText(conn *sqlite.Conn, name string) (v string, err error) {
	err = one(conn, "SELECT value FROM meta WHERE name = ?", []any{name}, func(r *sqlite.Stmt) { v = r.ColumnText(0) })
	return v, err
}

func metaBytes(conn *sqlite.Conn, name string) (v []byte, err error) {
	err = one(conn, "SELECT value FROM meta WHERE name = ?", []any{name}, func(r *sqlite.Stmt) { v = columnBytes(r, 0) })
	return v, err
}

func setMeta(conn *sqlite.Conn, name string, value any) error {
	return exec(conn, "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
}

// inOrder runs the steps of a write until one gives an error. Nothing may be written after it: where the disk
// is full SQLite has ended the transaction, and each further statement would be a transaction of its own.
func inOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// step is [exec] as a step of [inOrder].
func step(conn *sqlite.Conn, query string, args ...any) func() error {
	return func() error { return exec(conn, query, args...) }
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
func moment(r *sqlite.Stmt, col int) time.Time {
	if v := r.ColumnInt64(col); v != 0 {
		return time.Unix(v, 0).UTC()
	}
	return time.Time{}
}
