package sqlite

import (
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// TestNewEpochKnowsWhatWasHandedOut: what a new epoch was begun above is part of the log's history
// from then on. Else a stream that can be read but not written would bring a new epoch, and a new
// stamp for each record, at each attempt.
func TestNewEpochKnowsWhatWasHandedOut(t *testing.T) {
	for _, test := range []struct {
		name  string
		epoch func(epochs []pipeline.Cursor) int64
	}{
		{"of an epoch that nobody here knows", func([]pipeline.Cursor) int64 { return 17 }},
		{"of an earlier epoch, beyond its end", func(e []pipeline.Cursor) int64 { return e[0].Epoch }},
		{"of the present epoch", func(e []pipeline.Cursor) int64 { return e[len(e)-1].Epoch }},
	} {
		t.Run(test.name, func(t *testing.T) {
			clock := &handClock{}
			s := open(t, t.TempDir(), clock)
			newFeed(t, s, "a").fill(s, 50, 0)
			clock.at += time.Second
			if err := s.NewEpoch(t.Context(), pipeline.Head{}, "a backup was restored"); err != nil {
				t.Fatal(err)
			}
			before, err := s.Epochs(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			foreign := pipeline.Cursor{Epoch: test.epoch(before), Seq: 1000}
			clock.at += time.Second
			if err := s.NewEpoch(t.Context(), pipeline.Head{Cursor: foreign}, "the stream is ahead"); err != nil {
				t.Fatal(err)
			}
			after, err := s.Epochs(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for i, e := range after {
				found = found || e.Epoch == foreign.Epoch && e.Seq >= foreign.Seq
				if i > 0 && e.Epoch <= after[i-1].Epoch {
					t.Errorf("epochs out of order: %v", after)
				}
			}
			head, err := s.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !found || after[len(after)-1] != (pipeline.Cursor{Epoch: head.Epoch}) {
				t.Errorf("%v is not in the epochs %v, or the last is not %d", foreign, after, head.Epoch)
			}
			checkInvariants(t, s)
		})
	}
}
