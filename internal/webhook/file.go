package webhook

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"sync"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// layout is the version of the tables.
const layout = 1

// Times are Unix milliseconds; 0 for none.
var fileTables = []string{
	"CREATE TABLE hook (name TEXT PRIMARY KEY, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, pass INTEGER NOT NULL, ended INTEGER NOT NULL, failing INTEGER NOT NULL, why TEXT NOT NULL, delivered INTEGER NOT NULL) STRICT",
	"CREATE TABLE letter (hook TEXT NOT NULL, identifier TEXT NOT NULL, seq INTEGER NOT NULL, prev INTEGER NOT NULL, attempts INTEGER NOT NULL, " +
		"first INTEGER NOT NULL, next INTEGER NOT NULL, dead INTEGER NOT NULL, why TEXT NOT NULL, PRIMARY KEY (hook, identifier)) STRICT, WITHOUT ROWID",
	"CREATE INDEX letter_next ON letter (hook, dead, next)",
	fmt.Sprintf("PRAGMA user_version = %d", layout),
}

// addTurn brings a file of before to the present form. Its version stays: programs of before go on with it.
const addTurn = "ALTER TABLE hook ADD COLUMN turn INTEGER NOT NULL DEFAULT 0"

// An ownFile has the tables, in SQLite, for one process.
type ownFile struct {
	mu   sync.Mutex
	conn *sqlite.Conn
}

var _ store.Tables = (*ownFile)(nil)

var errClosed = errors.New("the webhooks are closed")

func openFile(name string) (f *ownFile, err error) {
	made, err := os.OpenFile(name, os.O_CREATE, 0o600) // before SQLite, which would let others read it
	if err != nil {
		return nil, err
	}
	if err := made.Close(); err != nil {
		return nil, err
	}
	conn, err := sqlite.OpenConn(name, sqlite.OpenReadWrite)
	if err != nil {
		return nil, err
	}
	f = &ownFile{conn: conn}
	defer func() {
		if err != nil {
			err = errors.Join(err, conn.Close())
		}
	}()
	for _, set := range []string{"journal_mode = wal", "synchronous = full", "cache_size = -2000", "secure_delete = on"} {
		if err := sqlitex.Execute(conn, "PRAGMA "+set, nil); err != nil {
			return nil, err
		}
	}
	return f, f.Write(context.Background(), setUp)
}

// setUp makes the tables, or brings them to the present form.
func setUp(q store.Queries) error {
	version, turns := int64(0), false
	if err := q.Each("PRAGMA user_version", nil, func(r store.Columns) { version = r.ColumnInt64(0) }); err != nil {
		return err
	}
	if version > layout {
		return fmt.Errorf("a newer program has written it (layout %d)", version)
	}
	if version == 0 {
		for _, t := range fileTables {
			if _, err := q.Exec(t); err != nil {
				return err
			}
		}
	}
	if err := q.Each("SELECT 1 FROM pragma_table_info('hook') WHERE name = 'turn'", nil, func(store.Columns) { turns = true }); err != nil || turns {
		return err
	}
	_, err := q.Exec(addTurn)
	return err
}

func (f *ownFile) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.conn == nil {
		return nil
	}
	conn := f.conn
	f.conn = nil
	return conn.Close()
}

// Read runs queries, one goroutine at a time.
func (f *ownFile) Read(_ context.Context, ask func(store.Queries) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.conn == nil {
		return errClosed
	}
	return ask(queries{f.conn})
}

// Write runs queries as one transaction, which is on the disk when it returns.
func (f *ownFile) Write(ctx context.Context, do func(store.Queries) error) error {
	return f.Read(ctx, func(q store.Queries) (err error) {
		end, err := sqlitex.ImmediateTransaction(f.conn)
		if err != nil {
			return err
		}
		defer end(&err)
		return do(q)
	})
}

type queries struct{ conn *sqlite.Conn }

func (q queries) Exec(query string, args ...any) (changed int64, err error) {
	err = q.Each(query, args, func(store.Columns) {})
	return int64(q.conn.Changes()), err
}

func (q queries) Each(query string, args []any, row func(store.Columns)) error {
	named := map[string]any{} // SQLite takes $1 for a name, and counts its parameters as they come
	for i, arg := range args {
		named["$"+strconv.Itoa(i+1)] = arg
	}
	return sqlitex.Execute(q.conn, query, &sqlitex.ExecOptions{Named: named, ResultFunc: func(r *sqlite.Stmt) error {
		row(r)
		return nil
	}})
}

// bringAlong carries what a file has into the tables that several gateways share, where the log was carried over (sheaf copy) or
// the file is one of before. A subscription that they have already stays where it is, because another gateway brought it, and gets
// the letters of what it will not read. Then the file gets another name.
func bringAlong(ctx context.Context, name string, to store.Tables) error {
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	from, err := openFile(name)
	if err != nil {
		return err
	}
	err = copyTables(ctx, state{from}, state{to})
	if err = errors.Join(err, from.close()); err != nil {
		return err
	}
	return os.Rename(name, name+".moved")
}

func copyTables(ctx context.Context, from, to state) error {
	names, err := from.names(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		st, _, err := from.standing(ctx, name)
		if err != nil {
			return err
		}
		letters, err := from.letters(ctx, name, maxWaiting+roundRecords+maxDead)
		if err != nil {
			return err
		}
		if err := to.Write(ctx, func(q store.Queries) error { return adopt(q, name, &st, letters) }); err != nil {
			return err
		}
	}
	return nil
}

// adopt keeps the standing of a subscription, unless there is one, and its letters up to that place.
func adopt(q store.Queries, name string, st *standing, letters []Letter) error {
	if _, err := add(q, name, st); err != nil {
		return err
	}
	var place pipeline.Cursor
	if err := q.Each("SELECT epoch, seq FROM hook WHERE name = $1", []any{name}, func(r store.Columns) {
		place = pipeline.Cursor{Epoch: r.ColumnInt64(0), Seq: r.ColumnInt64(1)}
	}); err != nil || place.Epoch != st.place.Epoch {
		return err
	}
	for i := range letters {
		if letters[i].Seq > place.Seq {
			continue
		}
		if _, err := q.Exec(insertLetter+" ON CONFLICT (hook, identifier) DO NOTHING", letters[i].args(name)...); err != nil {
			return err
		}
	}
	return nil
}
