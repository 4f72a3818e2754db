package events

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A smallLog is a log in memory: one row for each record, which moves to the end when it changes.
type smallLog struct {
	mu   sync.Mutex
	rows map[string]pipeline.Event
	head int64
	busy int // at each of the next so many reads, records change
}

func (l *smallLog) touch(record int) {
	l.head++
	e := change(l.head)
	e.Identifier = fmt.Sprintf("oai:gateway.example.org:cold-war/r%d", record)
	l.rows[e.Identifier] = e
}

// read gives up to limit events after seq, and whether nothing will change any more.
func (l *smallLog) read(seq int64, limit int) (es []pipeline.Event, done bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.rows {
		if e.Seq > seq {
			es = append(es, e)
		}
	}
	slices.SortFunc(es, func(a, b pipeline.Event) int { return int(a.Seq - b.Seq) })
	es = es[:min(limit, len(es))]
	for i := range es {
		es[i].Prev = seq
		seq = es[i].Seq
	}
	for range min(l.busy, 1) * 50 {
		l.touch(rand.IntN(400))
	}
	l.busy = max(l.busy-1, 0)
	return es, l.busy == 0
}

// relay publishes the log until all of it is in the stream. It gives the number of failures.
func relay(ctx context.Context, t *testing.T, c *Client, l *smallLog, r *rand.Rand) int {
	failures, located := 0, false
	var at pipeline.Tail
	for ctx.Err() == nil {
		var err error
		if !located {
			if at, err = c.Tail(ctx); err != nil {
				failures++
				time.Sleep(time.Millisecond)
				continue
			}
			located = true
		}
		es, done := l.read(at.Seq, 1+r.IntN(700))
		if len(es) == 0 && done {
			return failures
		}
		if at, err = c.Publish(ctx, at, es); err != nil {
			failures++
			located = false
		}
	}
	t.Error("the relay did not come to the end")
	return failures
}

// checkStream holds the stream against the log: in log order, without a repetition, each event naming
// the one before it, and each record's last event its final state.
func checkStream(t *testing.T, s nats.InProcessConnProvider, l *smallLog) {
	t.Helper()
	last := map[string]int64{}
	prev := int64(0)
	for _, m := range messages(t, s, "SHEAF_RECORDS") {
		e := parse(t, m.Data)
		if e.seq() <= prev {
			t.Errorf("message %d: seq %d follows %d", m.Sequence, e.seq(), prev)
		}
		if e.prev() != prev || m.Header.Get(headerPrev) != fmt.Sprint(prev) {
			t.Errorf("message %d: seq %d says that %d was before it, and that was %d", m.Sequence, e.seq(), e.prev(), prev)
		}
		prev = e.seq()
		last[e.Data.Identifier] = e.seq()
	}
	for id, e := range l.rows {
		if last[id] != e.Seq {
			t.Errorf("%s: the stream ends with its state %d, the log has %d", id, last[id], e.Seq)
		}
	}
}

func TestExactlyOnceWhateverIsCut(t *testing.T) {
	s := startServer(t, t.TempDir())
	p := newLine(t, s.Addr().String())
	c := connect(t, p.url(), func(o *Options) { o.Timeout = time.Second })
	l := &smallLog{rows: map[string]pipeline.Event{}}
	for i := range 4000 {
		l.touch(i)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	r := rand.New(rand.NewPCG(1, 2))
	var cutting sync.WaitGroup
	stopCutting := make(chan struct{})
	cutting.Go(func() {
		// The next cut is a random number of bytes after the last, or when a while has passed; half of
		// the time the answers are lost before the line is.
		cuts := rand.New(rand.NewPCG(3, 4))
		for range 40 {
			p.set(func(p *line) { p.after, p.deaf = 1+cuts.IntN(400_000), cuts.IntN(2) == 0 })
			while := time.Now().Add(150 * time.Millisecond)
			for armed := true; armed; {
				select {
				case <-stopCutting:
					p.set(func(p *line) { p.after = 0 })
					return
				case <-time.After(time.Millisecond):
				}
				p.set(func(p *line) { armed = p.after > 0 })
				if armed && time.Now().After(while) {
					p.cut()
					break
				}
			}
		}
		p.set(func(p *line) { p.after = 0 })
	})
	failures := relay(ctx, t, c, l, r)
	close(stopCutting)
	cutting.Wait()
	checkStream(t, s, l)
	if failures < 3 {
		t.Errorf("only %d failures: the line was hardly cut", failures)
	}
	t.Logf("%d failures", failures)
}

func TestTwoRelaysAtOnce(t *testing.T) {
	s := startServer(t, t.TempDir())
	l := &smallLog{rows: map[string]pipeline.Event{}, busy: 80}
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	failures := make([]int, 2)
	for i := range failures {
		p := newLine(t, s.Addr().String())
		c := connect(t, p.url(), func(o *Options) { o.Timeout = 2 * time.Second })
		r := rand.New(rand.NewPCG(5, uint64(i)))
		wg.Go(func() {
			p.set(func(p *line) { p.after = 1 + r.IntN(100_000) })
			failures[i] = relay(ctx, t, c, l, r)
		})
	}
	wg.Wait()
	checkStream(t, s, l)
	if failures[0]+failures[1] == 0 {
		t.Error("the two never met")
	}
}

// A relay loses its line with messages on it; another takes over. All states that wait on the line have
// been overwritten meanwhile by one, so the number of messages in the stream is just what the second
// of the late ones expects. Only the message id tells.
func TestLateMessagesOfAStaleRelay(t *testing.T) {
	s := startServer(t, t.TempDir())
	p := newLine(t, s.Addr().String())
	stale := connect(t, p.url(), nil)
	next := connect(t, s.URL(), nil)

	five := publish(t, stale, tail(t, stale), changes(1, 5))
	p.hold()
	stale.bear(200 * time.Millisecond)
	if got, err := stale.Publish(t.Context(), five, changes(6, 20)); err == nil || got != five {
		t.Fatalf("with the line held up Publish came to %v: %v", got, err)
	}
	newest := change(21)
	newest.Prev = 5
	after := publish(t, next, tail(t, next), []pipeline.Event{newest})
	p.open()
	stale.bear(time.Minute)
	// The late messages are through when the line answers again.
	wait(t, "an answer on the stale line", func() bool { _, err := stale.Tail(t.Context()); return err == nil })
	if got := tail(t, next); got != after {
		t.Errorf("the stream ends with %v, want %v", got, after)
	}
	publish(t, next, after, changes(22, 24))
	publish(t, stale, tail(t, stale), changes(25, 26))
	if got, want := stored(t, s), append(seqs(1, 5), seqs(21, 26)...); !slices.Equal(got, want) {
		t.Errorf("the stream holds %v, want %v", got, want)
	}
}
