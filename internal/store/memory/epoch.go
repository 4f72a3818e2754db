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
	return l.write(ctx, func(t *tx) error {
		now := l.guard.Wall()
		if !above.Believable(now) {
			above = pipeline.Head{}
		}
		old := l.head
		ds := max(old.Datestamp.Unix(), above.Datestamp.Unix())
		first := ds + 1
		if present, err := l.guard.Stamp(ds); err == nil {
			first = max(first, present)
		}
		head := pipeline.Head{Datestamp: time.Unix(first, 0).UTC(), Began: time.Unix(first, 0).UTC()}
		head.Epoch = max(old.Epoch+1, above.Epoch+1, now.UnixMilli())
		head.Seq = max(old.Seq, above.Seq)
		head.BeganAfter = head.Seq
		for _, it := range l.items {
			if it.Deleted == pipeline.Live {
				head.Digest.Add(it.Identifier, head.Began, it.OAIDC)
			}
		}
		l.moves.TouchAll()
		l.noteEpochs(t, old.Cursor, above.Cursor, head.Epoch)
		set(t, &l.seconds, slices.DeleteFunc(slices.Clone(l.seconds), func(s second) bool { return s.datestamp >= first }))
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
