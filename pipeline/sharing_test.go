package pipeline_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// An office divides hosts among gateways: one has all of them, and one at a time holds a host.
type office struct {
	mu      sync.Mutex
	has     string
	changed chan struct{}
	desk    chan struct{}
	lost    context.CancelFunc // of who holds the host
	rest    time.Time
}

// A clerk is the office as one gateway sees it.
type clerk struct {
	*office
	name string
}

func (o *office) give(name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.has = name
	close(o.changed)
	o.changed = make(chan struct{})
}

func (c clerk) Mine(string) (bool, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.has == c.name, c.changed
}

func (c clerk) Hold(ctx context.Context, _ string) (*pipeline.Hold, error) {
	select {
	case c.desk <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	held, lose := context.WithCancel(context.Background())
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost = lose
	return &pipeline.Hold{Held: held, Rest: c.rest, Release: func() { lose(); <-c.desk }}, nil
}

func (c clerk) Rest(_ context.Context, _ string, until time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if until.After(c.rest) {
		c.rest = until
	}
	return nil
}

// TestOneGatewayHarvests: of two schedulers one harvests a source, the other one when that is gone, and none of them at the same
// time, nor again what the other has just done.
func TestOneGatewayHarvests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &office{has: "a", changed: make(chan struct{}), desk: make(chan struct{}, 1)}
		var mu sync.Mutex
		var last time.Time
		ran, under := map[string]int{}, 0
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		begin := func(name string) *pipeline.Scheduler {
			s := scheduler(pipeline.Limits{})
			s.Sharing, s.Hosts = clerk{o, name}, harvest.NewHosts(harvest.HostLimits{})
			s.Last = func(context.Context, string) (time.Time, error) {
				mu.Lock()
				defer mu.Unlock()
				return last, nil
			}
			src := sourceAt(harvest.NewFetcher(harvest.Options{Transport: net{}, Hosts: s.Hosts}), "s", "host.example", func() {
				mu.Lock()
				ran[name]++
				if under++; under > 1 {
					t.Error("two gateways harvest the source at once")
				}
				mu.Unlock()
				time.Sleep(30 * time.Minute)
				mu.Lock()
				under--
				last = time.Now()
				mu.Unlock()
			})
			s.Assign([]*pipeline.Job{{Source: src, Every: time.Hour}})
			all.Go(func() { _ = s.Run(ctx) })
			return s
		}
		counts := func(a, b int) {
			t.Helper()
			mu.Lock()
			defer mu.Unlock()
			if ran["a"] != a || ran["b"] != b {
				t.Errorf("a has harvested %d times, b %d times; want %d and %d", ran["a"], ran["b"], a, b)
			}
		}
		a, b := begin("a"), begin("b")
		time.Sleep(3*time.Hour + time.Minute) // at 0:00, 1:30 and 3:00
		counts(3, 0)
		if due := b.Due("s"); !due.IsZero() {
			t.Errorf("the gateway that does not harvest the source says that it is due at %v", due)
		}
		o.give("b") // while the third run is under way, to whose end it waits
		time.Sleep(time.Minute)
		counts(3, 0)
		if w := b.Waiting("s"); w.For != pipeline.ForGateway && w.For != "" {
			t.Errorf("it waits for %q", w.For)
		}
		time.Sleep(time.Hour) // it was done until 3:30
		counts(3, 0)
		time.Sleep(time.Hour)
		counts(3, 1)
		if due := a.Due("s"); !due.IsZero() {
			t.Errorf("the gateway that was left says that the source is due at %v", due)
		}
		time.Sleep(59 * time.Minute)
		counts(3, 2)
		o.give("nobody")
		time.Sleep(time.Hour)
		counts(3, 2)
		stop()
		all.Wait()
	})
}

// TestHostIsLost: a run ends when its gateway can't keep others from the host any more.
func TestHostIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &office{has: "a", changed: make(chan struct{}), desk: make(chan struct{}, 1)}
		s := scheduler(pipeline.Limits{})
		s.Sharing, s.Hosts = clerk{o, "a"}, harvest.NewHosts(harvest.HostLimits{})
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			report, err := s.Harvest(t.Context(), sourceAt(harvest.NewFetcher(harvest.Options{Transport: net{}}), "s", "dead.example", nil), pipeline.Order{})
			if err == nil || report.Result != pipeline.Cancelled || !strings.Contains(err.Error(), "another gateway may harvest") {
				t.Errorf("%+v, %v", report, err)
			}
		}()
		synctest.Wait()
		o.lost()
		<-ended
	})
}

// TestRestIsShared: a gateway that takes a host over leaves it alone for as long as the host has asked the one before, and for its
// pause; and tells the next one of the pause that is left. What a person asks for waits for five minutes at most.
func TestRestIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const pause = time.Minute
		start := time.Now()
		o := &office{has: "b", changed: make(chan struct{}), desk: make(chan struct{}, 1), rest: start.Add(2 * time.Hour)}
		s := scheduler(pipeline.Limits{})
		s.Sharing, s.Hosts = clerk{o, "b"}, harvest.NewHosts(harvest.HostLimits{Delay: pause})
		var asked []time.Duration
		src := sourceAt(harvest.NewFetcher(harvest.Options{Transport: net{}, Hosts: s.Hosts}), "s", "host.example", func() { asked = append(asked, time.Since(start)-time.Second) })
		want := func(what string, at time.Duration) {
			t.Helper()
			if len(asked) != 1 || asked[0] != at {
				t.Errorf("%s the host is asked after %v, want %v", what, asked, at)
			}
			if rest := asked[0] + time.Second + pause; o.rest.Sub(start) < rest {
				t.Errorf("%s the next gateway may ask the host after %v, want %v", what, o.rest.Sub(start), rest)
			}
			asked = nil
		}
		if _, err := s.Harvest(t.Context(), src, pipeline.Order{}); err != nil {
			t.Fatal(err)
		}
		want("for a person", 5*time.Minute)
		s.Assign([]*pipeline.Job{{Source: src, Every: 24 * time.Hour}})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); _ = s.Run(ctx) }()
		time.Sleep(time.Hour)
		if due := s.Due("s").Sub(start); due != 2*time.Hour {
			t.Errorf("the source is due after %v", due)
		}
		time.Sleep(2 * time.Hour)
		stop()
		<-ended
		want("when it is due", 2*time.Hour+pause)
	})
}
