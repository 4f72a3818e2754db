package app_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/store"
)

// A wire is the way of one gateway to the database, which can be cut.
type wire struct {
	to  string // the socket of the server
	dsn string // of the database, over the wire

	mu   sync.Mutex
	cut  bool
	open map[net.Conn]bool
}

// newWire lays a wire to the server that a DSN names.
func newWire(t *testing.T, dsn string) *wire {
	t.Helper()
	dir, err := os.MkdirTemp("", "wire") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	host, rest, _ := strings.Cut(strings.TrimPrefix(dsn, "host="), " ")
	w := &wire{to: filepath.Join(host, ".s.PGSQL.5432"), dsn: "host=" + dir + " " + rest, open: map[net.Conn]bool{}}
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		w.set(true)
		all.Wait()
	})
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { w.carry(c) })
		}
	})
	return w
}

// carry passes a connection on until one of its ends is closed.
func (w *wire) carry(c net.Conn) {
	defer c.Close()
	server, err := net.Dial("unix", w.to)
	if err != nil {
		return
	}
	defer server.Close()
	w.mu.Lock()
	if w.cut {
		w.mu.Unlock()
		return
	}
	w.open[c] = true
	w.mu.Unlock()
	ended := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{c, server}, {server, c}} {
		go func() {
			_, _ = io.Copy(way[0], way[1])
			_, _ = c.Close(), server.Close()
			ended <- struct{}{}
		}()
	}
	<-ended
	<-ended
	w.mu.Lock()
	delete(w.open, c)
	w.mu.Unlock()
}

// set cuts the wire, or mends it.
func (w *wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut = cut; cut {
		for c := range w.open {
			_ = c.Close()
		}
	}
}

// Three gateways on one log publish to one NATS server, one at a time. The one that publishes is killed, stopped for longer than
// its lease lasts and continued, and cut off from the database, while records change all the time: each change is in the stream
// once and in order, and whatever the one that was stopped still sends does not land.
func TestPublishingIsHandedOver(t *testing.T) {
	if testing.Short() {
		t.Skip("each time another gateway takes over, the lease of the one before must end")
	}
	src, b := newProvider(t, 20), newBroker(t)
	b.up(t)
	base, section := onPostgres(t)
	general := "gateway: {name: Three, namespace: test.example.org, contact: test@example.org}\nlisten: {public: '127.0.0.1:0', ops: '127.0.0.1:0'}\n"

	// It writes, and does not publish.
	commands := commanded(t, t.TempDir(), fmt.Sprintf("%sevents: {kind: none}\n%ssources: {src: {kind: oai, from: '%s', overlap: 2s, hold: {deleted: never}}}\n", general, section, src.url))

	type gateway struct {
		*child
		*wire
		dir string
	}
	var all []*gateway
	begin := func(g *gateway) {
		t.Helper()
		g.child = spawn(t, filepath.Join(g.dir, "sheaf.yaml"), childDue+"=1")
	}
	for range 3 {
		g := &gateway{wire: newWire(t, base.DSN()), dir: t.TempDir()}
		text := fmt.Sprintf("%s%sstore: {kind: postgres, dsn_file: dsn, max_connections: 6}\n", general, b.config())
		if err := errors.Join(os.WriteFile(filepath.Join(g.dir, "dsn"), []byte(g.dsn), 0o600), os.WriteFile(filepath.Join(g.dir, "sheaf.yaml"), []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
		begin(g)
		defer func() { g.kill(t) }()
		all = append(all, g)
	}
	publisher := func() *gateway {
		t.Helper()
		place := holder(t, commands)
		for _, g := range all {
			if strings.Contains(place, g.dir+"/") {
				return g
			}
		}
		return nil
	}

	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			for i := range 40 {
				src.put((n*13+i*7)%300, fmt.Sprintf("title %d", n))
			}
			if line, err := harvest(t.Context(), commands, "src", false); err != nil || line.Error != "" {
				stopped <- fmt.Errorf("%+v, %w", line, err)
				return
			}
		}
	}()
	published := func(g *gateway) (seq float64) {
		t.Helper()
		_, metrics := fetch(t, g.ops+"metrics", "test")
		_, text, _ := strings.Cut(metrics, "\nsheaf_relay_seq ")
		_, _ = fmt.Sscan(text, &seq)
		return seq
	}
	// handedOver is called while a gateway can't work, and waits until another one does, and publishes, and publishes more.
	handedOver := func(from *gateway) {
		t.Helper()
		began := time.Now()
		var to *gateway
		var first float64
		waitFor(t, "another gateway to take over", func() bool {
			now := publisher()
			if now == nil || now == from {
				return false
			}
			seq := published(now)
			if now != to || first == 0 { // on a slow machine the work may go on to the third one
				to, first = now, seq
			}
			return seq > first
		})
		t.Logf("after %v another gateway has taken over", time.Since(began))
	}
	working := func() (g *gateway) {
		t.Helper()
		waitFor(t, "a gateway to work", func() bool { g = publisher(); return g != nil })
		return g
	}

	killed := working()
	killed.kill(t)
	handedOver(killed)
	begin(killed)

	frozen := working()
	signal := func(s syscall.Signal) {
		t.Helper()
		if err := frozen.cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	signal(syscall.SIGSTOP)
	handedOver(frozen)
	time.Sleep(time.Until(began.Add(30 * time.Second))) // what it had in hand is much older than its lease when it goes on
	signal(syscall.SIGCONT)

	off := working()
	off.set(true)
	handedOver(off)
	off.set(false)

	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	info, err := commands.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "everything to be in the stream", func() bool {
		g := publisher()
		return g != nil && published(g) == float64(info.Head.Seq)
	})
	checkStream(t, readStream(t, b.url()), records(t, commands), info.Head.Epoch)
}

// holder is where the gateway runs that the database says does the work; empty if none does.
func holder(t *testing.T, c *control.Client) string {
	t.Helper()
	info, err := c.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range info.Gateways {
		for _, l := range p.Holds {
			if l.Name == store.WorkLease {
				return p.Place
			}
		}
	}
	return ""
}
