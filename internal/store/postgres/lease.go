package postgres

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// What one of the gateways that have the log open does alone, it does by a lease, which it renews: one for the work (publishing,
// sending, measuring; [Store.Work]), and one for each host that it harvests and each source that it remaps (taken.go). A lease saves work, and is polite; what must
// not happen twice is kept from it by fences: a commit by the run and the cursor that it goes on from, the stream by the sequence
// that it expects.
const (
	leaseLasts = 15 * time.Second // others may take it when it was not renewed for so long
	leaseBeat  = 3 * time.Second  // between two tries to get or renew leases
	leaseTry   = 5 * time.Second  // that one try may take
	leaseSafe  = 7 * time.Second  // who could not renew a lease for so long has lost it, at the end of a try
)

// A holding is a lease that this gateway has, until it is lost or given up.
type holding struct {
	held context.Context
	lose context.CancelFunc
	of   int       // how many share it; not for the work
	rest time.Time // the host that it is for should not be asked before
}

func newHolding() *holding {
	h := &holding{}
	h.held, h.lose = context.WithCancel(context.Background())
	return h
}

// leases are what this gateway knows of leases.
type leases struct {
	once     sync.Once // they are kept from the first time on that one is wanted
	mu       sync.Mutex
	wants    bool          // the lease for the work
	work     *holding      // nil while another one has it
	changed  chan struct{} // closed when it is got
	renewed  time.Time     // when they were renewed last
	sharing  sharing
	asking   sync.Mutex          // one at a time takes or gives up one of those held
	held     map[string]*holding // the others, by name
	harvests bool                // this gateway harvests what is due
}

// keepLeases begins to keep leases, unless that has begun.
func (s *Store) keepLeases() {
	s.leases.once.Do(func() { s.later.Go(s.keep) })
}

// Work runs f while this gateway is the one that does the work, and again when it is so again: f must end with its context.
// It returns when ctx has ended, or f by itself.
func (s *Store) Work(ctx context.Context, f func(context.Context) error) error {
	l := &s.leases
	l.mu.Lock()
	l.wants = true
	l.mu.Unlock()
	s.keepLeases()
	for {
		l.mu.Lock()
		mine, changed := l.work, l.changed
		l.mu.Unlock()
		if mine == nil {
			select {
			case <-changed:
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		work, cancel := context.WithCancel(ctx)
		stop := context.AfterFunc(mine.held, cancel)
		err := f(work)
		stop()
		cancel()
		if ctx.Err() != nil || mine.held.Err() == nil {
			return err
		}
	}
}

// Leads says whether this gateway is the one that does the work.
func (s *Store) Leads() bool {
	s.leases.mu.Lock()
	defer s.leases.mu.Unlock()
	return s.leases.work != nil
}

// keep says again and again that this gateway is there, renews its leases, and tries to get the one for the work, until the log
// is closed.
func (s *Store) keep() {
	tick := time.NewTicker(leaseBeat)
	defer tick.Stop()
	for {
		began := time.Now()
		if found, err := s.renew(); err == nil {
			s.renewedAt(began, found)
		} else {
			s.notRenewed()
		}
		select {
		case <-tick.C:
		case <-s.ended.Done():
			s.loseAll()
			return
		}
	}
}

const (
	takeLease = `INSERT INTO lease AS l (name, holder, until, since) VALUES ($1, $2, ` + now + ` + $3, ` + now + `)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until,
			since = CASE WHEN l.holder = excluded.holder AND l.until >= ` + now + ` THEN l.since ELSE excluded.since END
		WHERE l.holder = excluded.holder OR l.until < ` + now
	renewLeases = "UPDATE lease SET until = " + now + " + $3 WHERE holder = $1 AND name = ANY ($2) AND until >= " + now + " RETURNING name"
)

// A found is what a try to renew finds.
type found struct {
	asked   map[string]*holding // the taken leases that were to be renewed
	held    []string            // the leases that this gateway has
	members []string            // the gateways that harvest what is due
}

// renew says that this gateway is there, and renews its leases.
func (s *Store) renew() (out found, err error) {
	ctx, cancel := context.WithTimeout(s.ended, leaseTry)
	defer cancel()
	l := &s.leases
	l.mu.Lock()
	wants, harvests := l.wants, l.harvests
	out.asked = maps.Clone(l.held)
	l.mu.Unlock()
	if err := s.beat(ctx, harvests); err != nil {
		return out, err
	}
	names := slices.AppendSeq([]string{}, maps.Keys(out.asked))
	if wants {
		names = append(names, store.WorkLease)
		if _, err := s.writing.Exec(ctx, takeLease, store.WorkLease, s.name, leaseLasts.Milliseconds()); err != nil {
			return out, err
		}
	}
	if out.held, err = texts(s.writing.Query(ctx, renewLeases, s.name, names, leaseLasts.Milliseconds())); err != nil {
		return out, err
	}
	out.members, err = s.members(ctx)
	return out, err
}

// texts reads an answer of one column.
func texts(rows pgx.Rows, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func (s *Store) renewedAt(began time.Time, f found) {
	l := &s.leases
	l.mu.Lock()
	defer l.mu.Unlock()
	l.renewed = began
	if slices.Contains(f.held, store.WorkLease) {
		s.gotWork()
	} else {
		s.lostWork()
	}
	for name, h := range f.asked {
		if l.held[name] == h && !slices.Contains(f.held, name) {
			s.lost(name, h)
		}
	}
	l.sharing.among(f.members)
}

// notRenewed gives up what was not renewed for too long: others may have taken it.
func (s *Store) notRenewed() {
	s.leases.mu.Lock()
	late := time.Since(s.leases.renewed) > leaseSafe
	s.leases.mu.Unlock()
	if late {
		s.loseAll()
	}
}

func (s *Store) loseAll() {
	l := &s.leases
	l.mu.Lock()
	defer l.mu.Unlock()
	s.lostWork()
	for name, h := range l.held {
		s.lost(name, h)
	}
	l.sharing.among(nil)
}

func (s *Store) gotWork() {
	if l := &s.leases; l.work == nil {
		s.log.Info("this gateway publishes, sends and measures from now on", "gateway", s.name)
		l.work = newHolding()
		close(l.changed)
		l.changed = make(chan struct{})
	}
}

func (s *Store) lostWork() {
	if l := &s.leases; l.work != nil {
		s.log.Info("another gateway publishes, sends and measures, or this one is stopping", "gateway", s.name)
		l.work.lose()
		l.work = nil
	}
}
