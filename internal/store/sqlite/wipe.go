package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"zombiezen.com/go/sqlite"
)

// What is deleted from a database stays in its file until something else is written there: in pages that are free, and in
// the write-ahead log. The pragma secure_delete zeroes what is deleted within a page; the rest is done when a record is
// taken down.

const (
	wipeStep  = 16 << 20 // bytes of free pages that are overwritten in one transaction
	wipeTries = 20       // how often the write-ahead log is tried to be emptied, which readers may be in the way of
	wipeRest  = 100 * time.Millisecond
)

// wipeMeta notes, in the transaction of a takedown, that there is something to wipe: a gateway that is killed before it has
// been wiped does so when it starts.
const wipeMeta = "wipe"

// wipe overwrites all that is free in the log's file, and empties the write-ahead log, if there is something to wipe.
func (s *Store) wipe(ctx context.Context) error {
	var due int64
	if err := s.writer.do(ctx, func(conn *sqlite.Conn) (err error) {
		due, err = metaInt(conn, wipeMeta)
		return err
	}); err != nil || due == 0 {
		return err
	}
	for more := true; more; {
		if err := s.writer.do(ctx, func(conn *sqlite.Conn) (err error) {
			more, err = overwriteFree(conn)
			return err
		}); err != nil {
			return fmt.Errorf("overwrite what is free in the log: %w", err)
		}
	}
	if emptied, err := s.emptyWAL(ctx); err != nil || !emptied {
		return err
	}
	return s.writer.do(ctx, func(conn *sqlite.Conn) error {
		return exec(conn, "DELETE FROM meta WHERE name = ?", wipeMeta)
	})
}

// overwriteFree fills free pages with zeros, and says whether there are more of them. Pages of zeros are freed at the end.
func overwriteFree(conn *sqlite.Conn) (more bool, err error) {
	if err := exec(conn, "CREATE TABLE IF NOT EXISTS wipe (zeros BLOB)"); err != nil {
		return false, err
	}
	for range wipeStep / (1 << 20) {
		var free int64
		if err := one(conn, "PRAGMA freelist_count", nil, func(r *sqlite.Stmt) { free = r.ColumnInt64(0) }); err != nil {
			return false, err
		}
		if free == 0 {
			return false, exec(conn, "DROP TABLE wipe")
		}
		if err := exec(conn, "INSERT INTO wipe (zeros) VALUES (zeroblob(?))", min(1<<20, int(free)*4096)); err != nil {
			return false, err
		}
	}
	return true, nil
}

// emptyWAL copies the write-ahead log into the log, and cuts it to nothing. If readers are in the way for too long, that
// happens when the log is closed, or opened next.
func (s *Store) emptyWAL(ctx context.Context) (emptied bool, err error) {
	conn, err := sqlite.OpenConn(filepath.Join(s.dir, "sheaf.db"), sqlite.OpenReadWrite)
	if err != nil {
		return false, fmt.Errorf("empty the write-ahead log: %w", err)
	}
	defer conn.Close()
	for range wipeTries {
		busy := true
		if err := one(conn, "PRAGMA wal_checkpoint(TRUNCATE)", nil, func(r *sqlite.Stmt) { busy = r.ColumnBool(0) }); err == nil && !busy {
			return true, nil
		}
		select {
		case <-time.After(wipeRest):
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	s.log.Warn("the write-ahead log could not be emptied yet, because the log is being read; it is when the gateway stops")
	return false, nil
}
