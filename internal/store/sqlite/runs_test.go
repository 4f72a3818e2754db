package sqlite

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

func status(t *testing.T, s *Store) store.SourceStatus {
	t.Helper()
	all, err := s.Status(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatalf("status %+v, %v", all, err)
	}
	return all[0]
}

// TestRuns follows a source through passes: complete, incomplete, taken over, begun again.
func TestRuns(t *testing.T) {
	clock := &handClock{}
	s := open(t, t.TempDir(), clock)
	page := func(run *pipeline.Run, at, next string, done, full, short bool, changes ...pipeline.Change) {
		t.Helper()
		clock.at += time.Second
		if _, err := s.Commit(t.Context(), &pipeline.Batch{Run: run, From: harvest.Cursor(at), Next: harvest.Cursor(next), Done: done, Full: full, Short: short, Changes: changes}); err != nil {
			t.Fatal(err)
		}
	}
	end := func(run *pipeline.Run, result string) {
		t.Helper()
		clock.at += time.Second
		if err := s.End(t.Context(), run, pipeline.Outcome{Result: result}); err != nil {
			t.Fatal(err)
		}
	}
	begin := func(fresh bool) *pipeline.Run {
		t.Helper()
		clock.at += time.Second
		var restart func(harvest.Cursor) harvest.Cursor
		if fresh {
			restart = pipeline.FromTheStart
		}
		run, err := s.Begin(t.Context(), "a", restart)
		if err != nil {
			t.Fatal(err)
		}
		return run
	}
	now := func() time.Time { return clock.Wall().UTC() }

	first := begin(false)
	page(first, "", "1", false, true, false, change("a", 1, 0), change("a", 2, 0))
	changed := now()
	second := begin(false)
	end(first, "complete") // fenced: without effect
	if st := status(t, s); !st.Running || !st.Underway || st.LastRun.ID != second.ID || st.LastRun.Result != "" || !st.LastNew.Equal(changed) || !st.LastComplete.IsZero() || st.Live != 2 {
		t.Errorf("taken over: %+v", st)
	}
	page(second, "1", "2", true, true, true) // known to lack items
	end(second, "complete")
	if st := status(t, s); st.Running || st.Underway || st.LastRun.Result != "complete" || !st.LastComplete.IsZero() || !st.LastFull.IsZero() {
		t.Errorf("after an incomplete pass: %+v", st)
	}
	third := begin(true)
	if third.Cursor != "" {
		t.Errorf("a fresh run begins at %q", third.Cursor)
	}
	page(third, "", "1", false, true, false, change("a", 1, 0))
	page(third, "1", "2", true, true, false, change("a", 2, 5))
	full := now()
	end(third, "complete")
	fourth := begin(false)
	page(fourth, "2", "3", true, false, false)
	complete := now()
	end(fourth, "failed")
	end(fourth, "complete") // the first word is the last
	st := status(t, s)
	if !st.LastFull.Equal(full) || !st.LastComplete.Equal(complete) || !st.LastNew.Equal(full) || st.LastRun.Result != "failed" {
		t.Errorf("after a full and an incremental pass: %+v", st)
	}
	if d := cmp.Diff(pipeline.Counts{Pages: 1}, st.LastRun.Counts); d != "" {
		t.Error(d)
	}
}
