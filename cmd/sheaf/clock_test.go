package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/store/storetest"
)

const clockConfig = `
gateway: {name: Test, namespace: test.example.org}
listen: {public: '127.0.0.1:0', ops: '127.0.0.1:0'}
events: {kind: none}
sources: {letters: {kind: listing, from: letters.txt, mapping: listing}}
`

// gatewayWith runs a gateway in this process, with a clock of the test's, until stop is called.
func gatewayWith(t *testing.T, clock *storetest.Clock) (g *app.Gateway, stop func()) {
	t.Helper()
	cfg, err := config.Load("sheaf.yaml", app.ConfigOptions())
	if err != nil {
		t.Fatal(err)
	}
	g, err = app.NewGateway(t.Context(), cfg, app.Options{Clock: clock, Idle: true, Version: version(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	return g, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// answered is what an address answers.
func answered(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// TestClock: a gateway that was off for three days, and whose clock nothing vouches for, serves and is not
// ready, takes no changes, and says what to do; a person's word ends that, once.
func TestClock(t *testing.T) {
	folder(t, map[string]string{"sheaf.yaml": clockConfig, "letters.txt": "1 May 1957\nA letter\n"})
	clock := storetest.NewClock()
	_, stop := gatewayWith(t, clock)
	want(t, exitDone, "harvest", "letters")
	want(t, exitDone, "clock")
	stop()
	clock.Pass(3 * 24 * time.Hour)
	g, stop := gatewayWith(t, clock)
	ops := g.Addresses().Ops
	if status, body := answered(t, ops+"readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, "sheaf clock --confirm") {
		t.Errorf("/readyz: %d %s", status, body)
	}
	if _, body := answered(t, ops+"metrics"); !strings.Contains(body, "\nsheaf_log_commits_paused 1\n") {
		t.Error("the metric does not say that commits are paused")
	}
	if status, body := answered(t, g.Addresses().Public+"oai?verb=Identify"); status != http.StatusOK || !strings.Contains(body, "<responseDate>2024-02-2") {
		t.Errorf("Identify: %d %s", status, body)
	}
	if r := want(t, exitLook, "clock"); !strings.Contains(r.stdout, "3 days after the last change") {
		t.Errorf("sheaf clock says %s", r.stdout)
	}
	want(t, exitDone, "clock", "--confirm")
	want(t, exitDone, "harvest", "letters", "--full")
	if status, body := answered(t, ops+"readyz"); status != http.StatusOK {
		t.Errorf("/readyz: %d %s", status, body)
	}
	stop()
	_, stop = gatewayWith(t, clock)
	want(t, exitDone, "clock")
	stop()
}
