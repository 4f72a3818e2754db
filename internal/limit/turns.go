package limit

import (
	"container/heap"
	"context"
	"net/http"
	"sync"
	"time"
)

// longestWait is how long a request waits for its turn before it is told to come later. So the queue is
// as long as the machine is fast, and whoever is served is served soon.
const longestWait = 500 * time.Millisecond

// turns are what the machine can do at once. When more is asked, requests wait in a queue that is fair
// among clients: without one, those that the scheduler forgets wait several times as long as the
// others, and all of them share memory that nobody needs yet.
type turns struct {
	mu      sync.Mutex
	free    int
	round   uint64 // of the request that had its turn last
	arrived uint64
	waiting waiters
}

// take waits for a turn. Each request of a client that waits goes a round later than the one before
// it, so that a client with many requests gets as much as a client with one.
func (t *turns) take(ctx context.Context, c *client) error {
	w := t.arrive(c)
	if w == nil {
		return nil
	}
	timer := time.NewTimer(longestWait)
	defer timer.Stop()
	var err error
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-timer.C:
		err = busy{}
	}
	if !t.abandon(w) {
		t.give() // the turn came in the same moment
	}
	return err
}

// arrive takes a turn that is free, or else gives a place in the queue.
func (t *turns) arrive(c *client) *waiter {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.free > 0 {
		t.free--
		return nil
	}
	t.arrived++
	w := &waiter{round: t.round, arrived: t.arrived, ready: make(chan struct{})}
	if c != nil {
		c.round = max(c.round+1, t.round)
		w.round = c.round
	}
	heap.Push(&t.waiting, w)
	return w
}

func (t *turns) abandon(w *waiter) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w.place < 0 {
		return false
	}
	heap.Remove(&t.waiting, w.place)
	return true
}

// give hands a turn on to the request that is next.
func (t *turns) give() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) == 0 {
		t.free++
		return
	}
	w := heap.Pop(&t.waiting).(*waiter)
	t.round = w.round
	close(w.ready)
}

// A waiter is a request in the queue.
type waiter struct {
	round, arrived uint64
	place          int // in the heap; negative when it has left
	ready          chan struct{}
}

// waiters are a heap: the earliest round first, and who came first in it.
type waiters []*waiter

func (w waiters) Len() int { return len(w) }
func (w waiters) Less(i, j int) bool {
	return w[i].round < w[j].round || w[i].round == w[j].round && w[i].arrived < w[j].arrived
}
func (w waiters) Swap(i, j int) {
	w[i], w[j] = w[j], w[i]
	w[i].place, w[j].place = i, j
}
func (w *waiters) Push(x any) {
	x.(*waiter).place = len(*w)
	*w = append(*w, x.(*waiter))
}
func (w *waiters) Pop() any {
	last := (*w)[len(*w)-1]
	last.place = -1
	*w = (*w)[:len(*w)-1]
	return last
}

// busy says that a request has waited too long for its turn.
type busy struct{}

func (busy) Error() string             { return sentences[overTurns] }
func (busy) Temporary() bool           { return true }
func (busy) RetryAfter() time.Duration { return longestWait }

// A visit is a request that was let in.
type visit struct {
	limits *Limiter
	client *client // nil for one without a budget
	turn   bool
}

type visitKey struct{}

// Turn waits until the machine has room for what this request costs, and is called by a handler before
// the costly part: what is cheap, such as an answer that is kept in memory, needs none. The turn ends
// when the answer begins to be written, so that a client that reads slowly does not use it up. A
// handler that waits for something else must not have one. The error, if the wait would be too long,
// has Temporary and RetryAfter, and the request is to be answered 503.
func (l *Limiter) Turn(r *http.Request) error {
	v, _ := r.Context().Value(visitKey{}).(*visit)
	if v == nil || v.turn {
		return nil
	}
	if err := l.turns.take(r.Context(), v.client); err != nil {
		l.metrics.throttled.WithLabelValues(overTurns).Inc()
		return err
	}
	v.turn = true
	return nil
}

// end gives the turn back, if the request has one.
func (v *visit) end() {
	if v.turn {
		v.turn = false
		v.limits.turns.give()
	}
}

// Turns gives each request to next a turn of its own.
func (l *Limiter) Turns(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := l.Turn(r); err != nil {
			refuse(w, overTurns, longestWait)
			return
		}
		next.ServeHTTP(w, r)
	})
}
