package app_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Whoever asks for a harvest that is under way follows it to its end, and may leave it without harm.
func TestHarvestIsJoined(t *testing.T) {
	g, gate := startGated(t)
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
	waitFor(t, "the harvest to begin", g.harvests)
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

// startGated starts a gateway whose source src gives its 30 records once the gate is closed.
func startGated(t *testing.T) (g *running, gate chan struct{}) {
	t.Helper()
	src := newProvider(t, 10)
	for n := range 30 {
		src.put(n, "title")
	}
	behind, err := url.Parse(src.url)
	if err != nil {
		t.Fatal(err)
	}
	behind.Path = ""
	gate = make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("verb") == "ListRecords" {
			<-gate
		}
		httputil.NewSingleHostReverseProxy(behind).ServeHTTP(w, r)
	}))
	t.Cleanup(slow.Close)
	return start(t, configure(t, t.TempDir(), "events: {kind: none}\nsources: {src: {kind: oai, from: '"+slow.URL+"/oai'}}\n"), app.Options{Idle: true}), gate
}

// harvests says whether the only source is being harvested.
func (g *running) harvests() bool {
	all, err := g.Store.Status(context.Background())
	return err == nil && len(all) == 1 && all[0].Running
}

// A harvest that is cancelled ends at once, says who did that, and goes on with the next one.
func TestHarvestIsCancelled(t *testing.T) {
	g, gate := startGated(t)
	if _, err := g.Cancel(t.Context(), "src", "Ada", ""); err == nil || !strings.Contains(err.Error(), "no harvest of src is under way") {
		t.Errorf("without a harvest: %v", err)
	}
	ended := make(chan control.HarvestLine, 1)
	harvest := func() {
		var line control.HarvestLine
		_ = g.Harvest(t.Context(), "src", pipeline.Order{}, func(l *control.HarvestLine) error { line = *l; return nil })
		ended <- line
	}
	go harvest()
	waitFor(t, "the harvest to begin", g.harvests)
	if line, err := g.Cancel(t.Context(), "src", "Ada", "too early"); err != nil || line.Result != pipeline.Cancelled {
		t.Fatalf("%+v, %v", line, err)
	}
	if line := <-ended; line.Result != pipeline.Cancelled || !strings.Contains(line.Error, "cancelled by Ada: too early") {
		t.Errorf("the harvest ends as %+v", line)
	}
	close(gate)
	harvest()
	if line := <-ended; line.Result != pipeline.Complete || line.Counts.Added != 30 {
		t.Errorf("the next harvest ends as %+v", line)
	}
}

// A source that is paused is not harvested any more at once, also where a harvest waits for an answer; it goes on where it
// was.
func TestPauseEndsAHarvest(t *testing.T) {
	g, gate := startGated(t)
	ended := make(chan control.HarvestLine, 1)
	harvest := func() {
		var line control.HarvestLine
		_ = g.Harvest(t.Context(), "src", pipeline.Order{}, func(l *control.HarvestLine) error { line = *l; return nil })
		ended <- line
	}
	go harvest()
	waitFor(t, "the harvest to begin", g.harvests)
	if stop, err := g.Pause(t.Context(), "src", pipeline.Stop{Who: "Ada"}); err != nil || stop.Who != "Ada" || stop.Retired {
		t.Fatal(stop, err)
	}
	if line := <-ended; line.Result != pipeline.Cancelled || g.harvests() {
		t.Errorf("the harvest ends as %+v", line)
	}
	harvest()
	if line := <-ended; line.Error == "" {
		t.Errorf("a harvest of a paused source ends as %+v", line)
	}
	if _, err := g.Resume(t.Context(), "src", "Ada"); err != nil {
		t.Fatal(err)
	}
	close(gate)
	harvest()
	if line := <-ended; line.Result != pipeline.Complete || line.Counts.Added != 30 {
		t.Errorf("the harvest after that ends as %+v", line)
	}
}
