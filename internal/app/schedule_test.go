package app

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A diary is a log that notes when runs begin, and says how each ends, after a while.
type diary struct {
	pipeline.Log
	began []string
	takes time.Duration
	ends  error
}

func (d *diary) Begin(context.Context, string, func(harvest.Cursor) harvest.Cursor) (*pipeline.Run, error) {
	d.began = append(d.began, time.Now().Format("Jan 2 15:04"))
	time.Sleep(d.takes)
	return &pipeline.Run{Source: "a"}, nil
}

func (d *diary) Page(context.Context, harvest.Cursor) (*harvest.Page, error) {
	return &harvest.Page{Done: true}, d.ends
}

func (d *diary) Pass(context.Context, string) (pipeline.Pass, error) {
	return pipeline.Pass{Accepted: true}, nil
}
func (d *diary) Held(context.Context, string) (pipeline.Held, error)             { return pipeline.Held{}, nil }
func (d *diary) Known(context.Context, []pipeline.Ask) ([]pipeline.Known, error) { return nil, nil }
func (d *diary) Commit(context.Context, *pipeline.Batch) (*pipeline.Receipt, error) {
	return &pipeline.Receipt{}, nil
}
func (d *diary) End(context.Context, *pipeline.Run, pipeline.Outcome) error { return nil }

type unobserved struct{}

func (unobserved) RunBegan(*pipeline.Run)                                               {}
func (unobserved) PageCommitted(*pipeline.Run, *pipeline.Receipt, pipeline.Counts, int) {}
func (unobserved) RunEnded(*pipeline.Run, *pipeline.Report)                             {}

// TestWhenSourcesAreDue runs a scheduler for some days, which begin at midnight of January 1.
func TestWhenSourcesAreDue(t *testing.T) {
	night := config.TimeOfDay(2*60 + 30)
	for _, test := range []struct {
		name   string
		source config.Source
		ends   error
		last   time.Duration // since the last complete pass; 0 if there was none
		days   int
		want   []string
	}{
		{name: "each day at a time", source: config.Source{Every: 24 * time.Hour, At: &night}, days: 4,
			want: []string{"Jan 1 02:30", "Jan 2 02:30", "Jan 3 02:30", "Jan 4 02:30"}},
		{name: "each day at a time, after a restart", source: config.Source{Every: 24 * time.Hour, At: &night}, last: 21*time.Hour + 15*time.Minute, days: 2,
			want: []string{"Jan 1 02:30", "Jan 2 02:30"}},
		{name: "every three days at a time", source: config.Source{Every: 72 * time.Hour, At: &night}, days: 8,
			want: []string{"Jan 1 02:30", "Jan 4 02:30", "Jan 7 02:30"}},
		{name: "failing at a time", source: config.Source{Every: 24 * time.Hour, At: &night}, ends: errors.New("no"), days: 1,
			want: []string{"Jan 1 02:30", "Jan 1 02:46", "Jan 1 03:03", "Jan 1 03:22", "Jan 1 03:45"}},
		{name: "failing in a window", source: config.Source{Every: 24 * time.Hour, Window: &config.Window{From: 120, To: 150}}, ends: errors.New("no"), days: 2,
			want: []string{"Jan 1 02:00", "Jan 1 02:16", "Jan 2 02:00", "Jan 2 02:19"}},
		{name: "shut out", source: config.Source{Every: 24 * time.Hour}, ends: &harvest.Error{Kind: harvest.Challenged}, days: 2,
			want: []string{"Jan 1 00:00", "Jan 2 00:15"}},
		{name: "asked for patience", source: config.Source{Every: 6 * time.Hour}, ends: &harvest.Error{Kind: harvest.RateLimited, RetryAfter: 10 * time.Hour}, days: 1,
			want: []string{"Jan 1 00:00", "Jan 1 10:15", "Jan 1 20:30"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &diary{takes: 15 * time.Minute, ends: test.ends}
				s := pipeline.Scheduler{
					Runner: &pipeline.Runner{Log: d, Namespace: "a.example", Observer: unobserved{}, Logger: slog.New(slog.DiscardHandler)},
					Last: func(context.Context, string) (last time.Time, err error) {
						if test.last != 0 {
							last = time.Now().Add(-test.last)
						}
						return last, nil
					},
					Logger: slog.New(slog.DiscardHandler),
				}
				s.Assign([]*pipeline.Job{{Source: &pipeline.Source{Name: "a", Harvest: d}, Every: test.source.Every, At: allowed(&test.source, time.UTC)}})
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(test.days)*24*time.Hour)
				defer cancel()
				_ = s.Run(ctx) // the deadline
				if n := len(test.want); len(d.began) < n || !slices.Equal(d.began[:n], test.want) || test.ends == nil && len(d.began) != n {
					t.Errorf("runs began %q, want %q", d.began, test.want)
				}
			})
		})
	}
}
