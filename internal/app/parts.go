package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// How long the parts may take to stop. Nothing that was acknowledged is lost when one of them does not come to an end in
// its time: a page is committed whole or not at all, and what was not published is published after the next start.
const (
	stopTime   = 15 * time.Second
	stopWithin = time.Minute // all of them
	// drainTime is what requests have that were on their way when a listener was closed.
	drainTime = time.Second
	// lastChance is what a part has when those before it have used up the time.
	lastChance = 250 * time.Millisecond
)

// parts are what was started, and stop in the opposite order.
type parts struct {
	mu  sync.Mutex
	all []part
	// ended has the error of the first part that ends by itself. Everything must stop then: half a gateway would look
	// like a whole one.
	ended chan error
}

func newParts() *parts { return &parts{ended: make(chan error, 1)} }

type part struct {
	name string
	stop func(context.Context) error
}

func (p *parts) push(name string, stop func(context.Context) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, part{name, stop})
}

// stop stops everything that was started. A part that fails, or that does not stop in its time, does not keep the others
// from stopping.
func (p *parts) stop() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	deadline := time.Now().Add(stopWithin)
	for len(p.all) > 0 {
		last := p.all[len(p.all)-1]
		p.all = p.all[:len(p.all)-1]
		if err := last.end(min(stopTime, max(lastChance, time.Until(deadline)))); err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", last.name, err))
		}
	}
	return errors.Join(errs...)
}

// end stops a part, or leaves it behind when it has not stopped in its time and does not heed its context.
func (p part) end(within time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- p.stop(ctx) }()
	select {
	case err := <-stopped:
		return err
	case <-ctx.Done():
	}
	select { // one that heeds it is about to say what it could not do
	case err := <-stopped:
		return err
	case <-time.After(lastChance):
		return fmt.Errorf("it has not stopped within %v", within.Round(time.Millisecond))
	}
}

func (p *parts) fail(name string, err error) {
	select {
	case p.ended <- fmt.Errorf("%s has ended: %w", name, err):
	default: // another part was first
	}
}

// serve answers on a listener until everything stops.
func (p *parts) serve(name string, l net.Listener, s *http.Server) {
	s.ReadHeaderTimeout, s.ReadTimeout, s.IdleTimeout = 10*time.Second, time.Minute, 2*time.Minute
	accepted := make(chan struct{}) // every connection that there will be
	var stopping atomic.Bool
	var open atomic.Int64
	s.ConnState = func(_ net.Conn, is http.ConnState) {
		switch is {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed, http.StateHijacked:
			open.Add(-1)
		}
	}
	go func() {
		defer close(accepted)
		if err := s.Serve(l); !stopping.Load() {
			p.fail(name, err)
		}
	}()
	p.push(name, func(ctx context.Context) error {
		stopping.Store(true)
		_ = l.Close() // it was only read
		<-accepted
		// Shutdown drops a request that is being read just then, so those that are under way come to their end before.
		s.SetKeepAlivesEnabled(false)
		for until := time.Now().Add(drainTime); open.Load() > 0 && time.Now().Before(until); {
			pause(ctx, time.Millisecond)
		}
		err := s.Shutdown(ctx)
		if err != nil {
			err = s.Close() // somebody reads very slowly
		}
		return err
	})
}

// keep runs a loop until everything stops.
func (p *parts) keep(name string, run func(context.Context) error) { p.room(name).run(run) }

// A room is where a loop goes on until another one takes its place, or everything stops.
type room struct {
	name  string
	parts *parts

	mu     sync.Mutex
	cancel context.CancelFunc
	done   chan struct{} // closed when nothing goes on in it
	closed bool
}

func (p *parts) room(name string) *room {
	r := &room{name: name, parts: p, cancel: func() {}, done: make(chan struct{})}
	close(r.done)
	p.push(name, func(ctx context.Context) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.closed = true
		return r.end(ctx)
	})
	return r
}

// end ends the loop, and waits for it.
func (r *room) end(ctx context.Context) error {
	r.cancel()
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// empty ends the loop. What does not stop in its time ends everything.
func (r *room) empty() {
	r.mu.Lock()
	defer r.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	if err := r.end(ctx); err != nil {
		r.parts.fail(r.name, err)
	}
}

// run runs a loop in an empty room.
func (r *room) run(loop func(context.Context) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	r.cancel, r.done = cancel, done
	go func() {
		defer close(done)
		defer cancel()
		if err := loop(ctx); err != nil && !errors.Is(err, context.Canceled) {
			r.parts.fail(r.name, err)
		}
	}()
}
