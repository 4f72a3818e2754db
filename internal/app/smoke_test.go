package app_test

import (
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// The demo is the gateway's first impression: it goes through the real pipeline.
func TestDemo(t *testing.T) {
	cfg, remove, err := app.Demo(app.ConfigOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer remove()
	cfg.Listen.Public, cfg.Listen.Ops, cfg.Events.Listen = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	g := start(t, cfg, app.Options{})
	for source, want := range map[string]int64{"letters": 7, "maps": 5} {
		got := g.harvest(t, source, false)
		if got.Counts.Added != want || got.Counts.Rejected != 0 || got.Result != pipeline.Complete {
			t.Errorf("%s: %+v", source, got)
		}
		if again := g.harvest(t, source, false); again.Counts.Unchanged != want || again.Counts.Changes() != 0 {
			t.Errorf("%s again: %+v", source, again)
		}
	}
	g.published(t)
	// The maps have pages of their own, as Europeana demands.
	if got := submatches(g.ask(t, "verb", "ListIdentifiers", "metadataPrefix", "edm"), `<identifier>([^<]*)`); len(got) != 5 {
		t.Errorf("in EDM there are %q", got)
	}
}
