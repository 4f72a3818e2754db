package events

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// One address can't take all places, and the gateway's own connection comes back whatever others hold.
func TestConnectionsAreBounded(t *testing.T) {
	s := embedded(t, t.TempDir(), nil)
	c := inside(t, s)
	publish(t, c, tail(t, c), changes(1, 3))
	var held []*nats.Conn
	var err error
	for range maxConnections {
		var nc *nats.Conn
		if nc, err = nats.Connect(s.URL(), nats.NoReconnect()); err != nil {
			break
		}
		defer nc.Close()
		held = append(held, nc)
	}
	if !errors.Is(err, nats.ErrAuthorization) || len(held) != maxPerAddress {
		t.Errorf("%d connections of one address, then %v; want %d", len(held), err, maxPerAddress)
	}
	if err := s.server().DisconnectClientByID(clientID(t, c)); err != nil {
		t.Fatal(err)
	}
	wait(t, "the gateway to connect again", func() bool { return c.nc.Stats().Reconnects == 1 && c.Connected() })
	publish(t, c, tail(t, c), changes(4, 6))
	held[0].Close()
	wait(t, "a place that was left to be free", func() bool {
		nc, err := nats.Connect(s.URL())
		if err == nil {
			nc.Close()
		}
		return err == nil
	})
	for _, files := range []int{0, 256, 1024, 1 << 20} {
		if n := connections(files); n < 16 || n > 1024 || files >= 256 && n > files/4 {
			t.Errorf("%d connections where %d files may be open", n, files)
		}
	}
}

func clientID(t *testing.T, c *Client) uint64 {
	t.Helper()
	id, err := c.nc.GetClientID()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Subscribers that don't read hold little of the gateway's memory, all together; those that do read go on.
func TestSlowSubscribersAreBounded(t *testing.T) {
	s := embedded(t, t.TempDir(), nil)
	c := inside(t, s)
	for range 40 {
		stuck(t, s, "sheaf.v1.records.>")
	}
	awake := reader(t, s)
	var heard atomic.Int64
	if _, err := awake.Subscribe("sheaf.v1.records.>", func(m *nats.Msg) {
		if m.Header.Get(headerSeq) == fmt.Sprint(heard.Load()+1) {
			heard.Add(1)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if err := awake.Flush(); err != nil {
		t.Fatal(err)
	}
	before, most := inUse(), uint64(0)
	last := tail(t, c)
	const rounds, each = 40, 100
	for n := int64(0); n < rounds; n++ {
		last = publish(t, c, last, large(n*each+1, (n+1)*each))
		most = max(most, inUse())
	}
	if grown := int64(most) - int64(before); grown > 200<<20 {
		t.Errorf("40 subscribers that don't read took %d MB", grown>>20)
	}
	wait(t, "the one that reads to have heard all", func() bool { return heard.Load() == rounds*each })
}

// stuck subscribes and never reads.
func stuck(t *testing.T, s *Server, subject string) {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "CONNECT {\"verbose\":false,\"headers\":true}\r\nSUB %s 1\r\nPING\r\n", subject)
	lines := bufio.NewReaderSize(conn, 4096)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(line, "PONG") {
			return
		}
	}
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// large are changes of 30 kB each that the broker can not pack.
func large(n, m int64) []pipeline.Event {
	es := changes(n, m)
	for i := range es {
		text := make([]byte, 24<<10)
		_, _ = rand.NewChaCha8([32]byte{byte(es[i].Seq), byte(es[i].Seq >> 8)}).Read(text) // it has no errors
		es[i].DC = fmt.Appendf(nil, `{"title":[{"value":"%s"}]}`, base64.StdEncoding.EncodeToString(text))
		es[i].Deleted = ""
	}
	return es
}

func TestSubscriptionsAndConsumersAreBounded(t *testing.T) {
	s := embedded(t, t.TempDir(), nil)
	c := inside(t, s)
	tail(t, c)
	nc := reader(t, s, nats.NoReconnect())
	for n := range 10 * maxSubs {
		if _, err := nc.Subscribe(fmt.Sprintf("sheaf.v1.records.s%d.>", n), func(*nats.Msg) {}); err != nil {
			break
		}
	}
	_ = nc.Flush()
	if n := open(s.server())[0].NumSubs; n > maxSubs {
		t.Errorf("one connection has %d subscriptions", n)
	}
	js := jetOf(t, reader(t, s))
	for n := range 2 * maxConsumers {
		_, err := js.CreateConsumer(t.Context(), "SHEAF_RECORDS", jetstream.ConsumerConfig{Durable: fmt.Sprint("d", n), AckPolicy: jetstream.AckExplicitPolicy})
		if err != nil {
			if n != maxConsumers || !strings.Contains(err.Error(), "maximum consumers limit") {
				t.Errorf("consumer %d: %v", n, err)
			}
			break
		}
	}
	st, err := js.Stream(t.Context(), "SHEAF_RECORDS")
	if err != nil {
		t.Fatal(err)
	}
	if n := st.CachedInfo().State.Consumers; n != maxConsumers {
		t.Errorf("there are %d consumers", n)
	}
	i, err := st.Consumer(t.Context(), "d0")
	if err != nil {
		t.Fatal(err)
	}
	if got := i.CachedInfo().Config.InactiveThreshold; got != maxInactive {
		t.Errorf("a durable consumer that nobody uses stays %v", got)
	}
}
