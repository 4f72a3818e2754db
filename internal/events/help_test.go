package events

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const namespace = "gateway.example.org"

// A cluster is a NATS server of somebody else's, where the gateway is a client like any other.
type cluster struct{ *server.Server }

func (c cluster) URL() string { return c.ClientURL() }

func startServer(t testing.TB, dir string) cluster {
	t.Helper()
	return started(t, &server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: dir, JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 1 << 30,
	})
}

// started is a server that accepts connections, until the test ends.
func started(t testing.TB, o *server.Options) cluster {
	t.Helper()
	ns, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	ns.Start()
	c := cluster{ns}
	t.Cleanup(func() { stop(t, c) })
	if !ns.ReadyForConnections(time.Minute) {
		t.Fatal("the NATS server did not start")
	}
	return c
}

func stop(t testing.TB, c cluster) {
	t.Helper()
	c.Shutdown()
	c.WaitForShutdown()
}

// embedded starts the gateway's own broker; change, which may be nil, sees its options first.
func embedded(t testing.TB, dir string, change func(*ServerOptions)) *Server {
	t.Helper()
	o := ServerOptions{Listen: "127.0.0.1:0", StoreDir: dir, watchEvery: 20 * time.Millisecond}
	if change != nil {
		change(&o)
	}
	s, err := StartServer(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, s) })
	return s
}

