package events

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

func TestNATSComesAndGoes(t *testing.T) {
	dir := t.TempDir()
	reg := prometheus.NewRegistry()
	p := newLine(t, "127.0.0.1:1") // nobody is there
	c := connect(t, p.url(), func(o *Options) { o.Registerer = reg })
	if _, err := c.Tail(t.Context()); !errors.Is(err, ErrNotConnected) {
		t.Errorf("Tail without a broker: %v", err)
	}
	if _, err := c.Publish(t.Context(), pipeline.Tail{}, changes(1, 3)); !errors.Is(err, ErrNotConnected) {
		t.Errorf("Publish without a broker: %v", err)
	}
	if err := c.Notify(t.Context(), pipeline.Notice{Type: "source.paused", Source: "cold-war"}); !errors.Is(err, ErrNotConnected) {
		t.Errorf("Notify without a broker: %v", err)
	}
	if c.Connected() || gauge(t, reg, "sheaf_nats_connected", "") != 0 {
		t.Error("it says that it is connected")
	}

	s := startServer(t, dir)
	p.set(func(p *line) { p.to = s.Addr().String() })
	wait(t, "a connection", c.Connected)
	wait(t, "the gauge", func() bool { return gauge(t, reg, "sheaf_nats_connected", "") == 1 })
	last := publish(t, c, tail(t, c), changes(1, 7))

	stop(t, s)
	p.cut()
	wait(t, "the loss to be noticed", func() bool { return !c.Connected() })
	wait(t, "the gauge", func() bool { return gauge(t, reg, "sheaf_nats_connected", "") == 0 })
	if _, err := c.Publish(t.Context(), last, changes(8, 9)); !errors.Is(err, ErrNotConnected) {
		t.Errorf("Publish with the broker gone: %v", err)
	}
	s = startServer(t, dir)
	p.set(func(p *line) { p.to = s.Addr().String() })
	wait(t, "a connection", c.Connected)
	if got := tail(t, c); got != last {
		t.Errorf("the stream ends with %v, want %v", got, last)
	}
	publish(t, c, last, changes(8, 9))
	if _, err := c.Publish(t.Context(), last, changes(10, 11)); !errors.Is(err, pipeline.ErrLostPlace) {
		t.Errorf("Publish at a place that has passed: %v", err)
	}

	for _, m := range []struct {
		name, label string
		want        float64
	}{
		{"sheaf_events_published_total", opUpserted, 8},
		{"sheaf_events_published_total", opDeleted, 1},
		{"sheaf_event_publish_errors_total", kindDisconnected, 3},
		{"sheaf_event_publish_errors_total", kindLostPlace, 1},
		{"sheaf_event_publish_errors_total", kindNotice, 1},
		{"sheaf_event_publish_errors_total", kindForeign, 0},
	} {
		if got := gauge(t, reg, m.name, m.label); got != m.want {
			t.Errorf("%s{%s} = %v, want %v", m.name, m.label, got, m.want)
		}
	}
}

// gauge reads a metric with this value of its label.
func gauge(t *testing.T, reg *prometheus.Registry, name, label string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (label == "" || m.GetLabel()[0].GetValue() == label) {
				if f.GetType() == dto.MetricType_GAUGE {
					return m.GetGauge().GetValue()
				}
				return m.GetCounter().GetValue()
			}
		}
	}
	t.Fatalf("there is no %s{%s}", name, label)
	return 0
}

