package limit_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sheaf-gateway/sheaf/internal/limit"
)

// listening serves a handler on a real listener within limits, as the gateway does, and gives its address.
func listening(t *testing.T, o limit.Options, h http.Handler) string {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	limits := limit.New(o)
	srv := &http.Server{Handler: limits.Handler(h), ConnContext: limits.ConnContext}
	served := make(chan struct{})
	go func() {
		defer close(served)
		srv.Serve(limits.Listener(inner))
	}()
	t.Cleanup(func() {
		srv.Close()
		<-served
	})
	return inner.Addr().String()
}

// patience is how long a client waits for what must come. Nothing here takes a noticeable part of it.
const patience = 2 * time.Minute

// dial opens a connection and sends what is given.
func dial(t *testing.T, address, send string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(c, send); err != nil {
		t.Fatal(err)
	}
	return c
}

const plain = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

// answered reads an answer; zero if the connection was closed instead.
func answered(c net.Conn) int {
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0
	}
	r.Body.Close()
	return r.StatusCode
}

// Connections that take all the room and ask for nothing, or never come to an end of it, keep nobody out.
func TestWhoWaitsMakesRoom(t *testing.T) {
	for name, send := range map[string]string{
		"silent":         "",
		"slow header":    "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
		"slow body":      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nverb=",
		"slow chunks":    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nverb=\r\n",
		"answered, idle": plain,
	} {
		for of, o := range map[string]limit.Options{
			"all": {Connections: 40, Concurrency: 2, Total: 2}, "an address": {ConnectionsEach: 40, Concurrency: 2, Total: 2},
		} {
			t.Run(name+" of "+of, func(t *testing.T) {
				t.Parallel()
				o.Registerer = prometheus.NewRegistry()
				address := listening(t, o, ok)
				var first net.Conn
				for i := range 100 {
					c := dial(t, address, send)
					if i == 0 {
						first = c
					}
					if send == plain && answered(c) != http.StatusOK {
						t.Fatalf("connection %d is not answered", i)
					}
				}
				if got := answered(dial(t, address, plain)); got != http.StatusOK {
					t.Errorf("behind all of them: %d", got)
				}
				first.SetDeadline(time.Now().Add(patience))
				if n, err := first.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
					t.Errorf("the one that waited longest is open: %d, %v", n, err)
				}
				text := gathered(t, o.Registerer.(*prometheus.Registry))
				if text["sheaf_public_connections_closed_total"] != 61 || text["sheaf_public_connections_refused_total"] != 0 {
					t.Errorf("the metrics say %v", text)
				}
			})
		}
	}
}

// A connection whose request is being answered is never closed to make room; then the new one is.
func TestWhoIsAnsweredIsLeftAlone(t *testing.T) {
	entered, free := make(chan struct{}), make(chan struct{})
	address := listening(t, limit.Options{Connections: 3, ConnectionsEach: 3}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			entered <- struct{}{}
			<-free
		}
	}))
	var busy []net.Conn
	for range 3 {
		busy = append(busy, dial(t, address, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"))
		<-entered
	}
	if got := answered(dial(t, address, "")); got != 0 {
		t.Errorf("a fourth connection beside three busy ones: %d", got)
	}
	close(free)
	for _, c := range busy {
		if got := answered(c); got != http.StatusOK {
			t.Errorf("a busy connection: %d", got)
		}
	}
	// A client has its answer a moment before the server counts the connection as idle.
	got := 0
	for until := time.Now().Add(patience); got != http.StatusOK && time.Now().Before(until); {
		got = answered(dial(t, address, plain))
	}
	if got != http.StatusOK {
		t.Errorf("after they were answered: %d", got)
	}
}

// However connections come, ask and go, each is counted out once: in the end there is room for all.
func TestConnectionsAreCountedOut(t *testing.T) {
	const room = 8
	entered, free := make(chan struct{}, room), make(chan struct{})
	address := listening(t, limit.Options{Connections: room, ConnectionsEach: room - 1}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			entered <- struct{}{}
			<-free
		}
	}))
	var all sync.WaitGroup
	for n := range 16 {
		all.Go(func() {
			for i := range 40 {
				c, err := net.Dial("tcp", address)
				if err != nil {
					t.Error(err)
					return
				}
				c.SetDeadline(time.Now().Add(patience))
				if i%3 != 0 {
					fmt.Fprint(c, plain)
					if (i+n)%2 == 0 {
						answered(c)
					}
				}
				c.Close()
			}
		})
	}
	all.Wait()
	for i := range room - 1 {
		for given := time.After(patience); ; { // the server may be answering some that have gone: then it closes the new one
			c := dial(t, address, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
			closed := make(chan struct{})
			go func() {
				answered(c)
				close(closed)
			}()
			select {
			case <-entered:
			case <-closed:
				continue
			case <-given:
				t.Fatalf("there is room for %d connections only", i)
			}
			break
		}
	}
	if got := answered(dial(t, address, plain)); got != 0 {
		t.Errorf("there is room for more than there may be: %d", got)
	}
	close(free)
}

// A form that is sent in pieces arrives whole, and a long one is left to the handler.
func TestBodies(t *testing.T) {
	address := listening(t, limit.Options{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprintf(w, "%d %v", n, err)
	}))
	for _, size := range []int{0, 1, 64 << 10, 64<<10 + 1, 1 << 20} {
		r, err := http.Post("http://"+address, "application/x-www-form-urlencoded", struct{ io.Reader }{strings.NewReader(strings.Repeat("x", size))})
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(r.Body)
		r.Body.Close()
		if want := fmt.Sprintf("%d <nil>", size); string(b) != want {
			t.Errorf("of %d bytes the handler has %s", size, b)
		}
	}
}

// gathered gives the counters without labels.
func gathered(t *testing.T, r prometheus.Gatherer) map[string]float64 {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		if len(f.Metric) == 1 && len(f.Metric[0].Label) == 0 {
			got[f.GetName()] = f.Metric[0].Counter.GetValue()
		}
	}
	return got
}
