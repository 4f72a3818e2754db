package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// stopTime bounds how long one part may take to stop.
const stopTime = 15 * time.Second

// A stack stops what was started, last in first out.
type stack struct {
	mu    sync.Mutex
	parts []part
}

type part struct {
	name string
	stop func(context.Context) error
}

func (s *stack) push(name string, stop func(context.Context) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parts = append(s.parts, part{name, stop})
}

// run stops everything that is still on the stack; a part that fails does not keep the others.
func (s *stack) run() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for len(s.parts) > 0 {
		p := s.parts[len(s.parts)-1]
		s.parts = s.parts[:len(s.parts)-1]
		ctx, cancel := context.WithTimeout(context.Background(), stopTime)
		if err := p.stop(ctx); err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", p.name, err))
		}
		cancel()
	}
	return errors.Join(errs...)
}
