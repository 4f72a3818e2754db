package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// NewEpoch ends the present history (see [pipeline.Relayed]). The digest is worked out at once.
func (l *Log) NewEpoch(ctx context.Context, above pipeline.Head, _ string) error {
	if !above.Believable(l.guard.Wall()) {
		above = pipeline.Head{}
	}
	return l.startEpoch(ctx, above.Cursor, func(head int64) int64 {
		ds := max(head, above.Datestamp.Unix())
		if present, err := l.guard.Stamp(ds); err == nil {
			return max(ds+1, present)
		}
		return ds + 1
	})
}

// BeginEpoch ends the present history because a person says so, who vouches for the clock: the new epoch begins at the
// present second, also if the log had stamped changes with a later one.
func (l *Log) BeginEpoch(ctx context.Context, _ string) error {
	now := l.guard.Confirm().Unix()
	return l.startEpoch(ctx, pipeline.Cursor{}, func(int64) int64 { return now })
}

// startEpoch begins an epoch above what was given out. stamp makes its first datestamp of that of the head.
func (l *Log) startEpoch(ctx context.Context, above pipeline.Cursor, stamp func(head int64) int64) error {
	return l.write(ctx, func(t *tx) error {
		old := l.head
		first := stamp(old.Datestamp.Unix())
		head := pipeline.Head{Datestamp: time.Unix(first, 0).UTC(), Began: time.Unix(first, 0).UTC()}
		head.Epoch = max(old.Epoch+1, above.Epoch+1, l.guard.Wall().UnixMilli())
		head.Seq = max(old.Seq, above.Seq)
		head.BeganAfter = head.Seq
		for _, it := range l.items {
			if it.Deleted == pipeline.Live {
				head.Digest.Add(it.Identifier, head.Began, it.OAIDC)
			}
		}
		l.moves.TouchAll()
		l.noteEpochs(t, old.Cursor, above, head.Epoch)
		set(t, &l.seconds, slices.DeleteFunc(slices.Clone(l.seconds), func(s second) bool { return s.datestamp >= first }))
		if head.Began.Before(l.began) {
			set(t, &l.began, head.Began)
		}
		set(t, &l.head, head)
		return nil
	})
}

// noteEpochs notes the end of the present epoch, what a lost history gave out, and the one that begins.
func (l *Log) noteEpochs(t *tx, old, given pipeline.Cursor, next int64) {
	all := slices.Clone(l.epochs)
	end := func(c pipeline.Cursor) {
		if i := slices.IndexFunc(all, func(e pipeline.Cursor) bool { return e.Epoch == c.Epoch }); i >= 0 {
			all[i].Seq = max(all[i].Seq, c.Seq)
		} else if c.Epoch != 0 {
			all = append(all, c)
		}
	}
	end(old)
	end(given)
	slices.SortFunc(all, func(a, b pipeline.Cursor) int { return cmp.Compare(a.Epoch, b.Epoch) })
	set(t, &l.epochs, append(all, pipeline.Cursor{Epoch: next}))
}

// Epochs are the histories that the log has gone through (see [pipeline.Relayed]).
func (l *Log) Epochs(context.Context) ([]pipeline.Cursor, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.Clone(l.epochs), nil
}

// Stamped says when a seq was given out (see [pipeline.Relayed]).
func (l *Log) Stamped(_ context.Context, seq int64) (at time.Time, err error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if seq > l.head.Seq {
		return at, nil
	}
	at = l.head.Began
	for _, s := range slices.Backward(l.seconds) {
		if s.seq <= seq {
			return time.Unix(l.head.Shown(seq, s.datestamp), 0).UTC(), nil
		}
	}
	return at, nil
}

// Mark is the place that SetMark saved last (see [pipeline.Relayed]).
func (l *Log) Mark(context.Context) (pipeline.Mark, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.mark, nil
}

// SetMark saves how far the relay has come, and when that was.
func (l *Log) SetMark(ctx context.Context, m pipeline.Mark) error {
	return l.write(ctx, func(t *tx) error {
		set(t, &l.mark, m)
		return nil
	})
}
