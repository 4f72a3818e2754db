package postgres

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Store is the log in a database.
type Store struct {
	dir       string
	log       *slog.Logger
	name      string   // of this gateway on the database, while the log is open
	began     int64    // when it opened the log, in seconds since 1970
	lock      *os.File // of the folder
	mark      *datadir.Highwater
	clock     *primaryClock // nil if the guard was given another one
	guard     *store.Guard
	health    health
	codec     *store.Codec
	readers   *readers
	replica   *replica      // nil: there is none that is read from
	writing   *pgxpool.Pool // the writer's
	writer    *writer
	namespace string
	identity  store.Identity

	lists     *store.Lists // the writer's; nil until they are read
	items     block        // numbers of new items; the writer's
	rejects   block        // likewise, of items in quarantine
	moves     store.Moves
	committed pipeline.Cursor // the head as this gateway knows it; the writer's
	locked    bool            // the transaction under way has locked the head; the writer's
	leases    leases

	formats *formats.Table

	gateways atomic.Pointer[[]pipeline.Gateway] // by their numbers (gateways.go)

	suppresses atomic.Bool // something is kept out

	whole          atomic.Int64                    // when a check found the log whole, in seconds since 1970
	known          atomic.Pointer[pipeline.Cursor] // the head of the last commit that this gateway has noted, or is about to
	headSecond     atomic.Int64                    // the datestamp of the head, so that readers need not ask for it
	newestShown    atomic.Int64                    // the newest datestamp of the head that a snapshot has shown
	triedToAdvance atomic.Int64                    // the second to which it was last tried to advance it
	advancing      sync.Mutex                      // one reader advances the head, the others wait for it
	later          sync.WaitGroup

	undigested chan struct{} // something is not in the digest yet
	floor      atomic.Int64  // new seqs are above it (leap.go); 0 if it is not worked out yet, -1 for none

	ended     context.Context // until the log is closed
	end       context.CancelFunc
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
func (s *Store) Trouble() error {
	_, err := s.stamp(s.headSecond.Load())
	return err
}

// stamp is the datestamp for a commit after one at head (see [store.Guard.Stamp]).
func (s *Store) stamp(head int64) (int64, error) {
	if s.clock != nil {
		if err := s.clock.trouble(); err != nil {
			return 0, err
		}
	}
	return s.guard.Stamp(head)
}

// Wall is what the clock says, right or wrong.
func (s *Store) Wall() time.Time { return s.guard.Wall() }

// wrote is called by the writer after each durable commit, before anybody learns of it.
func (s *Store) wrote(h pipeline.Head) error {
	s.known.Store(&h.Cursor) // before readers can know of it by what was touched
	if !s.locked && h.Cursor != s.committed {
		s.othersWrote()
	}
	s.locked = false
	if h.Epoch != s.committed.Epoch && h.DigestPending {
		s.digestAnew()
	}
	s.moves.Leapt(h.Seq)
	s.moves.Noted(h.Cursor != s.committed)
	s.committed = h.Cursor
	if s.mark != nil {
		if err := s.mark.Write(h); err != nil {
			return err
		}
	}
	s.headSecond.Store(h.Datestamp.Unix())
	s.changed.Lock()
	defer s.changed.Unlock()
	if h.Cursor != s.changed.at {
		s.changed.at = h.Cursor
		close(s.changed.ch)
		s.changed.ch = make(chan struct{})
	}
	return nil
}

// Writes says how much was written, and how long that took.
func (s *Store) Writes() store.WriteStats {
	w := s.writer
	return store.WriteStats{
		Writes: w.writes.Load(), Waited: time.Duration(w.waited.Load()),
		Commits: w.commits.Load(), Committing: time.Duration(w.committing.Load()),
	}
}

// Health says what is wrong with the log and the database that it is in; nil if nothing is. It comes back by itself when the
// trouble is over.
func (s *Store) Health() error {
	s.health.mu.Lock()
	defer s.health.mu.Unlock()
	return errors.Join(s.health.damaged, s.health.failed)
}
