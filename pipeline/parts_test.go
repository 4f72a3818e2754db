package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store/memory"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A measuredLog notes how much each transaction stores, and breaks before the one that breakAt names.
type measuredLog struct {
	pipeline.Log
	breakAt int
	sizes   []int
}

var errBroken = errors.New("the power is gone")

func (l *measuredLog) Commit(ctx context.Context, b *pipeline.Batch) (*pipeline.Receipt, error) {
	if l.breakAt > 0 && len(l.sizes)+1 == l.breakAt {
		return nil, errBroken
	}
	l.sizes = append(l.sizes, len(b.Changes)+len(b.Unchanged)+len(b.Rejects))
	return l.Log.Commit(ctx, b)
}

// A page of thousands is stored in transactions of bounded size. A run that is cut between two of them leaves
// the cursor before the page; the next one stores the rest, and nothing twice.
func TestLargePageIsStoredInParts(t *testing.T) {
	var items []harvest.Item
	for i := range 4500 {
		gone := item(fmt.Sprint(i), "")
		gone.Deleted = true
		items = append(items, gone)
	}
	items[4200].Key = "" // counted by its place in the page, not in the part
	src := pages{{Items: items[:10]}, {Items: items}, {Items: []harvest.Item{item("last", "x")}}}
	s := memory.New(memory.Options{Namespace: "a.example", Clock: &setClock{}})
	log := &measuredLog{Log: s, breakAt: 4}
	run := func() (*pipeline.Report, error) {
		r := pipeline.Runner{Log: log, Namespace: "a.example", Observer: nobody{}, Logger: slog.New(slog.DiscardHandler)}
		return r.Run(t.Context(), &pipeline.Source{Name: "a", Harvest: src, Mapper: by(titles{})}, pipeline.Order{})
	}
	if report, err := run(); !errors.Is(err, errBroken) || report.Counts.Deleted != 2000 || report.Counts.Pages != 1 {
		t.Errorf("cut: %+v, %v", report.Counts, err)
	}
	log.breakAt = 0
	report, err := run()
	if err != nil || report.Result != pipeline.Complete {
		t.Fatalf("%s, %v", report.Result, err)
	}
	if c := report.Counts; c.Deleted != 4499-2000 || c.Unchanged != 2000 || c.Added != 1 || c.Rejected != 1 || c.Pages != 2 {
		t.Errorf("%+v", c)
	}
	for _, n := range log.sizes {
		if n > 1000 {
			t.Errorf("a transaction stores %d items", n)
		}
	}
	if _, bad := kept(t, s); len(bad) != 1 {
		t.Errorf("in quarantine: %q", bad)
	} else {
		for key := range bad {
			if !strings.HasPrefix(key, "item 4201 of the page") {
				t.Errorf("the item is called %q", key)
			}
		}
	}
}

// Large originals are few to a transaction.
func TestPartsAreBoundedInBytes(t *testing.T) {
	var items []harvest.Item
	for i := range 9 {
		items = append(items, item(fmt.Sprint(i), strings.Repeat("x", 5<<20)))
	}
	log := &measuredLog{Log: memory.New(memory.Options{Namespace: "a.example", Clock: &setClock{}})}
	r := pipeline.Runner{Log: log, Namespace: "a.example", Observer: nobody{}, Logger: slog.New(slog.DiscardHandler)}
	if _, err := r.Run(t.Context(), &pipeline.Source{Name: "a", Harvest: pages{{Items: items}}, Mapper: by(titles{})}, pipeline.Order{}); err != nil {
		t.Fatal(err)
	}
	for _, n := range log.sizes {
		if n > 3 {
			t.Errorf("a transaction stores %d originals of 5 MiB", n)
		}
	}
}