func shut(t testing.TB, s *Server) {
	t.Helper()
	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

// inside connects the gateway to its own broker.
func inside(t testing.TB, s *Server) *Client {
	t.Helper()
	return connect(t, "", func(o *Options) { o.URLs, o.Server = nil, s })
}

// connect connects a gateway over TCP; change, which may be nil, sees its options first. A broker that is to answer has a
// minute for it; bear sets less where it is not.
func connect(t testing.TB, url string, change func(*Options)) *Client {
	t.Helper()
	o := Options{URLs: []string{url}, Namespace: namespace, Replicas: 1, MaxBytes: 128 << 20, Timeout: time.Minute, reconnectWait: time.Millisecond, BaseURL: "https://gateway.example.org"}
	if change != nil {
		change(&o)
	}
	c, err := Connect(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// bear sets how long a client waits for the broker from now on.
func (c *Client) bear(d time.Duration) { c.o.Timeout, c.patience = d, newPatience(d, 1) }

// wait waits until ok, and fails the test if it doesn't come true.
func wait(t testing.TB, what string, ok func() bool) {
	t.Helper()
	waitFor(t, time.Minute, what, ok)
}

func waitFor(t testing.TB, most time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(most)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v for: %s", most, what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// waitForBroken is how long a client waits for a broker that may not answer any more.
const waitForBroken = time.Second

var firstDay = time.Date(2024, 4, 1, 8, 0, 0, 0, time.UTC)

// change is the n-th change of a log without holes, in epoch 1.
func change(n int64) pipeline.Event {
	e := pipeline.Event{Epoch: 1, Prev: n - 1, Record: pipeline.Record{
		Identifier: fmt.Sprintf("oai:gateway.example.org:cold-war/%d", n%97), Source: "cold-war",
		Seq: n, Version: n/97 + 1, Datestamp: firstDay.Add(time.Duration(n) * time.Second),
		Sets: []string{"cold-war"}, Origin: pipeline.Origin{Format: harvest.Format{Prefix: "listing"}},
		DC: fmt.Appendf(nil, `{"title":[{"value":"Report no. %d on the harbour","lang":"en"}],"created":[{"value":"1957-04","scheme":"W3CDTF"}]}`, n),
	}}
	if n%7 == 0 {
		e.Deleted = pipeline.SourceDeleted
	}
	return e
}

// changes are the changes from n up to and with m.
func changes(n, m int64) []pipeline.Event {
	var es []pipeline.Event
	for ; n <= m; n++ {
		es = append(es, change(n))
	}
	return es
}

func tail(t testing.TB, c *Client) pipeline.Tail {
	t.Helper()
	tl, err := c.Tail(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return tl
}

func publish(t testing.TB, c *Client, after pipeline.Tail, es []pipeline.Event) pipeline.Tail {
	t.Helper()
	tl, err := c.Publish(t.Context(), after, es)
	if err != nil {
		t.Fatal(err)
	}
	return tl
}

// stored reads the seqs of all messages of the stream of records, in stream order, over a connection
// of its own.
func stored(t testing.TB, s nats.InProcessConnProvider) []int64 {
	t.Helper()
	var seqs []int64
	for _, m := range messages(t, s, "SHEAF_RECORDS") {
		at, _, _, err := place(m.Header, m.Data)
		if err != nil {
			t.Fatal(err)
		}
		seqs = append(seqs, at.Seq)
	}
	return seqs
}

func messages(t testing.TB, s nats.InProcessConnProvider, stream string) []*jetstream.RawStreamMsg {
	t.Helper()
	js := jet(t, s)
	// A cluster that is choosing a leader answers nothing: it is asked again.
	answer := func(what string, ask func(context.Context) error) {
		t.Helper()
		wait(t, what, func() bool {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			return ask(ctx) == nil
		})
	}
	var st jetstream.Stream
	answer("the stream", func(ctx context.Context) (err error) {
		st, err = js.Stream(ctx, stream)
		return err
	})
	state := st.CachedInfo().State
	var all []*jetstream.RawStreamMsg
	for n := state.FirstSeq; n <= state.LastSeq; n++ {
		answer(fmt.Sprint("message ", n), func(ctx context.Context) error {
			m, err := st.GetMsg(ctx, n)
			if errors.Is(err, jetstream.ErrMsgNotFound) {
				return nil
			}
			if err == nil {
				all = append(all, m)
			}
			return err
		})
	}
	return all
}

func jet(t testing.TB, s nats.InProcessConnProvider) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// A line is a TCP proxy that can be cut, and that can hold back what clients send.
type line struct {
	l net.Listener

	mu      sync.Mutex
	to      string
	conns   []net.Conn
	after   int           // cut when this many bytes more have gone to the server; 0: never
	gate    chan struct{} // while not nil, what clients send waits here
	deaf    bool          // shortly before the cut, what the server says is thrown away
	refuse  bool
	waiters sync.WaitGroup
}

func newLine(t testing.TB, to string) *line {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &line{l: l, to: to}
	p.waiters.Go(p.accept)
	t.Cleanup(func() {
		l.Close()
		p.open()
		p.cut()
		p.waiters.Wait()
	})
	return p
}

func (p *line) url() string { return "nats://" + p.l.Addr().String() }

func (p *line) accept() {
	for {
		in, err := p.l.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		to, refuse := p.to, p.refuse
		p.mu.Unlock()
		out, err := net.Dial("tcp", to)
		if err != nil || refuse {
			in.Close()
			if out != nil {
				out.Close()
			}
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, in, out)
		p.mu.Unlock()
		p.waiters.Go(func() { p.upstream(out, in) })
		p.waiters.Go(func() { p.downstream(in, out) })
	}
}

// upstream carries what the client sends, one small piece at a time, so that a cut falls anywhere.
func (p *line) upstream(server, client net.Conn) {
	defer server.Close()
	defer client.Close()
	b := make([]byte, 4<<10)
	for {
		n, err := client.Read(b)
		p.mu.Lock()
		gate, last := p.gate, false
		if p.after > 0 {
			if p.after -= n; p.after <= 0 {
				n, p.after, last = n+p.after, 0, true
			}
		}
		p.mu.Unlock()
		if gate != nil {
			<-gate
		}
		if _, werr := server.Write(b[:n]); err != nil || werr != nil {
			return
		}
		if last {
			p.cut()
			return
		}
	}
}

func (p *line) downstream(client, server net.Conn) {
	defer client.Close()
	b := make([]byte, 4<<10)
	for {
		n, err := server.Read(b)
		p.mu.Lock()
		deaf := p.deaf && 0 < p.after && p.after < 100_000
		p.mu.Unlock()
		if n > 0 && !deaf {
			client.Write(b[:n])
		}
		if err != nil {
			return
		}
	}
}

// cut cuts all connections.
func (p *line) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
}

func (p *line) set(change func(*line)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(p)
}

// hold makes what clients send from now on wait for open.
func (p *line) hold() { p.set(func(p *line) { p.gate = make(chan struct{}) }) }

func (p *line) open() {
	p.set(func(p *line) {
		if p.gate != nil {
			close(p.gate)
			p.gate = nil
		}
	})
}

func noticeOf(kind, source string) pipeline.Notice {
	return pipeline.Notice{Type: kind, Source: source, Time: firstDay}
}
