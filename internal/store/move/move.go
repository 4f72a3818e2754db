package move

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres"
	store "github.com/sheaf-gateway/sheaf/internal/store/sqlite"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Options say what is moved where.
type Options struct {
	Dir string // the data folder with the log in SQLite; it stays the gateway's folder
	DSN string // of an empty database
	// Pooled says that the DSN leads to a pooler (see [postgres.Options]).
	Pooled bool
	// Progress hears how many rows of a table are there, if it is not nil.
	Progress func(table string, rows int64)
	Logger   *slog.Logger
	// Rows is how many rows are put there at once; 2,000 if zero.
	Rows int
}

// maxBatch bounds what is put there at once, in bytes.
const maxBatch = 8 << 20

// Copied is what the file of the log is called when its log is in PostgreSQL: nobody opens it by accident any more.
const Copied = "sheaf.db.copied"

// patience is how long a command that is over soon may have the folder.
const patience = 5 * time.Second

// Log carries the log of a folder into a database. The gateway must have stopped. Killed at any moment, it goes on where it was
// when it is called again; the log in the file is the log until it returns nil. The copy was read to its end then, and its digest
// is that of the log; head is where it ends.
func Log(ctx context.Context, o Options) (records int64, head pipeline.Head, err error) {
	if o.Rows == 0 {
		o.Rows = 2000
	}
	if o.Progress == nil {
		o.Progress = func(string, int64) {}
	}
	path := filepath.Join(o.Dir, "sheaf.db")
	if _, err := os.Stat(path); err != nil {
		return 0, head, fmt.Errorf("there is no log in SQLite in %s: %w", o.Dir, err)
	}
	// The log is opened once, which brings it to the present form and ends what was left half done.
	s, err := store.Open(ctx, o.Dir, store.Options{Log: o.Logger, Patience: patience})
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		return 0, head, err
	}
	if err := carry(ctx, path, &o); err != nil {
		return 0, head, err
	}
	if records, head, err = verify(ctx, &o); err != nil {
		return 0, head, fmt.Errorf("the copy is not equal to the log, which stays where it was: %w", err)
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		_ = os.Remove(path + suffix) // they are empty, or not there
	}
	return records, head, os.Rename(path, filepath.Join(o.Dir, Copied))
}

// carry fills the database while nobody else has the folder.
func carry(ctx context.Context, path string, o *Options) (err error) {
	lock, err := datadir.Lock(o.Dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	conn, err := sqlite.OpenConn("file:"+(&url.URL{Path: path}).EscapedPath(), sqlite.OpenReadOnly, sqlite.OpenURI)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	from, err := state(conn)
	if err != nil {
		return err
	}
	filling, err := postgres.Fill(ctx, postgres.Options{DSN: o.DSN, Pooled: o.Pooled}, from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, filling.Close()) }()
	for i := range tables {
		c := copying{table: &tables[i], from: conn, to: filling, options: o}
		if err := c.run(ctx); err != nil {
			return fmt.Errorf("copy the table %s: %w", tables[i].name, err)
		}
	}
	return filling.Finish()
}

// state says which state of which log a file holds. Whatever was written since it was said last shows in it.
func state(conn *sqlite.Conn) (from string, err error) {
	err = sqlitex.ExecuteTransient(conn, `SELECT (SELECT value FROM meta WHERE name = 'log_id') || ' ' || epoch || ' ' || seq || ' ' || datestamp
		|| ' ' || (SELECT coalesce(max(run), 0) || ' ' || coalesce(max(heartbeat), 0) || ' ' || coalesce(max(ended), 0) FROM run)
		|| ' ' || (SELECT count(*) || ' ' || coalesce(max(last), 0) FROM session) || ' ' || (SELECT coalesce(max(saved), 0) FROM relay)
		|| ' ' || (SELECT count(*) FROM suppressed) || ' ' || (SELECT coalesce(max(at), 0) FROM stopped) || ' ' || (SELECT coalesce(max(at), 0) FROM dismissed)
		FROM log_head`, &sqlitex.ExecOptions{ResultFunc: func(r *sqlite.Stmt) error {
		from = r.ColumnText(0)
		return nil
	}})
	if err == nil && from == "" {
		err = errors.New("the log has no head; restore a backup")
	}
	return from, err
}

// A copying is a table on its way.
type copying struct {
	table   *table
	from    *sqlite.Conn
	to      *postgres.Filling
	options *Options

	rows  [][]any // that wait
	size  int
	total int64 // with those that wait
}

func (c *copying) run(ctx context.Context) error {
	total, place, err := c.to.Place(c.table.name)
	if err != nil {
		return err
	}
	c.total = total
	behind, err := parsePlace(place)
	if err != nil {
		return err
	}
	err = sqlitex.ExecuteTransient(c.from, c.table.query(behind != nil), &sqlitex.ExecOptions{Args: behind, ResultFunc: func(r *sqlite.Stmt) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		c.take(r)
		if len(c.rows) >= c.options.Rows || c.size >= maxBatch {
			return c.flush()
		}
		return nil
	}})
	if err == nil {
		err = c.flush()
	}
	if err != nil {
		return err
	}
	if got, err := c.to.Rows(c.table.name); err != nil || c.table.name != "meta" && got != c.total { // meta has notes of the copy too
		return errors.Join(err, fmt.Errorf("%d rows of %d are there", got, c.total))
	}
	return nil
}

// take keeps a row until it is sent.
func (c *copying) take(r *sqlite.Stmt) {
	row := make([]any, len(c.table.columns))
	for i := range row {
		switch r.ColumnType(i) {
		case sqlite.TypeInteger:
			row[i] = r.ColumnInt64(i)
		case sqlite.TypeText:
			row[i] = r.ColumnText(i)
		case sqlite.TypeBlob:
			b := make([]byte, r.ColumnLen(i))
			r.ColumnBytes(i, b)
			row[i] = b
		}
		if c.table.columns[i] == "key_hash" {
			hash := sha256.Sum256([]byte(r.ColumnText(i)))
			row[i] = hash[:]
		}
		c.size += r.ColumnLen(i)
	}
	c.rows = append(c.rows, row)
	c.total++
}

func (c *copying) flush() error {
	if len(c.rows) == 0 {
		return nil
	}
	last := c.rows[len(c.rows)-1]
	place := placeOf(last, c.table.key) // before the rows are given away
	if err := c.to.Add(c.table.name, c.table.columns, c.rows, c.total, place); err != nil {
		return err
	}
	c.options.Progress(c.table.name, c.total)
	c.rows, c.size = nil, 0
	return nil
}

// verify opens the copy as a gateway does, reads it to its end, and holds it to the digest that the log had.
func verify(ctx context.Context, o *Options) (records int64, head pipeline.Head, err error) {
	p, err := postgres.Open(ctx, o.Dir, postgres.Options{DSN: o.DSN, Pooled: o.Pooled, Log: o.Logger, Patience: patience})
	if err != nil {
		return 0, head, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if records, err = p.Check(ctx, true); err != nil {
		return 0, head, err
	}
	head, err = p.Head(ctx)
	return records, head, err
}
