package observe

import (
	"context"
	"log/slog"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A RunLog writes a line for each run that has ended.
type RunLog struct{ Logger *slog.Logger }

// RunBegan implements [pipeline.RunObserver].
func (RunLog) RunBegan(*pipeline.Run) {}

// PageCommitted implements [pipeline.RunObserver].
func (RunLog) PageCommitted(*pipeline.Run, *pipeline.Receipt, pipeline.Counts, int) {}

// RunEnded implements [pipeline.RunObserver]. The line is a warning if somebody should look.
func (l RunLog) RunEnded(run *pipeline.Run, report *pipeline.Report) {
	c := report.Counts
	attrs := []any{
		"source", run.Source, "result", report.Result, "new", c.Added, "changed", c.Updated, "deleted", c.Deleted,
		"unchanged", c.Unchanged, "rejected", c.Rejected, "took", report.Took.Round(time.Millisecond),
	}
	if advice := pipeline.Advice(report.Err); advice != "" {
		attrs = append(attrs, "advice", advice)
	}
	level := slog.LevelInfo
	if report.Why != "" {
		level = slog.LevelWarn
		attrs = append(attrs, "why", report.Why)
	}
	if report.Err != nil && report.Result != pipeline.Cancelled {
		level = slog.LevelWarn
	}
	if report.Err != nil {
		attrs = append(attrs, "err", report.Err)
	}
	l.Logger.Log(context.Background(), level, "a harvest has ended", attrs...)
}
