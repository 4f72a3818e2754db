package limit_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/limit"
)

// work is a handler whose requests take a turn and then a tenth of a second; order tells who had one.
type work struct {
	limits *limit.Limiter
	now    atomic.Int32
	most   atomic.Int32

	mu    sync.Mutex
	order []string
}

func (h *work) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := h.now.Add(1)
	defer h.now.Add(-1)
	for most := h.most.Load(); n > most && !h.most.CompareAndSwap(most, n); most = h.most.Load() {
	}
	h.mu.Lock()
	h.order = append(h.order, r.UserAgent())
	h.mu.Unlock()
	time.Sleep(100 * time.Millisecond)
}

func newWork(o limit.Options) (*work, http.Handler) {
	h := &work{limits: limit.New(o)}
	return h, h.limits.Handler(h.limits.Turns(h))
}

// named is a request of a client.
func named(name string) *http.Request {
	r := request("192.0.2.1:5")
	r.Header.Set("User-Agent", name)
	return r
}

// The costly part runs as often at once as the machine can bear, and every request has its turn.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, served := newWork(limit.Options{Turns: 2})
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if status, _ := ask(served, named("a")); status != http.StatusOK {
					t.Errorf("status %d", status)
				}
			})
		}
		all.Wait()
		if h.most.Load() != 2 || len(h.order) != 10 {
			t.Errorf("%d at once, %d served", h.most.Load(), len(h.order))
		}
	})
}

// A client with many requests is served as often as one that has a few.
func TestTurnsAreFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, served := newWork(limit.Options{Turns: 2})
		var all sync.WaitGroup
		for _, name := range append(slices.Repeat([]string{"many"}, 6), "few", "one", "few") {
			all.Go(func() { ask(served, named(name)) })
			synctest.Wait() // each comes after the one before it
		}
		all.Wait()
		// Two had a turn at once; then many, few and one have one each, and few and many another, in pairs.
		first := strings.Join(h.order[:8], " ")
		if len(h.order) != 9 || strings.Count(first, "few") != 2 || strings.Count(first, "one") != 1 {
			t.Errorf("turns went to %v", h.order)
		}
	})
}

// A request that would wait long is told when to come again, soon and without work; what follows is not harmed.
func TestTurnsThatDoNotCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, served := newWork(limit.Options{Turns: 1})
		var all sync.WaitGroup
		var good, later atomic.Int32
		for range 20 {
			all.Go(func() {
				begin := time.Now()
				switch status, after := ask(served, named("a")); {
				case status == http.StatusOK:
					good.Add(1)
				case status == http.StatusServiceUnavailable && after == "1":
					later.Add(1)
				default:
					t.Errorf("status %d, Retry-After %q", status, after)
				}
				if took := time.Since(begin); took > 700*time.Millisecond {
					t.Errorf("an answer after %v", took)
				}
			})
		}
		all.Wait()
		if good.Load() < 5 || good.Load()+later.Load() != 20 {
			t.Errorf("%d served, %d told to come later", good.Load(), later.Load())
		}
		if status, _ := ask(served, named("a")); status != http.StatusOK {
			t.Errorf("afterwards: %d", status)
		}
	})
}

// A turn ends where the answer begins to be written: a client that reads slowly has none.
func TestASlowReaderHasNoTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := limit.New(limit.Options{Turns: 1})
		h := limits.Handler(limits.Turns(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Write([]byte("begun"))
			if r.UserAgent() == "slow" {
				time.Sleep(time.Minute)
			}
		})))
		var slow sync.WaitGroup
		slow.Go(func() { ask(h, named("slow")) })
		synctest.Wait()
		if status, _ := ask(h, named("quick")); status != http.StatusOK {
			t.Errorf("beside a slow reader: %d", status)
		}
		slow.Wait()
	})
}

// However requests are given up while they wait, no turn is lost and none is made.
func TestTurnsAreGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, served := newWork(limit.Options{Turns: 3})
		var all sync.WaitGroup
		for range 200 {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), rand.N(600*time.Millisecond))
				defer cancel()
				served.ServeHTTP(httptest.NewRecorder(), named("a").WithContext(ctx))
			})
		}
		all.Wait()
		if h.most.Load() != 3 {
			t.Errorf("%d at once", h.most.Load())
		}
		h.most.Store(0)
		for range 3 {
			all.Go(func() { ask(served, named("a")) })
		}
		all.Wait()
		if h.most.Load() != 3 {
			t.Errorf("afterwards %d at once", h.most.Load())
		}
	})
}
