package app_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/app"
)

// Sources whose servers never answer do not keep the others from being harvested, and operators see what they
// wait for.
func TestSilentServersHoldNobodyUp(t *testing.T) {
	good := newProvider(t, 10)
	good.put(1, "A letter")
	silent, closed := make(chan struct{}), false
	hangUp := func() {
		if !closed {
			closed = true
			close(silent)
		}
	}
	sections := fmt.Sprintf("events: {kind: none}\nsources:\n  good: {kind: oai, from: '%s'}\n", good.url)
	const many = 10
	for i := range many {
		srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-silent }))
		t.Cleanup(srv.Close)
		sections += fmt.Sprintf("  silent-%d: {kind: oai, from: '%s/oai?key=secret'}\n", i, srv.URL)
	}
	t.Cleanup(hangUp)
	g := start(t, configure(t, t.TempDir(), sections), app.Options{})
	ctx, stop := context.WithCancel(t.Context())
	var runs sync.WaitGroup
	for i := range many {
		runs.Go(func() {
			if _, err := harvest(ctx, g.Client, fmt.Sprint("silent-", i), false); !errors.Is(err, context.Canceled) {
				t.Errorf("a harvest of a silent server ended with %v", err)
			}
		})
	}
	waiting := func() (names []string) {
		infos, err := g.Sources(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, info := range infos {
			if info.Waiting.For == "answer" && info.Waiting.Host != "" && !info.Waiting.Since.IsZero() {
				names = append(names, info.Name)
			}
		}
		return names
	}
	waitFor(t, "the silent servers to be asked", func() bool { return len(waiting()) == many })
	soon, done := context.WithTimeout(t.Context(), time.Minute)
	defer done()
	line, err := harvest(soon, g.Client, "good", false)
	if err != nil || line.Counts.Added != 1 {
		t.Errorf("beside them a harvest gives %+v, %v", line, err)
	}
	if slices.Contains(waiting(), "good") {
		t.Error("a source that was harvested waits")
	}
	stop()
	runs.Wait()
	hangUp()
}
