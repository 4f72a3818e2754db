package search

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Options are what an index needs.
type Options struct {
	// File is where the index is kept.
	File string
	Log  pipeline.Feed
	// Kind is the heading under which readers look for a record.
	Kind   func(*dublincore.Record) string
	Logger *slog.Logger // slog.Default if nil
}

// An Index finds records. Its methods may be called at the same time.
type Index struct {
	Options
	write   sync.Mutex   // for what writes
	life    sync.RWMutex // held by those who use the file, against its being made anew
	writer  *sqlite.Conn
	readers *sqlitex.Pool
	// patience is Patience, counting is counting, most is MaxHits, and the others are the constants of their names, but for tests.
	patience, counting                         time.Duration
	most, mostOrdered, mergedAtOnce, shelfSize int
	hurt                                       chan struct{}                   // somebody has found the file damaged
	known                                      map[facetValue]int64            // numbers of values, for the writer
	shelves                                    map[string]shelves              // by language, for the writer
	stemmer                                    stemmer                         // for Step
	kept                                       atomic.Pointer[keep]            // what is read of the file in memory
	place                                      atomic.Pointer[pipeline.Cursor] // of the last change that is found
	head                                       atomic.Int64                    // of the log, when it was read last
	tongues                                    atomic.Uint32                   // a tongueSet: in which languages records have been
	// removals counts what was taken down.
	removals atomic.Int64
}

// layout is the version of the tables and of what is written into them. Another one is thrown away.
const layout = 13

// The tables. A record stands under its seq.
var tables = []string{
	"CREATE TABLE at (one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL, seq INTEGER NOT NULL, tongues INTEGER NOT NULL) STRICT", // tongues are the languages of stems, a bit for each
	"INSERT INTO at VALUES (1, 0, 0, 0)",
	// begin and finish are days (see dayOf) between which the record's date lies; NULL if it has none. has are the numbers of its
	// values, as varints; names are the hashes of its other identifiers (see packed). title is its sort key (package collation);
	// by that and by marks, which are numbers of two bytes, it is ranked (see rank.go).
	"CREATE TABLE doc (seq INTEGER PRIMARY KEY, begin INTEGER, finish INTEGER, has BLOB NOT NULL, names BLOB NOT NULL, identifier TEXT NOT NULL, title BLOB NOT NULL, marks BLOB NOT NULL) STRICT",
	// The number of a value says of which facet it is (see kinds). A value is looked up by the hash of both, because an index of
	// the texts would hold each of them once more.
	"CREATE TABLE value (value INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT",
	"CREATE TABLE number (hash INTEGER NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (hash, value)) STRICT, WITHOUT ROWID",
	// seqs are the records of a block of places that have a value, or a year (see has.go).
	"CREATE TABLE has (value INTEGER NOT NULL, block INTEGER NOT NULL, seqs BLOB NOT NULL, PRIMARY KEY (value, block)) STRICT, WITHOUT ROWID",
	// The shelves of titles (see shelf.go), and where each begins: at a sort key or the beginning of one, and a place of the log.
	"CREATE TABLE shelf (number INTEGER PRIMARY KEY, language TEXT NOT NULL, first BLOB NOT NULL, seq INTEGER NOT NULL, size INTEGER NOT NULL) STRICT",
	firstShelves(),
	// hash is that of an identifier of a record: the one that it has in the log, or another.
	"CREATE TABLE name (hash INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (hash, seq)) STRICT, WITHOUT ROWID",
	// The column that has most words comes first: for each word in another one FTS5 writes two bytes more.
	"CREATE VIRTUAL TABLE words USING fts5(abstract, title, creator, subject, place, identifier, other, content='', contentless_delete=1, tokenize=\"unicode61 remove_diacritics 2\")",
	// As much is kept in memory as a batch comes to, so that it is written once.
	"INSERT INTO words (words, rank) VALUES ('hashsize', 8388608)",
	"CREATE VIRTUAL TABLE term USING fts5vocab(words, row)",
}

