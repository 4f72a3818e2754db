package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// clients is how many ask at once where many do.
const clients = 16

// A target is a server with the pages that are asked of it.
type target struct {
	name     string
	address  string // HOST:PORT
	paths    []string
	encoding string
	headers  string // more lines of each request

	requests int
	spent    time.Duration
}

func newTarget(name, base string, paths []string, encoding string) (*target, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	return &target{name: name, address: u.Host, paths: paths, encoding: encoding}, nil
}

func (t *target) rate() float64 { return float64(t.requests) / t.spent.Seconds() }

// load has clients ask a target for pages, each as soon as it has the last one, until ctx or the time
// is over. It gives how long each answer took.
func (t *target) load(ctx context.Context, lasts time.Duration) (took []time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, lasts)
	defer cancel()
	var (
		mu   sync.Mutex
		errs []error
		wait sync.WaitGroup
	)
	begin := time.Now()
	for n := range clients {
		wait.Go(func() {
			mine, err := t.client(ctx, n*len(t.paths)/clients)
			mu.Lock()
			defer mu.Unlock()
			took = append(took, mine...)
			errs = append(errs, err)
		})
	}
	wait.Wait()
	t.requests += len(took)
	t.spent += time.Since(begin)
	return took, errors.Join(errs...)
}

// client asks for one page after the other on one connection, beginning with the given one. It does as
// little as it can, because it runs on the processors that it measures.
func (t *target) client(ctx context.Context, first int) (took []time.Duration, err error) {
	conn, err := net.Dial("tcp", t.address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 64<<10)
	var request []byte
	for i := first; ctx.Err() == nil; i++ {
		request = fmt.Appendf(request[:0], "GET %s HTTP/1.1\r\nHost: %s\r\nAccept-Encoding: %s\r\n%s\r\n", t.paths[i%len(t.paths)], t.address, t.encoding, t.headers)
		begin := time.Now()
		if _, err := conn.Write(request); err != nil {
			return took, fmt.Errorf("ask %s: %w", t.name, err)
		}
		if err := t.skip(in); err != nil {
			return took, fmt.Errorf("ask %s: %w", t.name, err)
		}
		took = append(took, time.Since(begin))
	}
	return took, nil
}

// skip reads an answer, which must be a good one in the encoding that was asked for.
func (t *target) skip(in *bufio.Reader) error {
	length, encoding := -1, "identity"
	for n := 0; ; n++ {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimRight(line, "\r\n")
		if n == 0 && !bytes.Contains(line, []byte(" 200 ")) {
			return fmt.Errorf("the answer is %s", line)
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := strings.Cut(string(line), ":")
		switch strings.ToLower(name) {
		case "content-length":
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return err
			}
		case "content-encoding":
			encoding = strings.TrimSpace(value)
		}
	}
	if length < 0 || encoding != t.encoding {
		return fmt.Errorf("the answer has %d bytes in encoding %s", length, encoding)
	}
	_, err := in.Discard(length)
	return err
}

// quantile is the smallest duration that the share q of all does not exceed. It sorts them.
func quantile(all []time.Duration, q float64) time.Duration {
	slices.Sort(all)
	return all[min(int(q*float64(len(all))), len(all)-1)]
}
