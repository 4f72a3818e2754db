package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store/memory"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A brittle source gives three pages, which all are in flight when the fourth is asked for: last says how
// that ends. asked is closed then.
type brittle struct {
	asked chan struct{}
	last  func(ctx context.Context) error
}

func (b *brittle) Page(ctx context.Context, at harvest.Cursor) (*harvest.Page, error) {
	n := len(at)
	if n == 3 {
		defer close(b.asked)
		return nil, b.last(ctx)
	}
	key := fmt.Sprint(n)
	return &harvest.Page{Items: []harvest.Item{item(key, "a title")}, Full: true, Next: at + "x"}, nil
}

// A patient log commits nothing before the asking for the fourth page has ended.
type patient struct {
	*memory.Log
	asked <-chan struct{}
}

func (p patient) Commit(ctx context.Context, b *pipeline.Batch) (*pipeline.Receipt, error) {
	<-p.asked
	return p.Log.Commit(ctx, b)
}

// TestPagesInFlight: pages that came whole are stored whatever becomes of the next one.
func TestPagesInFlight(t *testing.T) {
	for _, test := range []struct {
		name     string
		deadline time.Duration
		last     func(ctx context.Context, stop func()) error
		want     string
	}{
		{"the next fetch fails", 0, func(context.Context, func()) error {
			return &harvest.Error{Kind: harvest.Malformed}
		}, pipeline.Failed},
		{"the gateway stops", 0, func(ctx context.Context, stop func()) error {
			stop()
			<-ctx.Done()
			return ctx.Err()
		}, pipeline.Cancelled},
		{"the deadline comes", 50 * time.Millisecond, func(ctx context.Context, _ func()) error {
			<-ctx.Done()
			return ctx.Err()
		}, pipeline.Partial},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				s := memory.New(memory.Options{Namespace: "a.example", Clock: &setClock{}})
				src := &brittle{make(chan struct{}), func(ctx context.Context) error { return test.last(ctx, stop) }}
				r := pipeline.Runner{Log: patient{s, src.asked}, Namespace: "a.example", Observer: nobody{}, Logger: slog.New(slog.DiscardHandler), Deadline: test.deadline}
				report, _ := r.Run(ctx, &pipeline.Source{Name: "a", Harvest: src, Mapper: by(titles{})}, pipeline.Order{})
				if report.Result != test.want || report.Counts.Added != 3 {
					t.Errorf("the run is %s with %d records (%v), want %s with 3", report.Result, report.Counts.Added, report.Err, test.want)
				}
				if live, _ := kept(t, s); len(live) != 3 {
					t.Errorf("%d records are in the log, want 3", len(live))
				}
			})
		})
	}
}

// A stuck log takes no page.
type stuck struct{ pipeline.Log }

func (stuck) Begin(context.Context, string, func(harvest.Cursor) harvest.Cursor) (*pipeline.Run, error) {
	return &pipeline.Run{Source: "a"}, nil
}
func (stuck) Pass(context.Context, string) (pipeline.Pass, error) { return pipeline.Pass{}, nil }
func (stuck) Known(_ context.Context, asks []pipeline.Ask) ([]pipeline.Known, error) {
	return make([]pipeline.Known, len(asks)), nil
}
func (stuck) Commit(ctx context.Context, _ *pipeline.Batch) (*pipeline.Receipt, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
func (stuck) End(context.Context, *pipeline.Run, pipeline.Outcome) error { return nil }

// TestStoppedRunEnds: a run that is stopped does not wait for ever for a log that takes no pages.
func TestStoppedRunEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		r := pipeline.Runner{Log: stuck{}, Namespace: "a.example", Observer: nobody{}, Logger: slog.New(slog.DiscardHandler)}
		src := &brittle{make(chan struct{}), func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}
		report, err := r.Run(ctx, &pipeline.Source{Name: "a", Harvest: src, Mapper: by(titles{})}, pipeline.Order{})
		if report.Result != pipeline.Cancelled || err == nil || errors.Is(err, pipeline.ErrFenced) {
			t.Errorf("the run is %s: %v", report.Result, err)
		}
		if report.Took > time.Minute+10*time.Second {
			t.Errorf("the run went on for %v", report.Took)
		}
	})
}
