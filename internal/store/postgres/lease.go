package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// Of the gateways that have the log open one does what one alone should do: harvest when sources are due, publish, send. It
// holds a lease, which it renews. A lease saves work; what must not happen twice is kept from it by fences: a commit by the run
// and the cursor that it goes on from, the stream by the sequence that it expects.
const (
	leaseLasts = 15 * time.Second // others may take it when it was not renewed for so long
	leaseBeat  = 3 * time.Second  // between two tries to get or renew it
	leaseTry   = 5 * time.Second  // that one try may take
	leaseSafe  = 7 * time.Second  // who could not renew it for so long has lost it, at the end of a try
)

// A lease is what this gateway knows of it.
type lease struct {
	once    sync.Once // it is asked for from the first Work on
	mu      sync.Mutex
	held    context.Context // ends when it is lost; nil while another one has it
	lose    context.CancelFunc
	changed chan struct{} // closed when it is got
}

// Work runs f while this gateway is the one that does the work, and again when it is so again: f must end with its context.
// It returns when ctx has ended, or f by itself.
func (s *Store) Work(ctx context.Context, f func(context.Context) error) error {
	s.lease.once.Do(func() {
		s.lease.mu.Lock()
		s.lease.changed = make(chan struct{})
		s.lease.mu.Unlock()
		s.later.Go(s.keepLease)
	})
	for {
		s.lease.mu.Lock()
		held, changed := s.lease.held, s.lease.changed
		s.lease.mu.Unlock()
		if held == nil {
			select {
			case <-changed:
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		work, cancel := context.WithCancel(ctx)
		stop := context.AfterFunc(held, cancel)
		err := f(work)
		stop()
		cancel()
		if ctx.Err() != nil || held.Err() == nil {
			return err
		}
	}
}

// keepLease tries to get the lease, and renews it, until the log is closed.
func (s *Store) keepLease() {
	tick := time.NewTicker(leaseBeat)
	defer tick.Stop()
	var renewed time.Time
	for {
		began := time.Now()
		switch mine, err := s.renew(); {
		case err == nil && mine:
			renewed = began
			s.gotLease()
		case err == nil, time.Since(renewed) > leaseSafe:
			s.lostLease()
		}
		select {
		case <-tick.C:
		case <-s.ended.Done():
			s.lostLease()
			return
		}
	}
}

const takeLease = `INSERT INTO lease AS l (name, holder, until, since) VALUES ($1, $2, ` + now + ` + $3, ` + now + `)
	ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until,
		since = CASE WHEN l.holder = excluded.holder THEN l.since ELSE excluded.since END
	WHERE l.holder = excluded.holder OR l.until < ` + now

// renew says that this gateway is there, gets or renews the lease, and says whether this gateway has it.
func (s *Store) renew() (mine bool, err error) {
	ctx, cancel := context.WithTimeout(s.ended, leaseTry)
	defer cancel()
	if err := s.beat(ctx); err != nil {
		return false, err
	}
	done, err := s.writing.Exec(ctx, takeLease, store.WorkLease, s.name, leaseLasts.Milliseconds())
	return done.RowsAffected() == 1, err
}

// Leads says whether this gateway is the one that does the work.
func (s *Store) Leads() bool {
	s.lease.mu.Lock()
	defer s.lease.mu.Unlock()
	return s.lease.held != nil
}

func (s *Store) gotLease() {
	l := &s.lease
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil {
		s.log.Info("this gateway harvests and publishes from now on", "gateway", s.name)
		l.held, l.lose = context.WithCancel(context.Background())
		close(l.changed)
		l.changed = make(chan struct{})
	}
}

func (s *Store) lostLease() {
	l := &s.lease
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held != nil {
		s.log.Info("another gateway harvests and publishes, or this one is stopping", "gateway", s.name)
		l.lose()
		l.held = nil
	}
}
