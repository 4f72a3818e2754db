package app_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Whoever asks for a harvest that is under way follows it to its end, and may leave it without harm.
func TestHarvestIsJoined(t *testing.T) {
	src := newProvider(t, 10)
	for n := range 30 {
		src.put(n, "title")
	}
	behind, err := url.Parse(src.url)
	if err != nil {
		t.Fatal(err)
	}
	behind.Path = ""
	gate := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("verb") == "ListRecords" {
			<-gate
		}
		httputil.NewSingleHostReverseProxy(behind).ServeHTTP(w, r)
	}))
	defer slow.Close()
	g := start(t, configure(t, t.TempDir(), "events: {kind: none}\nsources: {src: {kind: oai, from: '"+slow.URL+"/oai'}}\n"), app.Options{Idle: true})
	ask := func(ctx context.Context, o pipeline.Order) (joined chan struct{}, last chan control.HarvestLine) {
		joined, last = make(chan struct{}, 1), make(chan control.HarvestLine, 1)
		go func() {
			var line control.HarvestLine
			_ = g.Harvest(ctx, "src", o, func(l *control.HarvestLine) error {
				if line = *l; l.Joined {
					joined <- struct{}{}
				}
				return nil
			})
			last <- line
		}()
		return joined, last
	}
	_, first := ask(t.Context(), pipeline.Order{})
	waitFor(t, "the harvest to begin", func() bool {
		all, err := g.Store.Status(t.Context())
		return err == nil && len(all) == 1 && all[0].Running
	})
	leaving, leave := context.WithCancel(t.Context())
	joined, left := ask(leaving, pipeline.Order{})
	<-joined
	leave()
	<-left
	joined, second := ask(t.Context(), pipeline.Order{})
	<-joined
	joined, full := ask(t.Context(), pipeline.Order{Full: true})
	<-joined
	close(gate)
	for i, last := range []chan control.HarvestLine{first, second, full} {
		select {
		case line := <-last:
			if line.Result != pipeline.Complete || i < 2 && line.Counts.Added != 30 || i == 2 && line.Counts.Unchanged != 30 {
				t.Errorf("harvest %d ends as %+v", i, line)
			}
		case <-time.After(time.Minute):
			t.Fatalf("harvest %d does not end", i)
		}
	}
}
