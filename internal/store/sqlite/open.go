package sqlite

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
)

// schemaVersion is that of schema.sql with all migrations. Changes only add: oldestReader and
// oldestWriter are the oldest programs (by the schema version that they know) that may go on reading
// and writing this schema.
const (
	schemaVersion = 5
	oldestReader  = 5
	oldestWriter  = 5
	// oldestSchema is the oldest that this program can write: what came before was never released.
	oldestSchema = 2
)

//go:embed schema.sql
var schema string

// errOlder says that the data folder is of before the first release.
var errOlder = errors.New("the data folder was written before the first release, in a form that is not read any more; choose another with --data, and harvest into it")

// checkVersion says whether this program may write a log with this schema_oldest_writer.
func checkVersion(oldestWriter int64) error {
	switch {
	case oldestWriter > schemaVersion:
		return store.ErrNewer
	case oldestWriter < oldestSchema:
		return errOlder
	}
	return nil
}

// Options are how a log is opened. The zero value is fit for use.
type Options struct {
	// Namespace is the domain in every identifier. A log that has records keeps the one it has.
	Namespace string
	// Readers is the number of connections that read; 4 if zero. (On few cores, more readers starve
	// the writer.)
	Readers int
	Clock   store.Clock // the machine's if nil
	// Formats are the writers of formats; those of this release if nil.
	Formats *formats.Table
	Log     *slog.Logger // slog.Default if nil
	// Reserve is how many bytes of the disk are kept for the log; none if zero.
	Reserve int64
	// Patience is how long Open waits for a process that has the folder open.
	Patience time.Duration
	// Carried is what backups carry beside the log; nothing if nil.
	Carried Carried
}

// Open opens the log in the folder, and makes both if there is none. The folder then belongs to this
// process until Close. The errors wrap datadir.ErrInUse, store.ErrNewer, or say what is wrong with the folder; in
// each case nothing was touched.
func Open(ctx context.Context, dir string, o Options) (opened *Store, err error) {
	if o.Readers == 0 {
		o.Readers = 4
	}
	if o.Clock == nil {
		o.Clock = store.SystemClock{}
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Formats == nil {
		o.Formats = formats.Builtin()
	}
	keepMemory()
	if err := os.MkdirAll(dir, datadir.PrivateFolder); err != nil {
		return nil, fmt.Errorf("make the data folder: %w; choose another with --data, or make it writable", err)
	}
	s := &Store{dir: dir, opened: time.Now(), log: o.Log, carried: o.Carried, formats: o.Formats, guard: store.NewGuard(o.Clock, datadir.Anchor{Dir: dir})}
	s.changed.ch = make(chan struct{})
	s.undigested = make(chan struct{}, 1)
	if s.lock, err = datadir.Await(ctx, dir, o.Patience, o.Log); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	path := filepath.Join(dir, "sheaf.db")
	if err := checkThere(dir, path); err != nil {
		return nil, err
	}
	if err := checkLog(path); err != nil {
		return nil, err
	}
	makePrivate(dir, o.Log)
	if err := errors.Join(clearParts(dir), ignoreMissing(os.Remove(path+restoring))); err != nil {
		return nil, fmt.Errorf("clear away what was left behind: %w", err)
	}
	conn, err := openWriter(path)
	if err != nil {
		return nil, err
	}
	if s.health.file, err = os.Stat(path); err != nil {
		return nil, errors.Join(fmt.Errorf("open the log: %w", err), conn.Close())
	}
	s.health.path, s.reserve = path, newReserve(dir, o.Reserve)
	s.writer = newWriter(conn, &s.health, s.makeRoom)
	if err := s.setUp(conn, o); err != nil {
		return nil, err
	}
	s.readers, err = sqlitex.NewPool(fileURI(path), sqlitex.PoolOptions{
		Flags:    sqlite.OpenReadOnly | sqlite.OpenURI,
		PoolSize: o.Readers,
		PrepareConn: func(c *sqlite.Conn) error {
			return pragmas(c, "query_only = on", "cache_size = -"+strconv.Itoa(readerCache))
		},
	})
	if err != nil {
		return nil, fmt.Errorf("open the log for reading: %w", err)
	}
	s.writer.start(s.wrote, s.undone)
	if err := s.settleEpoch(ctx); err != nil {
		return nil, err
	}
	if err := errors.Join(s.removeAgain(ctx), s.wipe(ctx)); err != nil {
		return nil, err
	}
	if err := s.Trouble(); err != nil {
		s.log.Warn("the log takes no changes yet", "err", err)
	}
	s.later.Go(s.watch)
	s.later.Go(s.keepDigest)
	return s, nil
}

// checkThere refuses to make an empty log where there was one before: an interrupted restore, a
// deleted file, one that was cut to nothing.
func checkThere(dir, path string) error {
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		return nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("open the log: %w", err)
	}
	if _, had, err := datadir.ReadHighwater(dir); err != nil || had {
		return errors.Join(err, fmt.Errorf("%s is missing, but there was a log in this folder; restore a backup with sheaf restore, or remove the file %s to begin an empty log",
			path, filepath.Join(dir, datadir.HighwaterName)))
	}
	return nil
}

