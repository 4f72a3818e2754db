package memory

import (
	"context"
	"maps"
	"slices"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Holdings says what the log has of each source that was ever harvested, in order of their names.
func (l *Log) Holdings(context.Context) (out []pipeline.SourceCounts, err error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, name := range slices.Sorted(maps.Keys(l.sources)) {
		s := l.sources[name]
		out = append(out, pipeline.SourceCounts{Source: name, Live: s.live, Deleted: s.deleted, Complete: s.lastComplete})
	}
	return out, nil
}

// Browse gives up to limit live records of a source (of all, if it is empty): upwards those after a seq in seq
// order, downwards those before it in the opposite order.
func (l *Log) Browse(_ context.Context, source string, from int64, down bool, limit int) (out pipeline.BrowsedPage, err error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	out.Head = l.head
	own := l.ownSet(source)
	give := func(it *item) bool {
		switch {
		case it.Deleted != pipeline.Live || source != "" && !it.in(own):
			return true
		case len(out.Records) == limit:
			out.More = true
			return false
		}
		out.Records = append(out.Records, l.record(it))
		return true
	}
	if down {
		l.before(from, give)
	} else {
		l.behind(from, give)
	}
	return out, nil
}

// Last is the place of the last change of a source's records: the epoch, and the seq, which is 0 if there is none.
func (l *Log) Last(_ context.Context, source string) (pipeline.Cursor, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	last, own := pipeline.Cursor{Epoch: l.head.Epoch}, l.ownSet(source)
	l.before(l.head.Seq+1, func(it *item) bool {
		if it.in(own) {
			last.Seq = it.Seq
		}
		return last.Seq == 0
	})
	return last, nil
}