// A broker that is there and says nothing.
func TestSilence(t *testing.T) {
	s := startServer(t, t.TempDir())
	p := newLine(t, s.Addr().String())
	c := connect(t, p.url(), nil)
	last := publish(t, c, tail(t, c), changes(1, 3))
	c.bear(100 * time.Millisecond)
	p.hold()
	if _, err := c.Publish(t.Context(), last, changes(4, 5)); !errors.Is(err, errTimeout) {
		t.Errorf("Publish: %v", err)
	}
	if _, err := c.Tail(t.Context()); !errors.Is(err, errTimeout) {
		t.Errorf("Tail: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Publish(ctx, last, changes(4, 5)); !errors.Is(err, context.Canceled) {
		t.Errorf("Publish, cancelled: %v", err)
	}
}

// A line that breaks under a Publish is noticed at once, not when the answers are overdue.
func TestLineBreaksUnderPublish(t *testing.T) {
	s := startServer(t, t.TempDir())
	p := newLine(t, s.Addr().String())
	c := connect(t, p.url(), nil)
	last := publish(t, c, tail(t, c), changes(1, 3))
	sent := c.nc.Stats().OutMsgs
	p.hold()
	done := make(chan error)
	go func() {
		_, err := c.Publish(t.Context(), last, changes(4, 20))
		done <- err
	}()
	wait(t, "messages on the line", func() bool { return c.nc.Stats().OutMsgs >= sent+17 })
	p.cut()
	p.open()
	if err := <-done; !errors.Is(err, ErrNotConnected) {
		t.Errorf("Publish: %v", err)
	}
}

// A Publish that is cancelled hears out what it has sent.
func TestCancelledPublishKnowsItsPlace(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := connect(t, s.URL(), nil)
	three := publish(t, c, tail(t, c), changes(1, 3))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got, err := c.Publish(ctx, three, changes(4, 30_000))
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if got.Seq <= 3 {
		t.Errorf("Publish sent something, and came to %v", got)
	}
	if now := tail(t, c); got != now {
		t.Errorf("Publish came to %v, and the stream ends with %v", got, now)
	}
}

func TestConnectOptions(t *testing.T) {
	s := embedded(t, t.TempDir(), nil)
	missing := filepath.Join(t.TempDir(), "nats.creds")
	for want, o := range map[string]Options{
		"no server is given":    {},
		"both an embedded":      {Server: s, URLs: []string{s.URL()}},
		"the stream prefix":     {Server: s, Prefix: "sheaf.x"},
		"nats.creds: no such":   {URLs: []string{s.URL()}, Credentials: missing},
		"seed of the NKey":      {URLs: []string{s.URL()}, Seed: missing},
		"register its metrics:": {Server: s, Registerer: registered(t)},
	} {
		if c, err := Connect(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want …%s…", err, want)
			if err == nil {
				c.Close()
			}
		}
	}
}

func registered(t *testing.T) prometheus.Registerer {
	reg := prometheus.NewRegistry()
	if _, err := newMetrics(reg); err != nil {
		t.Fatal(err)
	}
	return reg
}

func TestStartServer(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "nats")
	for name, tt := range map[string]struct {
		o    ServerOptions
		want string
	}{
		"port in use":      {ServerOptions{Listen: taken.Addr().String(), StoreDir: dir}, "address already in use; choose another address"},
		"no port":          {ServerOptions{Listen: "localhost", StoreDir: dir}, "this is not HOST:PORT"},
		"not a port":       {ServerOptions{Listen: "localhost:http", StoreDir: dir}, "the port must be a number"},
		"no such host":     {ServerOptions{Listen: "192.0.2.1:0", StoreDir: dir}, "listen for NATS clients on 192.0.2.1:0"},
		"no folder":        {ServerOptions{Listen: "127.0.0.1:0"}, "no folder"},
		"folder is a file": {ServerOptions{Listen: "127.0.0.1:0", StoreDir: file}, "can't be written"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := StartServer(tt.o)
			if err == nil {
				shut(t, s)
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want …%s…", err, tt.want)
			}
		})
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder was made all the same (%v)", err)
	}
}

func TestNotify(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := connect(t, s.URL(), nil)
	when := time.Date(2024, 4, 2, 9, 30, 0, 500_000_000, time.UTC)
	for _, n := range []pipeline.Notice{
		{Type: "harvest.completed", Source: "cold-war", Time: when, Data: map[string]any{"run": int64(17), "added": 9}},
		{Type: "source.unreachable", Source: "cold-war", Time: when},
		{Type: "snapshot.published", Time: when, Data: map[string]any{"seq": "4711"}},
	} {
		for range 2 { // the same again is known by its id
			if err := c.Notify(t.Context(), n); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := []struct{ subject, id, kind, source, about, data string }{
		{"sheaf.v1.harvests.cold-war.completed", "sheaf.harvest.completed.v1/cold-war/17", "sheaf.harvest.completed.v1", "https://gateway.example.org/sources/cold-war", "cold-war", `{"added":9,"run":17}`},
		{"sheaf.v1.sources.cold-war.unreachable", "sheaf.source.unreachable.v1/cold-war/2024-04-02T09:30:00.5Z", "sheaf.source.unreachable.v1", "https://gateway.example.org/sources/cold-war", "cold-war", `{}`},
		{"sheaf.v1.snapshots.published", "sheaf.snapshot.published.v1/_/2024-04-02T09:30:00.5Z", "sheaf.snapshot.published.v1", "https://gateway.example.org/", "", `{"seq":"4711"}`},
	}
	got := messages(t, s, "SHEAF_OPS")
	if len(got) != len(want) {
		t.Fatalf("%d notices, want %d", len(got), len(want))
	}
	for i, w := range want {
		e := parseNotice(t, got[i].Data)
		if got[i].Subject != w.subject || e.ID != w.id || got[i].Header.Get(nats.MsgIdHdr) != w.id || e.Type != w.kind ||
			e.Source != w.source || e.Subject != w.about || string(e.Data) != w.data || e.SpecVersion != "1.0" || e.Time != "2024-04-02T09:30:00.5Z" {
			t.Errorf("notice %d is on %s: %s", i, got[i].Subject, got[i].Data)
		}
	}
	for _, bad := range []string{"harvest", "record.upserted", "harvest.", "harvest.a.b", "harvest.>"} {
		if err := c.Notify(t.Context(), pipeline.Notice{Type: bad, Source: "cold-war", Time: when}); err == nil {
			t.Errorf("a notice of type %q was published", bad)
		}
	}
}
