package limit

import (
	"container/heap"
	"context"
	"net/http"
	"sync"
	"time"
)

// longestWait is how long a request waits for its turn before it is told to come later. Because the wait is bounded and
// not the queue, the queue of a fast machine is longer, and a request that is served is served soon.
const longestWait = 500 * time.Millisecond

// turns bounds how much the machine does at once. Other requests wait in a queue that is fair among clients. Without a
// queue some requests would wait several times as long as others, because Go's scheduler knows nothing of fairness among
// clients, and all of them would hold memory that they can't use yet.
type turns struct {
	mu      sync.Mutex
	free    int
	round   uint64 // the round of the request that had its turn last
	arrived uint64
	waiting waiters
}

// take waits for a turn. Each waiting request of a client goes a round later than the one before it, so a client with
// many requests gets no more turns than a client with one.
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
		t.give() // the turn came in the same moment, and nobody wants it
	}
	return err
}

// arrive takes a turn that is free, or else returns a place in the queue.
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
	place          int // in the heap; negative when the request has left it
	ready          chan struct{}
}

// waiters are a heap: the earliest round comes first, and within a round the request that came first.
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
	client *client // nil for a client without a budget
	turn   bool
}

type visitKey struct{}

// Turn waits until the machine has room for what this request costs. A handler calls it before the costly part; an answer
// that is kept in memory, for instance, needs no turn. The turn ends when the answer begins to be written, so that a
// client that reads slowly does not use it up. A handler that waits for something else must not have a turn. If the wait
// would be too long Turn returns an error with the methods Temporary and RetryAfter, which should be answered 503.
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

// Rest runs wait, while the request is nobody's burden: it has no turn, and does not count among those that are answered at
// once. (Its connection still counts.) It is for requests that wait for news, of which there may be thousands.
func (l *Limiter) Rest(r *http.Request, wait func()) {
	v, _ := r.Context().Value(visitKey{}).(*visit)
	if v == nil {
		wait()
		return
	}
	v.end()
	l.leave(v.client)
	defer l.resume(v.client)
	wait()
}

// end gives the turn back, if the request has one.
func (v *visit) end() {
	if v.turn {
		v.turn = false
		v.limits.turns.give()
	}
}

// Turns is a handler that takes a turn for each request and passes it on to next.
func (l *Limiter) Turns(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := l.Turn(r); err != nil {
			refuse(w, overTurns, longestWait)
			return
		}
		next.ServeHTTP(w, r)
	})
}
