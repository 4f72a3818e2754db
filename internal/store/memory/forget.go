package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Forget forgets what is not to be kept of a source any longer (see [pipeline.Log]).
func (l *Log) Forget(ctx context.Context, name string, k pipeline.Keep, limit int) (f pipeline.Forgotten, err error) {
	if err := l.Trouble(); err != nil {
		return f, fmt.Errorf("forget what is too old of %s: %w", name, err)
	}
	err = l.write(ctx, func(t *tx) error {
		src := l.sources[name]
		if src == nil {
			return nil
		}
		now := l.guard.Wall()
		runs := l.runsOf(name)
		for i, r := range slices.Backward(runs) {
			if r.ID != src.run && int(f.Runs) < limit && (k.Runs > 0 && i >= k.Runs || older(r.Began, now, k.RunsFor)) {
				drop(t, t.runs, r.ID)
				f.Runs++
			}
		}
		for _, q := range t.tooManyRejects(name, src.pass, k, now) {
			if int(f.Quarantined) < limit {
				drop(t, t.rejects, rejected{name, q.Key})
				drop(t, t.noted, q.Identifier)
				f.Quarantined++
			}
		}
		return nil
	})
	return f, err
}

// tooManyRejects are the items in quarantine that are beyond a bound, the oldest first.
func (t *tx) tooManyRejects(source string, pass int64, k pipeline.Keep, now time.Time) (out []*reject) {
	var all []*reject
	for at, q := range t.rejects {
		if at.source == source {
			all = append(all, q)
		}
	}
	slices.SortFunc(all, func(a, b *reject) int { return cmp.Or(b.LastSeen.Compare(a.LastSeen), cmp.Compare(b.ID, a.ID)) })
	var size int64
	for i, q := range all {
		size += int64(len(q.Original))
		if q.pass < pass && (k.Quarantined > 0 && i >= k.Quarantined || k.QuarantinedBytes > 0 && size > k.QuarantinedBytes || older(q.LastSeen, now, k.QuarantinedFor)) {
			out = append(out, q)
		}
	}
	slices.Reverse(out)
	return out
}

// older reports whether something is beyond a bound of time, if there is one.
func older(at, now time.Time, bound time.Duration) bool {
	return bound > 0 && at.Before(now.Add(-bound))
}
