package observe

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// progressEvery is how often the log tells how far a run is.
const progressEvery = time.Minute

// A RunLog writes a line for each run that has ended, and a line each minute for one that goes on. Both have the number
// of the run, by which sheaf runs, the operators' pages and the notices about harvests name it too.
type RunLog struct {
	Logger *slog.Logger

	mu   sync.Mutex
	told map[*pipeline.Run]time.Time // when it was told last of each run under way
}

// RunBegan implements [pipeline.RunObserver].
func (l *RunLog) RunBegan(run *pipeline.Run) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.told == nil {
		l.told = map[*pipeline.Run]time.Time{}
	}
	l.told[run] = time.Now()
	l.Logger.Debug("a harvest begins", "source", run.Source, "run", run.ID)
}

// PageCommitted implements [pipeline.RunObserver].
func (l *RunLog) PageCommitted(run *pipeline.Run, _ *pipeline.Receipt, sum pipeline.Counts, total int) {
	if !l.due(run) {
		return
	}
	attrs := []any{"source", run.Source, "run", run.ID, "pages", sum.Pages, "items", sum.Items}
	if total > 0 {
		attrs = append(attrs, "of", total)
	}
	l.Logger.Info("a harvest goes on", append(attrs, counted(sum)...)...)
}

// due reports whether it is time for another line about a run under way.
func (l *RunLog) due(run *pipeline.Run) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, underWay := l.told[run]
	if !underWay || time.Since(last) < progressEvery {
		return false
	}
	l.told[run] = time.Now()
	return true
}

func counted(c pipeline.Counts) []any {
	return []any{"new", c.Added, "changed", c.Updated, "deleted", c.Deleted, "unchanged", c.Unchanged, "rejected", c.Rejected}
}

// RunEnded implements [pipeline.RunObserver]. The line is a warning if somebody should look.
func (l *RunLog) RunEnded(run *pipeline.Run, report *pipeline.Report) {
	l.mu.Lock()
	delete(l.told, run)
	l.mu.Unlock()
	attrs := append([]any{"source", run.Source, "run", run.ID, "result", report.Result}, counted(report.Counts)...)
	attrs = append(attrs, "took", report.Took.Round(time.Millisecond))
	if advice := pipeline.Advice(report.Err); advice != "" {
		attrs = append(attrs, "advice", advice)
	}
	level := slog.LevelInfo
	if report.Why != "" {
		level = slog.LevelWarn
		attrs = append(attrs, "why", report.Why)
	}
	if n := report.Forgotten.Quarantined; n > 0 { // their bytes are gone
		level = slog.LevelWarn
		attrs = append(attrs, "quarantine_forgotten", n)
	}
	if report.Err != nil && report.Result != pipeline.Cancelled {
		level = slog.LevelWarn
	}
	if report.Err != nil {
		attrs = append(attrs, "err", report.Err)
	}
	l.Logger.Log(context.Background(), level, "a harvest has ended", attrs...)
}