// Open opens an index, or begins one. One that can't be read, or is of another layout, is begun anew.
func Open(o Options) (*Index, error) {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	x := &Index{Options: o, patience: Patience, counting: counting, most: MaxHits, mostOrdered: mostOrdered, mergedAtOnce: mergedAtOnce, shelfSize: shelfSize, hurt: make(chan struct{}, 1), stemmer: stemmer{}}
	x.kept.Store(newKeep(keptPlaces, keptBytes, keptWorth))
	err := x.open()
	if err != nil {
		o.Logger.Info("the search index is made anew", "err", err)
		if err := errors.Join(x.shut(), remove(o.File)); err != nil {
			return nil, fmt.Errorf("remove the search index: %w", err)
		}
		if err = x.open(); err != nil {
			return nil, errors.Join(fmt.Errorf("open the search index: %w", err), x.shut())
		}
	}
	return x, nil
}

func remove(file string) error {
	var errs []error
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(file + end); !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

var errLayout = errors.New("it is one of another program version")

func (x *Index) open() (err error) {
	if x.writer, err = sqlite.OpenConn(x.File, sqlite.OpenReadWrite|sqlite.OpenCreate); err != nil {
		return err
	}
	// What is in the index can be made again, so it need not be on the disk when a commit returns. secure_delete: what was
	// taken down must not stay in free pages.
	for _, set := range []string{"journal_mode = wal", "synchronous = normal", "cache_size = -8000", "secure_delete = on", "temp_store = memory"} {
		if err := do(x.writer, "PRAGMA "+set); err != nil {
			return err
		}
	}
	version := int64(0)
	if err := rows(x.writer, "PRAGMA user_version", nil, func(r *sqlite.Stmt) { version = r.ColumnInt64(0) }); err != nil {
		return err
	}
	switch version {
	case layout:
	case 0:
		if err := x.create(); err != nil {
			return err
		}
	default:
		return errLayout
	}
	at := pipeline.Cursor{}
	if err := rows(x.writer, "SELECT epoch, seq, tongues FROM at", nil, func(r *sqlite.Stmt) {
		x.tongues.Store(uint32(r.ColumnInt64(2)))
		at = pipeline.Cursor{Epoch: r.ColumnInt64(0), Seq: r.ColumnInt64(1)}
	}); err != nil {
		return err
	}
	x.place.Store(&at)
	x.readers, err = sqlitex.NewPool(x.File, sqlitex.PoolOptions{Flags: sqlite.OpenReadOnly, PoolSize: 3, PrepareConn: func(c *sqlite.Conn) error {
		return errors.Join(do(c, "PRAGMA query_only = on"), do(c, "PRAGMA cache_size = -4000"))
	}})
	return err
}

func (x *Index) create() (err error) {
	defer sqlitex.Transaction(x.writer)(&err)
	for _, t := range append(tables, fmt.Sprintf("PRAGMA user_version = %d", layout)) {
		if err := do(x.writer, t); err != nil {
			return err
		}
	}
	return nil
}

// renew makes the file anew: what was in it can't be read any more.
func (x *Index) renew() error {
	x.write.Lock()
	defer x.write.Unlock()
	x.life.Lock()
	defer x.life.Unlock()
	x.known, x.shelves = nil, nil
	x.forgetKept()
	return errors.Join(x.shut(), remove(x.File), x.open())
}

// saw takes note of an error, if it is one of the file's contents.
func (x *Index) saw(err error) {
	if damaged(err) {
		select {
		case x.hurt <- struct{}{}:
		default: // it is known
		}
	}
}

var errClosed = errors.New("the search index can't be opened")

// damaged says that an error is one of the file's contents: it can't be read, or contradicts what is read from the log.
func damaged(err error) bool {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultCorrupt, sqlite.ResultNotADB, sqlite.ResultConstraint:
		return true
	}
	return false
}

// Close closes the index. Nothing may use it any more.
func (x *Index) Close() error {
	x.life.Lock()
	defer x.life.Unlock()
	return x.shut()
}

func (x *Index) shut() error {
	var err error
	if x.readers != nil {
		err, x.readers = x.readers.Close(), nil
	}
	if x.writer != nil {
		err, x.writer = errors.Join(err, x.writer.Close()), nil
	}
	return err
}

// Behind is how many places of the log the index has yet to read; an upper bound of the changes.
func (x *Index) Behind() int64 { return max(0, x.head.Load()-x.place.Load().Seq) }

