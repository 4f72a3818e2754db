package pipeline

import (
	"context"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// Limits say how many runs go on at once.
type Limits struct {
	// Working bounds the runs that map and store; 8 if zero. A run that waits for a host does not count, so
	// hosts that do not answer keep nobody else from being harvested.
	Working int
	// UnderWay bounds all runs, those that wait too; 256 if zero. Each may hold a connection.
	UnderWay int
	// OnHost bounds the runs that are under way on one host, which are asked for in turns; 4 if zero.
	OnHost int
}

// What a run waits for, besides what its fetches wait for.
const (
	ForPlace harvest.Reason = "place" // as many others work, or are under way, as the gateway bears
	ForHost  harvest.Reason = "host"  // as many others are under way on the host
)

// A Waiting is what a run waits for, since when.
type Waiting struct {
	harvest.Wait
	Since time.Time
}

// places are what runs share.
type places struct {
	limits   Limits
	working  chan struct{}
	underWay chan struct{}

	mu      sync.Mutex
	hosts   map[string]chan struct{}
	waiting map[string]Waiting // by source
}

func newPlaces(l Limits) *places {
	orElse := func(n *int, def int) {
		if *n == 0 {
			*n = def
		}
	}
	orElse(&l.Working, 8)
	orElse(&l.UnderWay, 256)
	orElse(&l.OnHost, 4)
	return &places{
		limits: l, working: make(chan struct{}, l.Working), underWay: make(chan struct{}, l.UnderWay),
		hosts: map[string]chan struct{}{}, waiting: map[string]Waiting{},
	}
}

// A seat is what one run holds of the places. It implements harvest.Waiter: the place among those that work is
// free for others while the run waits.
type seat struct {
	places  *places
	source  string
	held    []chan struct{} // for the whole run
	mu      sync.Mutex
	working bool
	left    bool // the run has ended; what it has left behind (letgo.go) gets no place any more
}

// enter waits until a run of the source may begin.
func (p *places) enter(ctx context.Context, src *Source) (*seat, error) {
	s := &seat{places: p, source: src.Name}
	if src.Host != "" {
		if err := s.hold(ctx, p.host(src.Host), harvest.Wait{For: ForHost, Host: src.Host}); err != nil {
			return nil, err
		}
	}
	if err := s.hold(ctx, p.underWay, harvest.Wait{For: ForPlace}); err != nil {
		return nil, err
	}
	if s.Resume(ctx); ctx.Err() != nil {
		s.leave()
		return nil, ctx.Err()
	}
	return s, nil
}

// hold takes a place for the whole run. Without it the run does not begin, and gives back what it has.
func (s *seat) hold(ctx context.Context, of chan struct{}, w harvest.Wait) error {
	if !s.take(ctx, of, w) {
		s.leave()
		return ctx.Err()
	}
	s.held = append(s.held, of)
	return nil
}

// take waits for a place. False if ctx ended before.
func (s *seat) take(ctx context.Context, of chan struct{}, w harvest.Wait) bool {
	select {
	case of <- struct{}{}:
		return true
	default:
	}
	s.places.note(s.source, w)
	select {
	case of <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// Wait implements harvest.Waiter.
func (s *seat) Wait(w harvest.Wait) {
	s.places.note(s.source, w)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.working {
		s.working = false
		<-s.places.working
	}
}

// Resume implements harvest.Waiter.
func (s *seat) Resume(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left {
		return
	}
	if !s.working {
		s.working = s.take(ctx, s.places.working, harvest.Wait{For: ForPlace})
	}
	s.places.forget(s.source)
}

// leave gives everything back.
func (s *seat) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = true
	if s.working {
		s.working = false
		<-s.places.working
	}
	for _, of := range s.held {
		<-of
	}
	s.held = nil
	s.places.forget(s.source)
}

func (p *places) host(name string) chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hosts[name] == nil {
		p.hosts[name] = make(chan struct{}, p.limits.OnHost)
	}
	return p.hosts[name]
}

func (p *places) note(source string, w harvest.Wait) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting[source] = Waiting{w, time.Now().UTC()}
}

func (p *places) forget(source string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.waiting, source)
}

func (p *places) waitingOf(source string) Waiting {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waiting[source]
}
