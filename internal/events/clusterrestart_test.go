package events

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A steadyLog grows by a record every few milliseconds.
type steadyLog struct {
	mu     sync.Mutex
	events []pipeline.Event
	grown  chan struct{}
	mark   pipeline.Mark
}

func newSteadyLog(t testing.TB) *steadyLog {
	l := &steadyLog{grown: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	var growing sync.WaitGroup
	growing.Go(func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-tick.C:
				l.grow()
			}
		}
	})
	t.Cleanup(func() { cancel(); growing.Wait() })
	return l
}

func (l *steadyLog) grow() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, change(int64(len(l.events)+1)))
	close(l.grown)
	l.grown = make(chan struct{})
}

func (l *steadyLog) head() pipeline.Head {
	return pipeline.Head{Cursor: pipeline.Cursor{Epoch: 1, Seq: int64(len(l.events))}, Datestamp: firstDay}
}

func (l *steadyLog) Head(context.Context) (pipeline.Head, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head(), nil
}

func (l *steadyLog) Read(_ context.Context, after int64, limit int) ([]pipeline.Record, pipeline.Head, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []pipeline.Record
	for _, e := range l.events[after:min(after+int64(limit), int64(len(l.events)))] {
		out = append(out, e.Record)
	}
	return out, l.head(), nil
}

func (l *steadyLog) Record(context.Context, string) (*pipeline.Record, error) {
	return nil, pipeline.ErrNotFound
}

func (l *steadyLog) Changed() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.grown
}

func (l *steadyLog) Mark(context.Context) (pipeline.Mark, error)      { return l.mark, nil }
func (l *steadyLog) SetMark(_ context.Context, m pipeline.Mark) error { l.mark = m; return nil }
func (l *steadyLog) Epochs(context.Context) ([]pipeline.Cursor, error) {
	return []pipeline.Cursor{{Epoch: 1}}, nil
}
func (l *steadyLog) Stamped(_ context.Context, seq int64) (time.Time, error) {
	return change(seq).Datestamp, nil
}
func (l *steadyLog) NewEpoch(context.Context, pipeline.Head, string) error {
	panic("the log has not gone back")
}

// failing is told of each try that came to nothing.
type failing struct{ t testing.TB }

func (failing) Published([]pipeline.Event, pipeline.Head) {}
func (f failing) PublishFailed(err error)                 { f.t.Log(err) }
func (failing) CaughtUp(pipeline.Cursor)                  {}

// When the server that leads the stream is started anew, what was sent to it is lost, and the gateway's connection to
// another one stays. The relay does not wait for an answer as long as it might: here that would be for an hour.
func TestRestartOfTheLeaderCostsLittle(t *testing.T) {
	if testing.Short() {
		t.Skip("a cluster takes its time to elect a leader")
	}
	c := newTrio(t)
	client := connect(t, c.urls()[0], func(o *Options) { o.Replicas, o.Timeout = 3, time.Hour })
	l := newSteadyLog(t)
	r := &pipeline.Relay{Log: l, Publisher: client, Observer: failing{t}, Logger: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var relaying sync.WaitGroup
	relaying.Go(func() { _ = r.Run(ctx) })
	for range 4 {
		published(t, client)
		leader := 0
		waitFor(t, time.Minute, "another server to lead than the one that the gateway is connected to", func() bool {
			if leader = c.leader(); leader == 0 {
				c.stepDown()
			}
			return leader > 0
		})
		c.kill(leader)
		c.start(leader)
	}
	published(t, client)
	cancel()
	relaying.Wait()
	var last time.Time
	var longest time.Duration
	for i, m := range messages(t, c.stream(), "SHEAF_RECORDS") {
		if at, prev, err := cursorOf(m.Header); err != nil || at.Seq != int64(i+1) || prev != int64(i) {
			t.Fatalf("message %d is event %d behind %d: %v", i+1, at.Seq, prev, err)
		}
		if i > 0 {
			longest = max(longest, m.Time.Sub(last))
		}
		last = m.Time
	}
	t.Logf("without events for at most %v", longest)
	c.replicasAgree()
}
