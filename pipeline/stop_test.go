package pipeline_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store/memory"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A source that was stopped is not harvested when it is due, and soon after it was resumed.
func TestStoppedSourceIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := memory.New(memory.Options{Namespace: "a.example", Clock: &setClock{}})
		lives := func() int64 {
			all, err := s.Status(t.Context())
			if err != nil || len(all) != 1 {
				t.Fatal(all, err)
			}
			return all[0].Live
		}
		if err := s.Stop(t.Context(), "a", pipeline.Stop{Who: "Ada"}); err != nil {
			t.Fatal(err)
		}
		src := &pipeline.Source{Name: "a", Mapper: by(titles{}), Harvest: pages{{Items: []harvest.Item{item("1", "x")}}}}
		scheduler := &pipeline.Scheduler{
			Runner: &pipeline.Runner{Log: s, Namespace: "a.example", Observer: nobody{}, Logger: slog.New(slog.DiscardHandler)},
			Logger: slog.New(slog.DiscardHandler),
			Last:   func(context.Context, string) (time.Time, error) { return time.Time{}, nil },
		}
		scheduler.Assign([]*pipeline.Job{{Source: src, Every: 24 * time.Hour}})
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = scheduler.Run(ctx)
		}()
		time.Sleep(3 * time.Hour)
		if n := lives(); n != 0 {
			t.Errorf("%d records of a stopped source", n)
		}
		if err := s.Resume(t.Context(), "a", pipeline.FromTheStart); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if n := lives(); n != 1 {
			t.Errorf("%d records a minute after it was resumed", n)
		}
		cancel()
		<-ended
	})
}
