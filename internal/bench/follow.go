package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/internal/feed"
	"github.com/sheaf-gateway/sheaf/internal/machine"
	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

// follow measures those who follow the gateway: one that begins with the dump, and a thousand for whom there is no news.
func (b *bench) follow(ctx context.Context) error {
	if err := b.settled(ctx); err != nil {
		return err
	}
	if err := b.bootstrap(ctx); err != nil {
		return err
	}
	return b.idleFollowers(ctx)
}

var searchBehind = regexp.MustCompile(`(?m)^sheaf_search_behind_changes (\S+)$`)

// settled waits until everything is published, and the search has read it.
func (b *bench) settled(ctx context.Context) error {
	if err := b.published(ctx); err != nil {
		return err
	}
	for {
		if behind, err := b.metric(ctx, searchBehind); err != nil || behind == 0 {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// unlimited are the limits of a door that has one client.
type unlimited struct{}

func (unlimited) Turn(*http.Request) error          { return nil }
func (unlimited) Rest(_ *http.Request, wait func()) { wait() }
func (unlimited) Served(_ *http.Request, _ int)     {}

// bootstrap makes a dump, and reads it as package follow does, with a consumer that keeps nothing.
func (b *bench) bootstrap(ctx context.Context) error {
	dumps, err := feed.OpenDumps(ctx, filepath.Join(b.dir, "dump"), b.gateway.Store, slog.Default())
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	url := "http://" + l.Addr().String()
	start := time.Now()
	if _, err := dumps.Make(ctx, feed.Making{URL: url}); err != nil {
		return err
	}
	b.add("dump made", float64(b.records)/time.Since(start).Seconds(), "records/s")
	door := feed.New(feed.Options{URL: url, Log: b.gateway.Store, Limits: unlimited{}, Dumps: dumps, MakesDumps: true, Logger: slog.Default()})
	srv := &http.Server{Handler: door.Handler()}
	go srv.Serve(l)
	defer srv.Close()
	defer door.Close()

	got, used := 0, processorTime()
	start = time.Now()
	f := follow.Follower{Gateway: url + "/", With: follow.With{OAIDC: true}}
	if err := f.CatchUp(ctx, follow.Place{}, func(_ context.Context, batch *follow.Batch) error {
		got += len(batch.Changes)
		batch.Sweep()
		return nil
	}); err != nil {
		return err
	}
	if got < b.records {
		return fmt.Errorf("the dump gave %d records of %d", got, b.records)
	}
	b.aim("bootstrap from the dump, one consumer", float64(got)/time.Since(start).Seconds(), "records/s", 200_000)
	b.add("  processor, with the consumer", (processorTime()-used).Seconds()*1e6/float64(got), "µs/record")
	return nil
}

const (
	idle     = 1000 // followers: one in ten reads the stream, which takes so many consumers and no more, and the others HTTP
	idleTime = 15 * time.Second
)

// idleFollowers has followers wait at the event stream, at /changes, and for server-sent events.
func (b *bench) idleFollowers(ctx context.Context) error {
	if machine.OpenFiles() < 5*idle { // both ends of each are here
		b.add("this process may not open enough files for idle followers", 0, "")
		return nil
	}
	info, err := b.client.Info(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	var waiting, failed atomic.Int64
	client := &http.Client{Transport: &http.Transport{}}
	get := func(accept string) error {
		address := b.gateway.Addresses().Public + "changes?wait=60s&after=" + info.Head.Cursor.String()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		req.Header.Set("Accept", accept)
		waiting.Add(1)
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
	listen := func() error {
		nc, err := nats.Connect(b.gateway.Addresses().NATS)
		if err != nil {
			return err
		}
		defer nc.Close()
		js, err := jetstream.New(nc)
		if err != nil {
			return err
		}
		cons, err := js.CreateConsumer(ctx, "SHEAF_RECORDS", jetstream.ConsumerConfig{DeliverPolicy: jetstream.DeliverNewPolicy, AckPolicy: jetstream.AckExplicitPolicy})
		if err != nil {
			return err
		}
		waiting.Add(1)
		messages, err := cons.Messages()
		if err != nil {
			return err
		}
		defer context.AfterFunc(ctx, messages.Stop)()
		_, err = messages.Next()
		return err
	}
	for i := range idle {
		all.Go(func() {
			for ctx.Err() == nil {
				var err error
				switch {
				case i%10 == 0:
					err = listen()
				case i%2 == 0:
					err = get("application/x-ndjson")
				default:
					err = get("text/event-stream")
				}
				if err != nil && ctx.Err() == nil {
					failed.Add(1)
					time.Sleep(time.Second)
				}
			}
		})
	}
	for deadline := time.Now().Add(time.Minute); waiting.Load() < idle && time.Now().Before(deadline); {
		time.Sleep(100 * time.Millisecond)
	}
	time.Sleep(5 * time.Second) // until all have settled
	used, start := processorTime(), time.Now()
	time.Sleep(idleTime)
	b.aim(fmt.Sprintf("%d idle followers, with their own work", idle), 100*(processorTime()-used).Seconds()/time.Since(start).Seconds(), "% of a core", 2)
	if n := failed.Load(); n > 0 || waiting.Load() < idle {
		return fmt.Errorf("of %d followers %d waited, and %d failed", idle, waiting.Load(), n)
	}
	return nil
}
