package app_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/events"
	"github.com/sheaf-gateway/sheaf/internal/freeport"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A broker is somebody's NATS server beside the gateway, which can go down and come back.
type broker struct {
	dir, address string
	server       *server.Server
}

func (b *broker) up(t *testing.T) {
	t.Helper()
	address := netip.MustParseAddrPort(b.address)
	ns, err := server.NewServer(&server.Options{
		Host: address.Addr().String(), Port: int(address.Port()), NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: b.dir, JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 16 << 30,
	})
	if err != nil {
		t.Fatal(err)
	}
	ns.Start()
	b.server = ns
	t.Cleanup(func() { b.down(t) })
	if !ns.ReadyForConnections(time.Minute) {
		t.Fatal("the NATS server did not start")
	}
}

func (b *broker) down(t *testing.T) {
	t.Helper()
	if b.server != nil {
		b.server.Shutdown()
		b.server.WaitForShutdown()
		b.server = nil
	}
}

func newBroker(t *testing.T) *broker {
	return &broker{dir: t.TempDir(), address: freeport.Address(t)}
}

func (b *broker) url() string { return "nats://" + b.address }

// config is the section of a configuration that publishes there.
func (b *broker) config() string {
	return fmt.Sprintf("events: {kind: nats, urls: ['%s'], replicas: 1}\n", b.url())
}

// ready asks /readyz.
func (r *running) ready(t *testing.T) (ok bool, text string) {
	t.Helper()
	resp, err := http.Get(r.Addresses().Ops + "readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode == http.StatusOK, string(b)
}

// NATS is down when the gateway starts, comes, goes, and comes back: harvesting goes on, readiness
// tells, and nothing is lost.
func TestNATSComesAndGoes(t *testing.T) {
	src := newProvider(t, 20)
	b := newBroker(t)
	g := start(t, configure(t, t.TempDir(), b.config()+fmt.Sprintf("sources: {src: {kind: oai, from: '%s', overlap: 10s}}\n", src.url)), app.Options{})
	batch := func(from int) {
		for i := from; i < from+60; i++ {
			src.put(i, fmt.Sprintf("title %d", i))
		}
		if got := g.harvest(t, "src", false); got.Counts.Added != 60 {
			t.Fatalf("harvest with the broker up %v: %+v", b.server != nil, got.Counts)
		}
	}
	for round := range 3 {
		batch(round * 120)
		waitFor(t, "readiness to tell", func() bool {
			ok, text := g.ready(t)
			return !ok && strings.Contains(text, "events:") && strings.Contains(text, "log: ok")
		})
		b.up(t)
		batch(round*120 + 60)
		g.published(t)
		waitFor(t, "readiness to come back", func() bool { ok, _ := g.ready(t); return ok })
		info, err := g.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		checkStream(t, readStream(t, b.url()), records(t, g.Client), info.Head.Epoch)
		b.down(t)
	}
}

// A relay that was cut off while it published, and another that took over: whatever the first one
// still does, the stream keeps the order of the log.
func TestTwoRelays(t *testing.T) {
	src := newProvider(t, 100)
	for i := range 400 {
		src.put(i, "first")
	}
	b := newBroker(t)
	b.up(t)
	g := start(t, configure(t, t.TempDir(), b.config()+fmt.Sprintf("sources: {src: {kind: oai, from: '%s', overlap: 10s}}\n", src.url)), app.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	for range 2 { // beside the gateway's own
		client, err := events.Connect(events.Options{URLs: []string{b.url()}, Namespace: "test.example.org", Log: g.Store.Identity().ID, Key: g.Store.Identity().Key, Replicas: 1, Logger: quiet})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		relay := &pipeline.Relay{Log: g.Store, Publisher: client, Observer: nobody{}, Logger: quiet}
		go func() { done <- relay.Run(ctx) }()
	}
	for round := range 10 {
		for i := range 400 {
			if (i+round)%3 == 0 {
				src.put(i, fmt.Sprintf("round %d", round))
			}
		}
		g.harvest(t, "src", true)
	}
	g.published(t)
	cancel()
	<-done
	<-done
	info, err := g.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	checkStream(t, readStream(t, b.url()), records(t, g.Client), info.Head.Epoch)
}

type nobody struct{}

func (nobody) Published([]pipeline.Event, pipeline.Head) {}
func (nobody) PublishFailed(error)                       {}
func (nobody) CaughtUp(pipeline.Cursor)                  {}

// A stream that is ahead of the log (somebody put an older log in place, and its high-water mark with
// it): a new epoch begins, and everything is published again.
func TestStreamAheadOfTheLog(t *testing.T) {
	src := newProvider(t, 20)
	for i := range 50 {
		src.put(i, "first")
	}
	b := newBroker(t)
	b.up(t)
	cfg := configure(t, t.TempDir(), b.config()+fmt.Sprintf("sources: {src: {kind: oai, from: '%s', overlap: 10s}}\n", src.url))
	g := start(t, cfg, app.Options{})
	g.harvest(t, "src", false)
	g.published(t)
	backup := t.TempDir() + "/backup.db"
	if err := g.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	before, err := g.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 70 {
		src.put(i, "second")
	}
	g.harvest(t, "src", false)
	g.published(t)
	g.stop()

	// The old log in a new folder: it can't know that it is old, but the stream does.
	other := *cfg
	other.Data = t.TempDir()
	if err := sqlite.Restore(t.Context(), other.Data, backup); err != nil {
		t.Fatal(err)
	}
	forgetRestore(t, other.Data)
	takeOver(t, other.Data)
	g = start(t, &other, app.Options{})
	waitFor(t, "a new epoch", func() bool {
		info, err := g.Info(t.Context())
		return err == nil && info.Head.Epoch > before.Head.Epoch
	})
	g.harvest(t, "src", true)
	g.published(t)
	info, err := g.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	log := records(t, g.Client)
	if len(log) != 70 {
		t.Errorf("the log has %d records of 70", len(log))
	}
	checkStream(t, readStream(t, b.url()), log, info.Head.Epoch)
}
