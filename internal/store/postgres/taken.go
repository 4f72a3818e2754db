package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// Leases other than the one for the work are taken when there is something to do, and given up when it is done: those of hosts that
// are harvested (hosts.go), and those of remaps.

// Alone takes a lease until release is called; held is nil if another gateway has it, and ends when it can't be renewed. Whoever
// takes it twice at one gateway shares it.
func (s *Store) Alone(ctx context.Context, lease string) (held context.Context, release func(), err error) {
	s.keepLeases()
	h, _, err := s.take(ctx, lease)
	if h == nil {
		return nil, nil, err
	}
	return h.held, func() { s.giveUp(lease, h) }, nil
}

// take gets a lease, or shares it where this gateway has it; nil if another one has it. The host that it is for should not be asked
// before rest.
func (s *Store) take(ctx context.Context, name string) (_ *holding, rest time.Time, err error) {
	l := &s.leases
	l.asking.Lock()
	defer l.asking.Unlock()
	l.mu.Lock()
	if h := l.held[name]; h != nil {
		h.of++
		rest = h.rest
		l.mu.Unlock()
		return h, rest, nil
	}
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, leaseTry)
	defer cancel()
	var ms int64
	err = s.writing.QueryRow(ctx, takeLease+" RETURNING greatest(l.rest - "+now+", 0)", name, s.name, leaseLasts.Milliseconds()).Scan(&ms)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, rest, nil
	}
	if err != nil {
		return nil, rest, err
	}
	h := newHolding()
	h.of, h.rest = 1, time.Now().Add(time.Duration(ms)*time.Millisecond)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held[name] = h
	return h, h.rest, nil
}

// giveUp gives up a lease when the last of those that share it has ended.
func (s *Store) giveUp(name string, h *holding) {
	l := &s.leases
	l.asking.Lock()
	defer l.asking.Unlock()
	l.mu.Lock()
	h.of--
	last := h.of == 0 && l.held[name] == h
	if last {
		delete(l.held, name)
	}
	l.mu.Unlock()
	if !last {
		return
	}
	h.lose()
	ctx, cancel := context.WithTimeout(context.Background(), leaveTime)
	defer cancel()
	// If that fails, others have it when it ends: nobody renews it.
	_, _ = s.writing.Exec(ctx, "UPDATE lease SET until = 0 WHERE name = $1 AND holder = $2", name, s.name)
}

// lost ends what was done by a lease that another gateway may have by now.
func (s *Store) lost(name string, h *holding) {
	s.log.Warn("another gateway may have the lease by now; what was done by it here ends", "gateway", s.name, "lease", name)
	h.lose()
	delete(s.leases.held, name)
}