// view gives a connection that reads, all of one moment, and what is kept of the index of that moment.
func (x *Index) view(ctx context.Context, read func(*sqlite.Conn, kept) error) (err error) {
	x.life.RLock()
	defer x.life.RUnlock()
	if x.readers == nil {
		return errClosed
	}
	conn, err := x.readers.Take(ctx)
	if err != nil {
		return err
	}
	defer x.readers.Put(conn)
	k := kept{keep: x.kept.Load()}
	defer sqlitex.Transaction(conn)(&err)
	if err := rows(conn, "SELECT seq FROM at", nil, func(r *sqlite.Stmt) { k.upto = r.ColumnInt64(0) }); err != nil {
		return err
	}
	if x.kept.Load() != k.keep { // it may be of another history than the moment
		k.keep = k.emptied()
	}
	return read(conn, k)
}

// forgetKept forgets what is kept, after what is in the file has become another.
func (x *Index) forgetKept() { x.kept.Store(x.kept.Load().emptied()) }

func do(conn *sqlite.Conn, query string, args ...any) error { return rows(conn, query, args, nil) }

func rows(conn *sqlite.Conn, query string, args []any, row func(*sqlite.Stmt)) error {
	return sqlitex.Execute(conn, query, &sqlitex.ExecOptions{Args: args, ResultFunc: func(r *sqlite.Stmt) error {
		if row != nil {
			row(r)
		}
		return nil
	}})
}

// until reads rows until row says that it has enough.
func until(conn *sqlite.Conn, query string, args []any, row func(*sqlite.Stmt) (more bool)) error {
	enough := errors.New("enough")
	err := sqlitex.Execute(conn, query, &sqlitex.ExecOptions{Args: args, ResultFunc: func(r *sqlite.Stmt) error {
		if !row(r) {
			return enough
		}
		return nil
	}})
	if err == enough {
		return nil
	}
	return err
}

// docs reads the rows of records, in the order of seqs. Those that are close together, as the hits of most searches are, are
// read in one walk: a page of all records takes 27 ms instead of 67.
func docs(conn *sqlite.Conn, columns string, seqs []int64, row func(*sqlite.Stmt)) error {
	for some := range slices.Chunk(seqs, 512) {
		read := eachDoc
		if dense(some) {
			read = walkDocs
		}
		if err := read(conn, columns, some, row); err != nil {
			return err
		}
	}
	return nil
}

// dense says whether records are in order, up or down, and at least every fourth place between the first and the last is one of
// them.
func dense(seqs []int64) bool {
	up := seqs[0] < seqs[len(seqs)-1]
	for i := 1; i < len(seqs); i++ {
		if seqs[i-1] == seqs[i] || seqs[i-1] < seqs[i] != up {
			return false
		}
	}
	return max(seqs[0], seqs[len(seqs)-1])-min(seqs[0], seqs[len(seqs)-1]) < 4*int64(len(seqs))
}

func walkDocs(conn *sqlite.Conn, columns string, seqs []int64, row func(*sqlite.Stmt)) error {
	first, last, order := seqs[0], seqs[len(seqs)-1], "ASC"
	if first > last {
		first, last, order = last, first, "DESC"
	}
	left := seqs
	return rows(conn, "SELECT "+columns+", seq FROM doc WHERE seq BETWEEN ? AND ? ORDER BY seq "+order, []any{first, last}, func(r *sqlite.Stmt) {
		seq := r.ColumnInt64(r.ColumnCount() - 1)
		for len(left) > 0 && left[0] != seq && (left[0] < seq) == (order == "ASC") { // those that are not there
			left = left[1:]
		}
		if len(left) > 0 && left[0] == seq {
			row(r)
			left = left[1:]
		}
	})
}

func eachDoc(conn *sqlite.Conn, columns string, seqs []int64, row func(*sqlite.Stmt)) error {
	stmt, err := conn.Prepare("SELECT " + columns + " FROM doc WHERE seq = ?")
	if err != nil {
		return err
	}
	for _, seq := range seqs {
		stmt.BindInt64(1, seq)
		there, err := stmt.Step()
		if there {
			row(stmt)
		}
		if err := errors.Join(err, stmt.Reset()); err != nil {
			return err
		}
	}
	return nil
}

func blob(r *sqlite.Stmt, column int) []byte {
	b := make([]byte, r.ColumnLen(column))
	r.ColumnBytes(column, b)
	return b
}
