package pipeline_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/memory"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Other jobs touch only the runs of the sources that are others, or gone.
func TestAssign(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, log := newRunner(t)
		source := func(name string) *pipeline.Source {
			return &pipeline.Source{Name: name, Mapper: by(titles{}), Harvest: &crawl{}} // ten pages of twenty minutes
		}
		s := &pipeline.Scheduler{Runner: r, Logger: r.Logger, Last: func(_ context.Context, name string) (last time.Time, err error) {
			if !statusOf(t, log, name).LastComplete.IsZero() {
				last = time.Now() // the log has a clock of its own
			}
			return last, nil
		}}
		stays := &pipeline.Job{Source: source("stays"), Every: 24 * time.Hour}
		retimed := source("retimed")
		s.Assign([]*pipeline.Job{stays, {Source: retimed, Every: 24 * time.Hour}, {Source: source("changed"), Every: 24 * time.Hour}, {Source: source("gone"), Every: 24 * time.Hour}})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = s.Run(ctx)
		}()
		time.Sleep(50 * time.Minute) // two pages
		s.Assign([]*pipeline.Job{stays, {Source: retimed, Every: 48 * time.Hour}, {Source: source("changed"), Every: 24 * time.Hour}, {Source: source("added"), Every: 24 * time.Hour}})
		time.Sleep(time.Minute)
		for name, want := range map[string]int{"stays": 1, "retimed": 1, "changed": 2, "gone": 1, "added": 1} {
			if runs := runsOf(t, log, name); len(runs) != want {
				t.Errorf("%s has %d runs, want %d: %+v", name, len(runs), want, runs)
			}
		}
		if st := statusOf(t, log, "gone"); st.Running || st.LastRun.Result != pipeline.Cancelled || !strings.Contains(st.LastRun.Err, "not in the configuration any more") || st.Live != 2 {
			t.Errorf("the run of a source that is gone ends as %+v", st)
		}
		if runs := runsOf(t, log, "changed"); runs[1].Result != pipeline.Cancelled || !strings.Contains(runs[1].Err, "has changed") {
			t.Errorf("the run of a source that has changed ends as %+v", runs[1])
		}
		time.Sleep(4 * time.Hour)
		lives, due := map[string]int64{}, map[string]string{}
		for _, name := range []string{"stays", "retimed", "changed", "gone", "added"} {
			lives[name] = statusOf(t, log, name).Live
			if at := s.Due(name); !at.IsZero() {
				due[name] = time.Until(at).Round(12 * time.Hour).String()
			}
		}
		if diff := cmp.Diff(lives, map[string]int64{"stays": 10, "retimed": 10, "changed": 10, "gone": 2, "added": 10}); diff != "" {
			t.Errorf("records:\n%s", diff)
		}
		if diff := cmp.Diff(due, map[string]string{"stays": "24h0m0s", "retimed": "48h0m0s", "changed": "24h0m0s", "added": "24h0m0s"}); diff != "" {
			t.Errorf("due:\n%s", diff)
		}
		if n := len(runsOf(t, log, "changed")); n != 2 {
			t.Errorf("a source that has changed goes on in %d runs", n)
		}
		cancel()
		<-ended
	})
}

func runsOf(t *testing.T, log *memory.Log, source string) []store.PastRun {
	t.Helper()
	runs, err := log.Runs(t.Context(), source, 100)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

func statusOf(t *testing.T, log *memory.Log, source string) (out store.SourceStatus) {
	t.Helper()
	all, err := log.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if all[i].Source == source {
			out = all[i]
		}
	}
	return out
}