// checkLog refuses what is not a log that this program may write, before anything in it is touched:
// a file of another program, one of a newer release, one that is damaged where it begins.
func checkLog(path string) (err error) {
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return nil // there will be one
	}
	query := ""
	if !there(path + "-wal") {
		query = "?immutable=1" // a plain reader would leave a write-ahead log behind
	}
	conn, err := sqlite.OpenConn(fileURI(path)+query, sqlite.OpenReadOnly, sqlite.OpenURI)
	if err != nil {
		return fmt.Errorf("open the log %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	var tables, ours int64
	if err := one(conn, "SELECT count(*), total(name = 'meta') FROM sqlite_schema WHERE type = 'table'", nil, func(r *sqlite.Stmt) {
		tables, ours = r.ColumnInt64(0), r.ColumnInt64(1)
	}); err != nil {
		return fmt.Errorf("%s can't be read as a log: %w; restore a backup", path, err)
	}
	if tables == 0 { // it was being made when the power went
		return nil
	}
	version, err := int64(0), error(nil)
	if ours == 1 {
		version, err = metaInt(conn, "schema_oldest_writer")
	}
	switch {
	case err != nil:
		return fmt.Errorf("%s can't be read as a log: %w; restore a backup", path, err)
	case version == 0:
		return fmt.Errorf("%s is a database of another program; move it away, or choose another folder with --data", path)
	}
	return checkVersion(version)
}

// fileURI is a path as SQLite's URI: whatever the folder is called, a "?" in it begins no options.
func fileURI(path string) string { return "file:" + (&url.URL{Path: path}).EscapedPath() }

// openWriter opens the one connection that writes. FULL makes every commit durable before it is
// acknowledged (promise 5). A page holds a few records: with SQLite's 4 KiB it is one, and a quarter of
// the speed is lost.
func openWriter(path string) (*sqlite.Conn, error) {
	if err := createPrivate(path); err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return nil, fmt.Errorf("open the log %s: %w", path, err)
	}
	conn.SetBusyTimeout(10 * time.Second)
	err = pragmas(conn, "page_size = "+strconv.Itoa(pageSize), "journal_mode = wal", "synchronous = full", "cache_size = -"+strconv.Itoa(writerCache), "wal_autocheckpoint = 2000", "temp_store = memory", "secure_delete = fast")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the log %s: %w", path, err), conn.Close())
	}
	return conn, nil
}

// Close waits for what is being read and written, and gives the folder back. It may be called twice.
func (s *Store) Close() error {
	s.closeOnce.Do(func() { s.closeErr = s.close() })
	return s.closeErr
}

// close lets the writer's connection go last: it then leaves the whole log in one file.
func (s *Store) close() error {
	var errs []error
	if s.writer != nil {
		s.writer.stop()
	}
	if s.readers != nil {
		errs = append(errs, s.readers.Close())
	}
	s.later.Wait()
	if s.writer != nil {
		errs = append(errs, s.writer.conn.Close())
	}
	if s.mark != nil {
		errs = append(errs, s.mark.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}
