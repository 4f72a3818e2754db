package events

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

var errEnough = errors.New("enough")

// watch gives the seqs of the first n events that a consumer of its own sees.
func watch(t *testing.T, url string, f Filter, n int) ([]int64, error) {
	t.Helper()
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	var got []int64
	err = Watch(t.Context(), nc, f, func(m Message) error {
		if e := parse(t, m.Data); e.seq() != m.Seq || e.prev() != m.Prev {
			t.Errorf("headers say %d after %d, the event says %d after %d", m.Seq, m.Prev, e.seq(), e.prev())
		}
		if got = append(got, m.Seq); len(got) == n {
			return errEnough
		}
		return nil
	})
	return got, err
}

func at(epoch, seq int64) pipeline.Cursor { return pipeline.Cursor{Epoch: epoch, Seq: seq} }

func TestWatchGoesOnFromAPlace(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := connect(t, s.URL(), nil)
	es := changes(1, 40)
	for i := range es {
		es[i].Seq *= 10 // holes, as compaction leaves them
		es[i].Prev *= 10
		if i%4 == 0 {
			es[i].Source = "other"
		}
	}
	publish(t, c, tail(t, c), es)
	js := jet(t, s)
	st, err := js.Stream(t.Context(), "SHEAF_RECORDS")
	if err != nil {
		t.Fatal(err)
	}
	for n := uint64(1); n <= 10; n++ {
		if err := st.DeleteMsg(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct {
		f    Filter
		want []int64
		err  error
	}{
		"on an event":               {Filter{After: at(1, 200)}, []int64{210, 220, 230}, nil},
		"in a hole":                 {Filter{After: at(1, 205)}, []int64{210, 220, 230}, nil},
		"one source":                {Filter{After: at(1, 200), Source: "other"}, []int64{210, 250, 290}, nil},
		"just what is left":         {Filter{After: at(1, 100)}, []int64{110, 120, 130}, nil},
		"before what is left":       {Filter{After: at(1, 99)}, nil, ErrGap},
		"from the start of the log": {Filter{After: at(1, 0)}, nil, ErrGap},
		"an epoch that has ended":   {Filter{After: at(0, 400)}, nil, ErrOtherEpoch},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := watch(t, s.URL(), tt.f, 3)
			if tt.err == nil {
				tt.err = errEnough
			}
			if !errors.Is(err, tt.err) || !slices.Equal(got, tt.want) {
				t.Errorf("got %v, %v; want %v, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

// What others have put into the stream, wherever in it, hides no event and ends nothing.
func TestWatchPassesOverStrays(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := connect(t, s.URL(), nil)
	js := jet(t, s)
	last := tail(t, c)
	stray := func(n int) {
		t.Helper()
		for range n {
			if _, err := js.Publish(t.Context(), "sheaf.v1.records.cold-war.p00.upserted", []byte("stray")); err != nil {
				t.Fatal(err)
			}
		}
		last = tail(t, c)
	}
	stray(3)
	for n := int64(1); n <= 30; n += 10 {
		publish(t, c, last, changes(n, n+9))
		stray(4)
	}
	for _, after := range []int64{0, 1, 9, 10, 11, 20, 29} {
		got, err := watch(t, s.URL(), Filter{After: at(1, after)}, int(30-after))
		if !errors.Is(err, errEnough) || !slices.Equal(got, seqs(after+1, 30)) {
			t.Errorf("after %d: %v, %v", after, got, err)
		}
	}
}

// A consumer that waits at the end is given what comes, and is told if that doesn't follow.
func TestWatchAtTheEnd(t *testing.T) {
	for name, tt := range map[string]struct {
		after pipeline.Cursor
		want  []int64
		err   error
	}{
		"what is new":  {pipeline.Cursor{}, []int64{31, 32}, errEnough},
		"right behind": {at(1, 30), []int64{31, 32}, errEnough},
		"too early":    {at(1, 29), nil, ErrGap},
		"other epoch":  {at(0, 30), nil, ErrOtherEpoch},
	} {
		t.Run(name, func(t *testing.T) {
			s := startServer(t, t.TempDir())
			c := connect(t, s.URL(), nil)
			last := publish(t, c, tail(t, c), changes(1, 30))
			js := jet(t, s)
			st, err := js.Stream(t.Context(), "SHEAF_RECORDS")
			if err != nil {
				t.Fatal(err)
			}
			removeAll(t, st, 0)
			done := make(chan struct{})
			var got []int64
			go func() {
				defer close(done)
				got, err = watch(t, s.URL(), Filter{After: tt.after}, 2)
			}()
			wait(t, "the consumer to be there", func() bool {
				i, err := st.Info(t.Context())
				return err == nil && i.State.Consumers == 1
			})
			publish(t, c, last, changes(31, 33))
			<-done
			if !errors.Is(err, tt.err) || !slices.Equal(got, tt.want) {
				t.Errorf("got %v, %v; want %v, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

// A consumer that waits for what is new is told behind which place that is, so that it can say how to go on although nothing
// came.
func TestWatchBegins(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := connect(t, s.URL(), nil)
	publish(t, c, tail(t, c), changes(1, 30))
	begins := func(after pipeline.Cursor) pipeline.Cursor {
		told := make(chan pipeline.Cursor, 1)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		nc, err := nats.Connect(s.URL())
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		f := Filter{After: after, Begins: func(c pipeline.Cursor) { told <- c; cancel() }}
		err = Watch(ctx, nc, f, func(Message) error { return errEnough })
		if !errors.Is(err, context.Canceled) && !errors.Is(err, errEnough) {
			t.Error(err)
		}
		close(told)
		return <-told
	}
	if got := begins(pipeline.Cursor{}); got != at(1, 30) {
		t.Errorf("at the end of the stream a consumer begins behind %v", got)
	}
	if got := begins(at(1, 7)); got != (pipeline.Cursor{}) {
		t.Errorf("a consumer that asked for what is behind 7 is told %v", got)
	}
}

func TestWatchEnds(t *testing.T) {
	s := startServer(t, t.TempDir())
	if _, err := watch(t, s.URL(), Filter{}, 1); err == nil {
		t.Error("there is no stream, and Watch says nothing")
	}
	c := connect(t, s.URL(), nil)
	tail(t, c)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Watch(ctx, c.Conn(), Filter{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("with its context ended Watch says %v", err)
	}
}

// A consumer's line is cut, and the broker restarted: it sees every event once all the same.
func TestWatchGoesOnAfterACut(t *testing.T) {
	dir := t.TempDir()
	s := startServer(t, dir)
	p := newLine(t, s.Addr().String())
	c := connect(t, p.url(), nil)
	last := publish(t, c, tail(t, c), changes(1, 10))
	nc, err := nats.Connect(p.url(), nats.MaxReconnects(-1), nats.ReconnectWait(time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	got := make(chan int64, 100)
	done := make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		done <- Watch(ctx, nc, Filter{After: at(1, 5)}, func(m Message) error { got <- m.Seq; return nil })
	}()
	expect := func(n, m int64) {
		t.Helper()
		for ; n <= m; n++ {
			select {
			case seq := <-got:
				if seq != n {
					t.Fatalf("event %d came, want %d", seq, n)
				}
			case err := <-done:
				t.Fatalf("waiting for event %d: %v", n, err)
			case <-time.After(time.Minute):
				t.Fatalf("event %d did not come", n)
			}
		}
	}
	expect(6, 10)
	p.cut()
	wait(t, "a connection", func() bool { return c.Connected() && c.nc.Stats().Reconnects > 0 })
	last = publish(t, c, last, changes(11, 20))
	expect(11, 20)
	stop(t, s)
	wait(t, "the loss to be noticed", func() bool { return !c.Connected() })
	s = startServer(t, dir)
	p.set(func(p *line) { p.to = s.Addr().String() })
	wait(t, "a connection", c.Connected)
	publish(t, c, last, changes(21, 30))
	expect(21, 30)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Watch ended with %v", err)
	}
}
