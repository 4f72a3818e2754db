package intake

import (
	"context"
	"sync/atomic"
)

// maxWaiting bounds the pushes of a source that are received, wait, or run at once.
const maxWaiting = 8

// turns bring the pushes of a source in order.
type turns struct {
	in  atomic.Int64
	run chan struct{} // has room for the one that runs
}

func newTurns() *turns { return &turns{run: make(chan struct{}, 1)} }

// wait takes a place among those that wait; false if there is none.
func (t *turns) wait() (*turn, bool) {
	if t.in.Add(1) > maxWaiting {
		t.in.Add(-1)
		return nil, false
	}
	return &turn{of: t}, true
}

// A turn is the place of one push.
type turn struct {
	of   *turns
	runs bool
}

// come waits until the push may run; false if nobody waits for it any more.
func (t *turn) come(ctx context.Context) bool {
	if ctx.Err() != nil {
		return false
	}
	select {
	case t.of.run <- struct{}{}:
		t.runs = true
		return true
	case <-ctx.Done():
		return false
	}
}

func (t *turn) leave() {
	if t.runs {
		<-t.of.run
	}
	t.of.in.Add(-1)
}
