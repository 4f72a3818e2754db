package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/webhook"
)

// webhooks measures what one webhook delivers of a log that it begins with, to a receiver on this machine that only says
// that it has got it: with one request at a time, and with as many as the configuration has by default.
func (b *bench) webhooks(ctx context.Context) error {
	if err := b.settled(ctx); err != nil {
		return err
	}
	for _, parallel := range []int{1, 4} {
		if err := b.webhook(ctx, parallel); err != nil {
			return err
		}
	}
	return nil
}

// hooked is how many deliveries are counted.
const hooked = 20_000

func (b *bench) webhook(ctx context.Context, parallel int) (err error) {
	var got atomic.Int64
	most := int64(min(b.records, hooked))
	all := make(chan struct{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	receiver := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
		if got.Add(1) == most {
			close(all)
		}
	})}
	go receiver.Serve(l)
	defer receiver.Close()
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // it never fails
	name := fmt.Sprint("parallel-", parallel)
	hooks, err := webhook.Open(ctx, webhook.Options{
		File: filepath.Join(b.dir, name+".db"), Log: b.gateway.Store, URL: "http://bench.example.org", Logger: slog.Default(),
		Subscriptions: []webhook.Subscription{{
			Name: name, URL: "http://" + l.Addr().String() + "/", Secrets: [][]byte{secret}, FromBeginning: true,
			Private: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Timeout: time.Minute, Parallel: parallel,
		}},
	})
	if err != nil {
		return err
	}
	running, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	used, start := processorTime(), time.Now()
	go func() { ended <- hooks.Run(running) }()
	select {
	case <-all:
	case <-ctx.Done():
	}
	took, spent := time.Since(start), processorTime()-used
	cancel()
	if err := errors.Join(ctx.Err(), <-ended, hooks.Close()); err != nil {
		return err
	}
	b.add(fmt.Sprintf("webhook, %d at once", parallel), float64(most)/took.Seconds(), "events/s")
	b.add("  processor, with the receiver", spent.Seconds()*1e6/float64(most), "µs/event")
	return nil
}
