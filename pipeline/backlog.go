package pipeline

import (
	"context"
	"sync/atomic"
	"time"
)

// A backlog is what was prepared and is not stored yet. What the log knows of a pass lacks it.
type backlog struct {
	sent   int64 // of the preparing goroutine alone
	stored atomic.Int64
	moved  chan struct{}
}

func newBacklog() *backlog { return &backlog{moved: make(chan struct{}, 1)} }

// add notes a batch that was handed on to be stored.
func (b *backlog) add() { b.sent++ }

// done notes that a batch was stored.
func (b *backlog) done() {
	b.stored.Add(1)
	select {
	case b.moved <- struct{}{}:
	default:
	}
}

// wait waits until all that was handed on is stored.
func (b *backlog) wait(ctx context.Context) error {
	for b.stored.Load() < b.sent {
		select {
		case <-b.moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// preparePage prepares a page, in as many parts as what is to be asked for takes.
func (r *Runner) preparePage(ctx context.Context, run *Run, src *Source, f fetched, behind *backlog, out chan<- ready) error {
	began := time.Now()
	if f.page.Lists != nil { // what the list before it said of its items must be known
		if err := behind.wait(ctx); err != nil {
			return err
		}
	}
	left, err := r.unmet(ctx, src, f, behind)
	if err != nil {
		return err
	}
	for _, part := range left {
		batch, err := r.prepare(ctx, run, src, part)
		if err != nil {
			return err
		}
		if !send(ctx, out, ready{part, batch, since(began)}) {
			return ctx.Err()
		}
		behind.add()
		began = time.Now()
	}
	return nil
}

func send[T any](ctx context.Context, ch chan<- T, v T) bool {
	select {
	case ch <- v:
		return true
	case <-ctx.Done():
		return false
	}
}
