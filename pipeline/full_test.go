package pipeline_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store/memory"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A source is asked for everything again when that is due, but a pass under way comes to its end first: one
// that fails now and then would never end else.
func TestFullPassIsDue(t *testing.T) {
	clock := &setClock{at: time.Since(time.Unix(1_800_000_000, 0)) - 2*time.Hour} // the last full pass is two hours ago
	s := memory.New(memory.Options{Namespace: "a.example", Clock: clock})
	src := &pipeline.Source{Name: "a", Mapper: by(titles{}), FullEvery: 3 * time.Hour}
	runs := func(restarts bool, p *counting) {
		t.Helper()
		src.Harvest = p
		r := pipeline.Runner{Log: s, Namespace: "a.example", Observer: nobody{}, Logger: slog.New(slog.DiscardHandler)}
		_, _ = r.Run(t.Context(), src, pipeline.Order{})
		if p.restarted != restarts {
			t.Errorf("begun again in full: %v, want %v", p.restarted, restarts)
		}
	}
	first, second := &harvest.Page{Items: []harvest.Item{item("1", "x")}}, &harvest.Page{Items: []harvest.Item{item("2", "x")}}
	runs(false, &counting{pages: pages{first, second}})
	runs(false, &counting{pages: pages{first, second}}) // not yet due
	src.FullEvery = time.Hour
	runs(true, &counting{pages: pages{first, nil}})
	runs(false, &counting{pages: pages{first, second}}) // due still, and under way
}

// A counting source notes whether it was begun again.
type counting struct {
	pages
	restarted bool
}

func (c *counting) Restart(harvest.Cursor) harvest.Cursor {
	c.restarted = true
	return ""
}
