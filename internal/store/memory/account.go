package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Runs gives up to limit of the runs that are remembered of a source, or of all, the newest first.
func (l *Log) Runs(_ context.Context, source string, limit int) (out []store.PastRun, err error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, r := range l.runsOf(source) {
		if len(out) < limit {
			out = append(out, store.PastRun{Source: r.source, RunStatus: r.RunStatus, Account: r.account})
		}
	}
	return out, nil
}

// runsOf are the runs of a source, or of all, the newest first.
func (l *Log) runsOf(source string) (out []*run) {
	for _, r := range l.runs {
		if source == "" || r.source == source {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b *run) int { return cmp.Compare(b.ID, a.ID) })
	return out
}

// failing says how many runs of a source in a row failed, and when the first of them ended.
func (l *Log) failing(source string) (n int64, since time.Time) {
	for _, r := range l.runsOf(source) {
		if r.Result == pipeline.Complete || r.Result == pipeline.OnHold {
			break
		}
		if slices.Contains(pipeline.Failures, r.Result) {
			n, since = n+1, r.Ended
		}
	}
	return n, since
}
