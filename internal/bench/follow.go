package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/feed"
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
	door := feed.New(feed.Options{URL: url, Log: b.gateway.Store, Limits: unlimited{}, Dumps: dumps, MakesDumps: func() bool { return true }, Logger: slog.Default()})
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
