package mirror

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

// schema is that of a SQLite file. Readers may ask it anything while it is written.
const schema = `
CREATE TABLE record (
	identifier TEXT PRIMARY KEY,
	datestamp  TEXT NOT NULL, -- as OAI-PMH has it
	oai_dc     TEXT NOT NULL, -- byte by byte as OAI-PMH serves it
	change     TEXT NOT NULL, -- as /changes gives it, without oai_dc; JSON
	pass       INTEGER NOT NULL -- the reading of the log that it came with
);
CREATE TABLE mirror (
	id         INTEGER PRIMARY KEY CHECK (id = 1),
	from_url   TEXT NOT NULL,
	place      TEXT NOT NULL -- that the records are true for
);
PRAGMA application_id = 0x5368664d;`

// applicationID marks the file as a mirror, so that no other program's database is written into.
const applicationID = 0x5368664d

// A database keeps a row for each record.
type database struct {
	conn  *sqlite.Conn
	path  string
	place string // as this program has read or written it
}

func openDatabase(path string, begin state) (_ *Copy, err error) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return nil, fmt.Errorf("%s can't be opened as a SQLite file: %w", path, err)
	}
	d := &database{conn: conn, path: path}
	c := &Copy{kept: d, state: begin}
	if err := d.open(&c.state); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return c, nil
}

// open reads the state, or writes the one that it is given into a file that has nothing.
func (d *database) open(s *state) (err error) {
	end, err := sqlitex.ImmediateTransaction(d.conn)
	if err != nil {
		return fmt.Errorf("%s can't be opened as a SQLite file: %w", d.path, err)
	}
	var id, tables int64
	err = errors.Join(
		d.one("PRAGMA application_id", &id), d.one("SELECT count(*) FROM sqlite_schema", &tables))
	switch {
	case err != nil:
	case id == 0 && tables == 0:
		if err = sqlitex.ExecuteScript(d.conn, schema, nil); err == nil {
			err = sqlitex.Execute(d.conn, "INSERT INTO mirror (id, from_url, place) VALUES (1, ?, '')", &sqlitex.ExecOptions{Args: []any{s.From}})
		}
	case id != applicationID:
		err = fmt.Errorf("%s is a database, but no mirror; give another file", d.path)
	default:
		err = d.state(s)
	}
	if end(&err); err != nil {
		return err
	}
	// With a write-ahead log those who ask the file hold up nobody, and FULL has a commit on the disk when it returns.
	for _, pragma := range []string{"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"} {
		if err := sqlitex.ExecuteTransient(d.conn, pragma, nil); err != nil {
			return fmt.Errorf("%s: %w", d.path, err)
		}
	}
	return nil
}

func (d *database) one(query string, to *int64) error {
	return sqlitex.Execute(d.conn, query, &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
		*to = s.ColumnInt64(0)
		return nil
	}})
}

// state reads the state of a file that mirrors what is wanted.
func (d *database) state(s *state) error {
	from := s.From
	err := sqlitex.Execute(d.conn, "SELECT from_url, place FROM mirror", &sqlitex.ExecOptions{ResultFunc: func(row *sqlite.Stmt) (err error) {
		s.From, d.place = row.ColumnText(0), row.ColumnText(1)
		s.Place, err = follow.ParsePlace(d.place)
		return err
	}})
	if err == nil && s.From != from {
		return fmt.Errorf("%s mirrors %s; give another file for %s", d.path, s.From, from)
	}
	return err
}

func (d *database) close() error { return d.conn.Close() }

func (d *database) write(ctx context.Context, changes []follow.Change, pass int64, sweep bool, next state) (err error) {
	d.conn.SetInterrupt(ctx.Done())
	defer d.conn.SetInterrupt(nil)
	end, err := sqlitex.ImmediateTransaction(d.conn)
	if err != nil {
		return err
	}
	place := next.Place.String()
	defer func() {
		if end(&err); err == nil {
			d.place = place
		}
	}()
	run := func(query string, args ...any) {
		if err == nil {
			err = sqlitex.Execute(d.conn, query, &sqlitex.ExecOptions{Args: args})
		}
	}
	// A second program that writes would make the records those of another place.
	run("UPDATE mirror SET place = ? WHERE place = ?", place, d.place)
	if err == nil && d.conn.Changes() != 1 {
		return fmt.Errorf("another program writes %s; let one of them end", d.path)
	}
	for i := range changes {
		c := changes[i]
		if c.Deleted() {
			run("DELETE FROM record WHERE identifier = ?", c.Identifier)
			continue
		}
		oaiDC := c.OAIDC
		c.OAIDC = ""
		text, wrong := json.Marshal(&c)
		if wrong != nil {
			return wrong
		}
		run("INSERT OR REPLACE INTO record (identifier, datestamp, oai_dc, change, pass) VALUES (?, ?, ?, ?, ?)",
			c.Identifier, c.Datestamp.UTC().Format(time.RFC3339), oaiDC, string(text), pass)
	}
	if sweep {
		run("DELETE FROM record WHERE pass <> ?", pass)
	}
	return err
}

const selectRecord = "SELECT identifier, datestamp, oai_dc, pass FROM record"

func scan(row *sqlite.Stmt) (*record, error) {
	r := &record{Pass: row.ColumnInt64(3)}
	r.Identifier, r.OAIDC = row.ColumnText(0), row.ColumnText(2)
	var err error
	if r.Datestamp, err = time.Parse(time.RFC3339, row.ColumnText(1)); err != nil {
		return nil, fmt.Errorf("%s %w: %w", r.Identifier, errRecord, err)
	}
	return r, nil
}

func (d *database) each(ctx context.Context, do func(where string, r *record) error) error {
	d.conn.SetInterrupt(ctx.Done())
	defer d.conn.SetInterrupt(nil)
	return sqlitex.Execute(d.conn, selectRecord, &sqlitex.ExecOptions{ResultFunc: func(row *sqlite.Stmt) error {
		r, err := scan(row)
		if err != nil {
			return err
		}
		return do(d.where(r.Identifier), r)
	}})
}

func (d *database) where(identifier string) string { return identifier }

func (d *database) read(where string) (r *record, err error) {
	err = sqlitex.Execute(d.conn, selectRecord+" WHERE identifier = ?", &sqlitex.ExecOptions{Args: []any{where}, ResultFunc: func(row *sqlite.Stmt) (err error) {
		r, err = scan(row)
		return err
	}})
	if err == nil && r == nil {
		err = fs.ErrNotExist
	}
	return r, err
}
