package limit_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/limit"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// A client that reads a byte a second keeps nobody else waiting, and loses its answer in good time.
func TestASlowReaderIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const size = 1 << 20
		free := make(chan struct{}, 1)
		h := limit.New(limit.Options{Concurrency: 1}).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/large" {
				defer func() { free <- struct{}{} }()
				w.Write(make([]byte, size))
			}
		}))
		transport, stop := oaitest.Pipe(h)
		defer stop()
		c, err := transport.DialContext(t.Context(), "tcp", "slow.example.org:80")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		begin := time.Now()
		read := make(chan int)
		go func() {
			n := 0
			defer func() { read <- n }()
			if _, err := io.WriteString(c, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
				return
			}
			for one := make([]byte, 1); ; n++ {
				if _, err := c.Read(one); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}()
		time.Sleep(5 * time.Second)
		status := func(path string) int {
			req, err := http.NewRequestWithContext(t.Context(), "GET", "http://x"+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("User-Agent", "") // the same client
			r, err := transport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			r.Body.Close()
			return r.StatusCode
		}
		if got := status("/"); got != http.StatusServiceUnavailable { // in memory, all clients have one address
			t.Errorf("while its answer is being read: %d", got)
		}
		<-free
		if took := time.Since(begin); took > 5*time.Minute {
			t.Errorf("the slow reader held the handler for %v", took)
		}
		if got := status("/"); got != http.StatusOK {
			t.Errorf("afterwards: %d", got)
		}
		if n := <-read; n == 0 || n >= size {
			t.Errorf("the slow reader has %d bytes", n)
		}
	})
}

// A handler that bounds nothing is rid of a client that reads nothing, and may itself take as long as it likes.
func TestPatiently(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan error, 1)
		transport, stop := oaitest.Pipe(limit.Patiently(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/large" {
				_, err := w.Write(make([]byte, 1<<20))
				free <- err
				return
			}
			io.WriteString(w, "begun, ")
			time.Sleep(time.Hour)
			io.WriteString(w, "done")
			time.Sleep(time.Hour)
		})))
		defer stop()
		c, err := transport.DialContext(t.Context(), "tcp", "slow.example.org:80")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if err := <-free; err == nil { // in a bubble where nothing else goes on, this never comes without a deadline
			t.Error("all was written to a client that reads nothing")
		}
		resp, err := (&http.Client{Transport: transport}).Get("http://x/slow")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "begun, done" {
			t.Errorf("a slow handler's answer: %q, %v", body, err)
		}
	})
}

// Connections that are open and idle, by the thousand, keep nobody from being answered.
func TestThousandsOfIdleConnections(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	const many = 2000
	limits := limit.New(limit.Options{Connections: many + 1, ConnectionsEach: many + 1, Concurrency: 4, Total: 4})
	srv := &http.Server{Handler: limits.Handler(ok), ConnContext: limits.ConnContext}
	served := make(chan struct{})
	go func() {
		defer close(served)
		srv.Serve(limits.Listener(inner))
	}()
	defer func() {
		srv.Close()
		<-served
	}()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var d net.Dialer
	for i := range many {
		c, err := d.DialContext(ctx, "tcp", inner.Addr().String())
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		defer c.Close()
		if i%2 == 0 { // half of them have been answered before
			io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			r, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil || r.StatusCode != http.StatusOK {
				t.Fatalf("connection %d: %v", i, err)
			}
		}
	}
	c, err := d.DialContext(ctx, "tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if r, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || r.StatusCode != http.StatusOK {
		t.Errorf("beside %d idle connections: %v", many, err)
	}
}
