package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// stopTime bounds how long one part may take to stop.
const stopTime = 15 * time.Second

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

// stop stops everything that was started. A part that fails does not keep the others from stopping.
func (p *parts) stop() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for len(p.all) > 0 {
		last := p.all[len(p.all)-1]
		p.all = p.all[:len(p.all)-1]
		ctx, cancel := context.WithTimeout(context.Background(), stopTime)
		if err := last.stop(ctx); err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", last.name, err))
		}
		cancel()
	}
	return errors.Join(errs...)
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
	var done sync.WaitGroup
	done.Go(func() {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			p.fail(name, err)
		}
	})
	p.push(name, func(ctx context.Context) error {
		err := s.Shutdown(ctx)
		if err != nil {
			err = s.Close() // somebody reads very slowly
		}
		done.Wait()
		return err
	})
}

// keep runs a loop until everything stops.
func (p *parts) keep(name string, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			p.fail(name, err)
		}
	}()
	p.push(name, func(stop context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-stop.Done():
			return stop.Err()
		}
	})
}
