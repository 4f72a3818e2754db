package observe

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A publishedLog has changes with the seqs 1, 2, 3… stamped a minute apart.
type publishedLog struct {
	head pipeline.Head
	mark pipeline.Mark
}

var firstStamp = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func (l *publishedLog) Head(context.Context) (pipeline.Head, error) { return l.head, nil }
func (l *publishedLog) Mark(context.Context) (pipeline.Mark, error) { return l.mark, nil }

func (l *publishedLog) Read(_ context.Context, after int64, _ int) (out []pipeline.Record, _ pipeline.Head, _ error) {
	if after < l.head.Seq {
		out = append(out, pipeline.Record{Seq: after + 1, Datestamp: firstStamp.Add(time.Duration(after) * time.Minute)})
	}
	return out, l.head, nil
}

// The oldest change that is not published is that after the relay's place; without one the time goes on, however
// long the relay has been idle.
func TestOldestUnpublished(t *testing.T) {
	for name, tt := range map[string]struct {
		place, mark pipeline.Cursor
		want        time.Time // zero: the present time
	}{
		"all are published":            {place: pipeline.Cursor{Epoch: 1, Seq: 3}},
		"two wait":                     {place: pipeline.Cursor{Epoch: 1, Seq: 1}, want: firstStamp.Add(time.Minute)},
		"after a start":                {mark: pipeline.Cursor{Epoch: 1, Seq: 3}},
		"after a start, one waits":     {mark: pipeline.Cursor{Epoch: 1, Seq: 2}, want: firstStamp.Add(2 * time.Minute)},
		"nothing was ever published":   {want: firstStamp},
		"published in an older epoch":  {place: pipeline.Cursor{Epoch: 7, Seq: 3}, mark: pipeline.Cursor{Epoch: 7, Seq: 3}, want: firstStamp},
		"the mark is older than place": {place: pipeline.Cursor{Epoch: 1, Seq: 3}, mark: pipeline.Cursor{Epoch: 1, Seq: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			log := &publishedLog{pipeline.Head{Cursor: pipeline.Cursor{Epoch: 1, Seq: 3}}, pipeline.Mark{Cursor: tt.mark}}
			r := prometheus.NewRegistry()
			relay := NewRelay(r, &CommitTimes{}, log)
			if tt.place != (pipeline.Cursor{}) {
				relay.CaughtUp(tt.place)
			}
			before := time.Now().Truncate(time.Second)
			got := time.Unix(int64(value(t, r, "sheaf_relay_oldest_unpublished_timestamp_seconds")), 0)
			if tt.want.IsZero() && got.Before(before) || !tt.want.IsZero() && !got.Equal(tt.want) {
				t.Errorf("it is %v", got.UTC())
			}
		})
	}
}

// value is the value of a gauge that has no labels.
func value(t *testing.T, g prometheus.Gatherer, name string) float64 {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("there is no %s", name)
	return 0
}
