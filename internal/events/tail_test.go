package events

import (
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Whatever happens to the stream, Tail tells how it ends, and from there publishing goes on.
func TestTailOfADamagedStream(t *testing.T) {
	for name, tt := range map[string]struct {
		harm     func(t *testing.T, st jetstream.Stream)
		lastID   bool  // whether the last message is still there
		seq      int64 // of the last event there is
		wantSeqs []int64
	}{
		"nothing happened": {func(*testing.T, jetstream.Stream) {}, true, 20, append(seqs(1, 20), 21, 22)},
		"all removed":      {remove(0), false, 0, []int64{21, 22}},
		"all but the end":  {remove(1), true, 20, []int64{20, 21, 22}},
		"the last was removed": {func(t *testing.T, st jetstream.Stream) {
			if err := st.SecureDeleteMsg(t.Context(), 20); err != nil {
				t.Fatal(err)
			}
		}, false, 19, append(seqs(1, 19), 21, 22)},
	} {
		for _, restart := range []bool{false, true} {
			t.Run(name+map[bool]string{false: "", true: ", and a restart"}[restart], func(t *testing.T) {
				dir := t.TempDir()
				s := startServer(t, dir)
				p := newLine(t, s.Addr().String())
				c := connect(t, p.url(), nil)
				last := publish(t, c, tail(t, c), changes(1, 20))
				st, err := jet(t, s).Stream(t.Context(), "SHEAF_RECORDS")
				if err != nil {
					t.Fatal(err)
				}
				tt.harm(t, st)
				if restart {
					stop(t, s)
					if got, err := c.Publish(t.Context(), last, changes(21, 22)); err == nil || got != last {
						t.Errorf("with the broker away Publish came to %v: %v", got, err)
					}
					s = startServer(t, dir)
					p.set(func(p *line) { p.to = s.Addr().String() })
					wait(t, "a connection", c.Connected)
				}
				got := tail(t, c)
				want := pipeline.Tail{StreamSeq: 20}
				if tt.lastID {
					want.MsgID = last.MsgID
				}
				if tt.seq > 0 {
					want.Cursor, want.Datestamp = at(1, tt.seq), change(tt.seq).Datestamp
				}
				if got != want {
					t.Errorf("the tail is %v, want %v", got, want)
				}
				publish(t, c, got, changes(21, 22))
				if got := stored(t, s); !slices.Equal(got, tt.wantSeqs) {
					t.Errorf("the stream holds %v, want %v", got, tt.wantSeqs)
				}
			})
		}
	}
}

func remove(keep uint64) func(*testing.T, jetstream.Stream) {
	return func(t *testing.T, st jetstream.Stream) { removeAll(t, st, keep) }
}

// removeAll removes all messages but the last ones, one by one: our streams refuse to be purged.
func removeAll(t *testing.T, st jetstream.Stream, keep uint64) {
	t.Helper()
	if err := st.Purge(t.Context()); err == nil {
		t.Error("the stream let itself be purged")
	}
	info, err := st.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for seq := info.State.FirstSeq; seq+keep <= info.State.LastSeq; seq++ {
		if _, err := st.GetMsg(t.Context(), seq); errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err := st.DeleteMsg(t.Context(), seq); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTailOfAnExpiredStream(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := connect(t, s.URL(), func(o *Options) { o.MaxAge = 150 * time.Millisecond })
	publish(t, c, tail(t, c), changes(1, 20))
	wait(t, "the events to expire", func() bool { return tail(t, c).MsgID == "" })
	got := tail(t, c)
	if want := (pipeline.Tail{StreamSeq: 20}); got != want {
		t.Errorf("the tail is %v, want %v", got, want)
	}
	if after := publish(t, c, got, changes(21, 25)); after.StreamSeq != 25 {
		t.Errorf("from there it came to %v", after)
	}
}

func TestStreamRemoved(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := connect(t, s.URL(), nil)
	last := publish(t, c, tail(t, c), changes(1, 20))
	if err := jet(t, s).DeleteStream(t.Context(), "SHEAF_RECORDS"); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Publish(t.Context(), last, changes(21, 25)); !errors.Is(err, errRefused) || got != last {
		t.Errorf("without a stream Publish came to %v: %v", got, err)
	}
	if got := newTail(t, c); got != (pipeline.Tail{}) {
		t.Errorf("the new stream ends with %v", got)
	}
	publish(t, c, pipeline.Tail{}, changes(21, 25))
	st, err := jet(t, s).Stream(t.Context(), "SHEAF_RECORDS")
	if err != nil {
		t.Fatal(err)
	}
	if got := metadataEpoch(st.CachedInfo()); got != 1 {
		t.Errorf("the new stream's epoch is %d", got)
	}
}

// The broker is far away, and others have put many messages behind the last event: reading all of them takes longer than
// one answer may, and the end is found.
func TestTailBehindManyStraysFarAway(t *testing.T) {
	s := startServer(t, t.TempDir())
	near := connect(t, s.URL(), nil)
	publish(t, near, tail(t, near), changes(1, 20))
	js := jet(t, s)
	const strays = 600
	for range strays {
		if _, err := js.Publish(t.Context(), "sheaf.v1.records.cold-war.p00.upserted", []byte("stray")); err != nil {
			t.Fatal(err)
		}
	}
	far := connect(t, "nats://"+distant(t, s.Addr().String(), 10*time.Millisecond), func(o *Options) { o.Timeout = 4 * time.Second })
	wait(t, "the connection", far.Connected)
	if got := tail(t, far); got.Seq != 20 || got.StreamSeq != 20+strays {
		t.Errorf("the stream ends with %+v", got)
	}
}

// distant gives an address from which everything comes so much later.
func distant(t *testing.T, to string, by time.Duration) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			here, err := l.Accept()
			if err != nil {
				return
			}
			there, err := net.Dial("tcp", to)
			if err != nil {
				here.Close()
				continue
			}
			go func() { _, _ = io.Copy(there, here); there.Close() }()
			go func() {
				defer here.Close()
				b := make([]byte, 64<<10)
				for {
					n, err := there.Read(b)
					time.Sleep(by)
					if _, writeErr := here.Write(b[:n]); err != nil || writeErr != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}
