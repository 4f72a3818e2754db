package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// clients is how many ask at once where many do.
var clients = flag.Int("clients", 16, "clients that ask at once where many do")

// A Load is what a process of its own asks of a server: clients that were part of the gateway's
// process would take its scheduler's time, and their own waiting for it would pass for the server's.
type Load struct {
	Name     string
	Address  string // HOST:PORT
	Paths    []string
	Encoding string
	Headers  string        // more lines of each request
	Pace     time.Duration // how often each client asks; as soon as it has the last answer if zero
	Clients  int           // how many there are
}

// A Loaded is what came of it.
type Loaded struct {
	Requests int
	Refused  int // of them, told to come later; the client does
	Spent    time.Duration
	P50, P99 time.Duration // how long an answer took
	Error    string
}

// A target is a server with the pages that are asked of it.
type target struct {
	Load
	requests int
	spent    time.Duration
}

func newTarget(name, base string, paths []string, encoding string) (*target, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	return &target{Load: Load{Name: name, Address: u.Host, Paths: paths, Encoding: encoding, Clients: *clients}}, nil
}

func (t *target) rate() float64 { return float64(t.requests) / t.spent.Seconds() }

// load has the clients ask until ctx or the time is over.
func (t *target) load(ctx context.Context, lasts time.Duration) (*Loaded, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	what, err := json.Marshal(t.Load)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "-load")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the clients: %w", err)
	}
	_, err = in.Write(append(what, '\n'))
	select {
	case <-ctx.Done():
	case <-time.After(lasts):
	}
	var l Loaded
	if err := errors.Join(err, in.Close(), cmd.Wait()); err != nil { // it ends with its standard input
		return nil, fmt.Errorf("ask %s: %w", t.Name, err)
	}
	if err := json.Unmarshal(out.Bytes(), &l); err != nil {
		return nil, fmt.Errorf("ask %s: %w", t.Name, err)
	}
	if l.Error != "" {
		return nil, errors.New(l.Error)
	}
	t.requests += l.Requests
	t.spent += l.Spent
	return &l, nil
}

// loadMain is the process of the clients: it reads a Load, asks until its standard input ends, and
// prints what came of it.
func loadMain() error {
	in := bufio.NewReader(os.Stdin)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return err
	}
	var l Load
	if err := json.Unmarshal(line, &l); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		_, _ = in.ReadByte()
		cancel()
	}()
	return json.NewEncoder(os.Stdout).Encode(l.run(ctx))
}

func (l *Load) run(ctx context.Context) *Loaded {
	var (
		mu   sync.Mutex
		took []time.Duration
		errs []error
		out  Loaded
		wait sync.WaitGroup
	)
	begin := time.Now()
	for n := range l.Clients {
		wait.Go(func() {
			mine, refused, err := l.client(ctx, n)
			mu.Lock()
			defer mu.Unlock()
			took = append(took, mine...)
			out.Refused += refused
			errs = append(errs, err)
		})
	}
	wait.Wait()
	out.Requests, out.Spent = len(took)+out.Refused, time.Since(begin)
	if err := errors.Join(errs...); err != nil {
		out.Error = err.Error()
	} else if len(took) > 0 {
		out.P50, out.P99 = quantile(took, .5), quantile(took, .99)
	}
	return &out
}

// client asks for one page after the other on one connection; the clients begin at different ones. It
// does as little as it can, because it runs on the processors that it measures.
func (l *Load) client(ctx context.Context, n int) (took []time.Duration, refused int, err error) {
	conn, err := net.Dial("tcp", l.Address)
	if err != nil {
		return nil, 0, err
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 64<<10)
	var request []byte
	next := time.Now().Add(l.Pace * time.Duration(n) / time.Duration(l.Clients)) // not all at once
	for i := n * len(l.Paths) / l.Clients; ctx.Err() == nil; i++ {
		if l.Pace > 0 {
			time.Sleep(time.Until(next))
			next = next.Add(l.Pace)
		}
		request = fmt.Appendf(request[:0], "GET %s HTTP/1.1\r\nHost: %s\r\nAccept-Encoding: %s\r\n%s\r\n", l.Paths[i%len(l.Paths)], l.Address, l.Encoding, l.Headers)
		begin := time.Now()
		if _, err := conn.Write(request); err != nil {
			return took, refused, fmt.Errorf("ask %s: %w", l.Name, err)
		}
		later, err := l.skip(in)
		switch {
		case err != nil:
			return took, refused, fmt.Errorf("ask %s: %w", l.Name, err)
		case later > 0:
			refused++
			select {
			case <-time.After(later):
			case <-ctx.Done():
			}
		default:
			took = append(took, time.Since(begin))
		}
	}
	return took, refused, nil
}

// skip reads an answer, which must be a good one in the encoding that was asked for, or say when to come
// again.
func (l *Load) skip(in *bufio.Reader) (later time.Duration, err error) {
	length, encoding, refused := -1, "identity", false
	for n := 0; ; n++ {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if n == 0 {
			refused = bytes.Contains(line, []byte(" 503 "))
			if !refused && !bytes.Contains(line, []byte(" 200 ")) {
				return 0, fmt.Errorf("the answer is %s", line)
			}
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := strings.Cut(string(line), ":")
		switch strings.ToLower(name) {
		case "content-length":
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return 0, err
			}
		case "retry-after":
			seconds, err := strconv.Atoi(strings.TrimSpace(value))
			if err != nil {
				return 0, err
			}
			later = time.Duration(seconds) * time.Second
		case "content-encoding":
			encoding = strings.TrimSpace(value)
		}
	}
	if length < 0 || refused != (later > 0) || !refused && encoding != l.Encoding {
		return 0, fmt.Errorf("the answer has %d bytes in encoding %s", length, encoding)
	}
	_, err = in.Discard(length)
	return later, err
}

// quantile is the smallest duration that the share q of all does not exceed. It sorts them.
func quantile(all []time.Duration, q float64) time.Duration {
	slices.Sort(all)
	return all[min(int(q*float64(len(all))), len(all)-1)]
}
