package sqlite

import (
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// Carried is what a backup carries beside the log, in lines: it is in files of its own, because a restore takes nothing of it
// back.
type Carried interface {
	// Lines are all that there are.
	Lines() ([]string, error)
	// Merge adds those that are not there yet. It may be called again with the same ones.
	Merge([]string) error
}

// carriedTable is in backups only.
const carriedTable = "carried"

// carry writes the lines into a copy of the log.
func carry(path string, what Carried) (err error) {
	if what == nil {
		return nil
	}
	lines, err := what.Lines()
	if err != nil {
		return err
	}
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	// A log that somebody put in its place by hand has the table of then.
	if err := inOrder(
		func() error { return pragmas(conn, "journal_mode = delete", "synchronous = off") }, // the file is synced as a whole
		step(conn, "DROP TABLE IF EXISTS "+carriedTable),
		step(conn, "CREATE TABLE "+carriedTable+" (number INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT"),
	); err != nil {
		return err
	}
	end, err := sqlitex.ImmediateTransaction(conn)
	if err != nil {
		return err
	}
	defer end(&err)
	for _, line := range lines {
		if err := exec(conn, "INSERT INTO "+carriedTable+" (line) VALUES (?)", line); err != nil {
			return err
		}
	}
	return nil
}

// merge adds the lines of a backup to those that are there, and takes them out of the file. Backups of before carry none.
func merge(path string, into Carried) (err error) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	var carried bool
	if err := one(conn, "SELECT count(*) > 0 FROM sqlite_schema WHERE name = ?", []any{carriedTable}, func(r *sqlite.Stmt) { carried = r.ColumnBool(0) }); err != nil || !carried {
		return err
	}
	var lines []string
	if err := each(conn, "SELECT line FROM "+carriedTable+" ORDER BY number", nil, func(r *sqlite.Stmt) error {
		lines = append(lines, r.ColumnText(0))
		return nil
	}); err != nil {
		return err
	}
	if into != nil {
		if err := into.Merge(lines); err != nil {
			return fmt.Errorf("keep what the backup carries beside the log: %w", err)
		}
	}
	return exec(conn, "DROP TABLE "+carriedTable)
}
