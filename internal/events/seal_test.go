package events

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

func sealing(o *Options) { o.Log, o.Key = "log-1", []byte("secret of log 1") }

// openStream is a stream of a log that seals, on a server that lets everybody write.
func openStream(t *testing.T) (s nats.InProcessConnProvider, c *Client, last pipeline.Tail) {
	t.Helper()
	server := startServer(t, t.TempDir())
	c = connect(t, server.URL(), sealing)
	last = publish(t, c, tail(t, c), changes(1, 20))
	return server, c, last
}

// Whatever others put behind the last event of the log is passed over: the place of the log stays where it was,
// and publishing goes on behind it.
func TestStrayMessages(t *testing.T) {
	forged := func(epoch, seq int64, date string) *nats.Msg {
		m := nats.NewMsg("sheaf.v1.records.s.p00.upserted")
		m.Header.Set(nats.MsgIdHdr, "x@"+strconv.FormatInt(epoch, 10)+"."+strconv.FormatInt(seq, 10))
		m.Header.Set(headerEpoch, strconv.FormatInt(epoch, 10))
		m.Header.Set(headerSeq, strconv.FormatInt(seq, 10))
		m.Header.Set(headerPrev, "0")
		m.Header.Set(headerOp, opUpserted)
		m.Data = []byte(`{"time":"` + date + `"}`)
		return m
	}
	for name, strays := range map[string]func(t *testing.T, js jetstream.JetStream) []*nats.Msg{
		"a word": func(*testing.T, jetstream.JetStream) []*nats.Msg {
			return []*nats.Msg{{Subject: "sheaf.v1.records.s.p00.upserted", Data: []byte("hello")}}
		},
		"a far date": func(*testing.T, jetstream.JetStream) []*nats.Msg {
			return []*nats.Msg{forged(1, 21, "9999-12-31T23:59:59Z")}
		},
		"the last seq of all, and a place that may be": func(*testing.T, jetstream.JetStream) []*nats.Msg {
			return []*nats.Msg{forged(1, 1<<63-1, "2026-01-01T00:00:00Z"), forged(1, 40, "2026-01-01T00:00:00Z"), forged(2, 1, "2026-01-01T00:00:00Z")}
		},
		"an event of the log again": func(t *testing.T, js jetstream.JetStream) []*nats.Msg {
			st, err := js.Stream(t.Context(), "SHEAF_RECORDS")
			if err != nil {
				t.Fatal(err)
			}
			m, err := st.GetMsg(t.Context(), 7)
			if err != nil {
				t.Fatal(err)
			}
			again := &nats.Msg{Subject: m.Subject, Header: m.Header, Data: m.Data}
			again.Header.Del(headerLastMsgID)
			again.Header.Set(headerLastSeq, "20") // where it is to land now; the seal is of another place
			return []*nats.Msg{again}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, c, last := openStream(t)
			js := jet(t, s)
			n := uint64(0)
			for _, m := range strays(t, js) {
				wait(t, "the broker to forget the id", func() bool {
					ack, err := js.PublishMsg(t.Context(), m)
					if err != nil {
						t.Fatal(err)
					}
					return !ack.Duplicate
				})
				n++
			}
			got := tail(t, c)
			want := pipeline.Tail{StreamSeq: 20 + n, Cursor: last.Cursor, Datestamp: last.Datestamp}
			if got != want {
				t.Errorf("the tail is %v, want %v", got, want)
			}
			after := publish(t, c, got, changes(21, 22))
			if now := tail(t, c); now != after || now.Seq != 22 {
				t.Errorf("it went on to %v, and the tail is %v", after, now)
			}
		})
	}
}

// Another log of the same namespace is refused, until a person says that the stream is its own: then it goes on
// above what the stream ends with.
func TestAnotherLog(t *testing.T) {
	server := startServer(t, t.TempDir())
	first := connect(t, server.URL(), sealing)
	last := publish(t, first, tail(t, first), changes(1, 20))

	asked, done := false, 0
	second := connect(t, server.URL(), func(o *Options) {
		o.Log, o.Key = "log-2", []byte("another secret")
		o.TakesOver = func(context.Context) (bool, error) { return asked, nil }
		o.TookOver = func(context.Context) error { done++; return nil }
	})
	if _, err := second.Tail(t.Context()); !errors.Is(err, pipeline.ErrForeign) || !strings.Contains(err.Error(), "sheaf epoch --take-over") {
		t.Fatalf("the second log: %v", err)
	}
	asked = true
	if err := second.Notify(t.Context(), pipeline.Notice{Type: "harvest.completed", Source: "s", Time: time.Now()}); err != nil || done != 0 {
		t.Errorf("a notice came to %v, and the stream of records is taken for taken over: %d", err, done)
	}
	got := tail(t, second)
	if got.Cursor != last.Cursor || done != 1 {
		t.Fatalf("after taking the stream over it ends with %v, told %d times", got, done)
	}
	publish(t, second, got, changes(21, 22))
	if _, err := first.Tail(t.Context()); !errors.Is(err, pipeline.ErrForeign) {
		t.Errorf("the first log then: %v", err)
	}
	if now := tail(t, second); now.Seq != 22 || done != 1 {
		t.Errorf("the second log is at %v", now)
	}
}

// What others have put into the stream is read once. A neighbour that goes on and on would else keep the relay reading,
// and whenever it came to publish, the stream would end with something new.
func TestStraysAreReadOnce(t *testing.T) {
	s, c, last := openStream(t)
	js := jet(t, s)
	nc := js.Conn()
	asked, err := nc.SubscribeSync("$JS.API.STREAM.MSG.GET.SHEAF_RECORDS")
	if err != nil {
		t.Fatal(err)
	}
	// ends publishes strays, and says how many messages were read to find the tail. They are heard of a little later than
	// the tail is known: least are waited for, as many as there must be.
	ends := func(strays, least int, want pipeline.Cursor) (reads int) {
		t.Helper()
		for range strays {
			if _, err := js.Publish(t.Context(), "sheaf.v1.records.s.p00.upserted", []byte("hello")); err != nil {
				t.Fatal(err)
			}
		}
		heard := func() int {
			t.Helper()
			if err := nc.Flush(); err != nil {
				t.Fatal(err)
			}
			n, _, err := asked.Pending()
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := heard()
		if got := tail(t, c); got.Cursor != want {
			t.Errorf("the tail is %v, want %v", got.Cursor, want)
		}
		wait(t, fmt.Sprintf("%d messages to be read", least), func() bool { return heard()-before >= least })
		time.Sleep(50 * time.Millisecond) // for what is more than that
		return heard() - before
	}
	ends(200, 200, last.Cursor)
	for range 3 {
		if n := ends(2, 0, last.Cursor); n > 8 {
			t.Errorf("%d messages were read because of two that are new", n)
		}
	}
	st, err := js.Stream(t.Context(), "SHEAF_RECORDS")
	if err != nil {
		t.Fatal(err)
	}
	if err := st.DeleteMsg(t.Context(), 20); err != nil { // the last of ours
		t.Fatal(err)
	}
	ends(1, 0, pipeline.Cursor{Epoch: last.Epoch, Seq: 19})
	removeAll(t, st, 0)
	ends(0, 0, pipeline.Cursor{})
	ends(100, 100, pipeline.Cursor{})
	if n := ends(1, 0, pipeline.Cursor{}); n > 4 {
		t.Errorf("%d messages were read because of one that is new", n)
	}
}
