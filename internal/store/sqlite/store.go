package sqlite

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/internal/machine"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Store is the log in a data folder.
type Store struct {
	carried   Carried // with backups
	dir       string
	opened    time.Time
	log       *slog.Logger
	lock      *os.File
	mark      *datadir.Highwater
	guard     *store.Guard
	health    health
	reserve   *reserve
	codec     *store.Codec
	readers   *sqlitex.Pool
	writer    *writer
	namespace string
	identity  store.Identity

	lists     *store.Lists // the writer's; nil until they are read
	moves     store.Moves
	committed pipeline.Cursor // the head of the last commit; the writer's
	recent    recent

	formats *formats.Table

	gateways atomic.Pointer[[]pipeline.Gateway] // by their numbers (gateways.go)

	suppresses atomic.Bool // something is kept out

	whole          atomic.Int64 // when a check found the log whole, in seconds since 1970
	headSecond     atomic.Int64 // the datestamp of the head, so that readers need not ask for it
	newestShown    atomic.Int64 // the newest datestamp of the head that a snapshot has shown
	newestSeq      atomic.Int64 // the highest seq of the head that one has shown
	triedToAdvance atomic.Int64 // the second to which it was last tried to advance it
	advancing      sync.Mutex   // one reader advances the head, the others wait for it
	later          sync.WaitGroup

	undigested chan struct{} // something is not in the digest yet
	floor      atomic.Int64  // new seqs are above it (leap.go); 0 if it is not worked out yet, -1 for none

	closeOnce sync.Once
	closeErr  error
	changed   struct {
		sync.Mutex
		at pipeline.Cursor
		ch chan struct{}
	}
}

// Changed returns a channel that is closed when the log has grown, or has begun a new epoch, since the call.
func (s *Store) Changed() <-chan struct{} {
	s.changed.Lock()
	defer s.changed.Unlock()
	return s.changed.ch
}

// Trouble says why commits are paused; nil if they are not.
func (s *Store) Trouble() error { return s.guard.Trouble(s.headSecond.Load()) }

// Wall is what the clock says, right or wrong.
func (s *Store) Wall() time.Time { return s.guard.Wall() }

// wrote is called by the writer after each durable commit, before anybody learns of it.
func (s *Store) wrote(h pipeline.Head, writes int) error {
	s.moves.Leapt(h.Seq)
	s.moves.Noted(h.Cursor != s.committed)
	s.committed = h.Cursor
	if s.mark != nil {
		if err := s.mark.Write(h); err != nil {
			return err
		}
	}
	s.headSecond.Store(h.Datestamp.Unix())
	s.recent.wrote(h, writes)
	s.changed.Lock()
	defer s.changed.Unlock()
	if h.Cursor != s.changed.at {
		s.changed.at = h.Cursor
		close(s.changed.ch)
		s.changed.ch = make(chan struct{})
	}
	return nil
}

// Sizes are the sizes of the log's files in bytes: "db" and its write-ahead log "wal".
func (s *Store) Sizes() map[string]int64 {
	sizes := map[string]int64{}
	for name, suffix := range map[string]string{"db": "", "wal": "-wal"} {
		if info, err := os.Stat(filepath.Join(s.dir, "sheaf.db"+suffix)); err == nil {
			sizes[name] = info.Size()
		}
	}
	return sizes
}

// DiskFree is how many bytes can still be written beside the log; false where that can't be told.
func (s *Store) DiskFree() (bytes int64, ok bool) { return machine.FreeBytes(s.dir) }

// Writes says how much was written, and how long that took.
func (s *Store) Writes() store.WriteStats {
	w := s.writer
	return store.WriteStats{
		Writes: w.writes.Load(), Waited: time.Duration(w.waited.Load()),
		Commits: w.commits.Load(), Committing: time.Duration(w.committing.Load()),
	}
}

// Health says what is wrong with the log and the disk that it is on; nil if nothing is. It comes back by
// itself when the trouble is over.
func (s *Store) Health() error {
	if err := s.health.present(); err != nil {
		return err
	}
	s.health.mu.Lock()
	err := errors.Join(s.health.damaged, s.health.failed)
	s.health.mu.Unlock()
	return errors.Join(err, s.reserve.room())
}

// makeRoom is called by the writer after each group of writes, outside of a transaction. It gives the log the
// reserve when the disk was full. From then on, until there is room again, what is written is moved into the
// database at once, and the write-ahead log is used from its start again instead of taking up all that is left.
func (s *Store) makeRoom(full bool) {
	if full {
		s.reserve.release()
	}
	if !s.reserve.released() {
		return
	}
	if err := pragmas(s.writer.conn, "wal_checkpoint(passive)"); err != nil {
		s.log.Error("the log's disk is full, and what is written can't be moved into the database", "err", err)
	}
}

// roomFor says why there is no room for a page; nil if there is. Deletions always have room.
func (s *Store) roomFor(b *pipeline.Batch) error {
	grows := func(c pipeline.Change) bool { return c.Deleted == pipeline.Live }
	if len(b.Rejects) == 0 && !slices.ContainsFunc(b.Changes, grows) {
		return nil
	}
	return s.reserve.room()
}
