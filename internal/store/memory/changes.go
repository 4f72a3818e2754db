package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Changes gives the changes behind a place (see [pipeline.Feed]).
func (l *Log) Changes(_ context.Context, w pipeline.Wanted) (out pipeline.Changes, err error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	out.Head, out.Upto = l.head, l.head.Seq
	size := 0
	for _, rec := range l.wanted(&w) {
		out.Records = append(out.Records, rec)
		size += len(rec.DC) + len(rec.OAIDC) + len(rec.Original)
		if len(out.Records) == w.Limit || size >= w.Bytes {
			out.Upto = rec.Seq
			break
		}
	}
	if out.Upto < out.Head.Seq {
		return out, nil
	}
	for _, src := range l.sources {
		out.Live += src.live
	}
	return out, nil
}

// wanted are all the changes behind the place.
func (l *Log) wanted(w *pipeline.Wanted) (out []pipeline.Record) {
	l.behind(w.After, func(it *item) bool {
		if w.Set != "" && !it.in(w.Set) {
			return true
		}
		rec := l.record(it)
		if rec.Deleted == pipeline.Live {
			if w.OAIDC {
				rec.OAIDC = bytes.Clone(it.OAIDC)
			}
			if w.Original {
				rec.Original = bytes.Clone(it.Original)
			}
		}
		out = append(out, rec)
		return true
	})
	if w.Set == "" {
		return out
	}
	list, _ := view{l}.List(store.SetList, w.Set) // it has no errors
	for at, d := range l.departures {
		if at.list != list.Key || d.seq <= w.After {
			continue
		}
		it := l.items[at.item]
		row := view{l}.left(it, d, w.Set)
		out = append(out, pipeline.Record{
			Identifier: it.Identifier, Source: it.Source, Seq: d.seq, Version: it.Version, Datestamp: time.Unix(row.Datestamp, 0).UTC(),
			Deleted: pipeline.LeftSet, Fingerprint: it.Fingerprint, Sets: row.Sets,
		})
	}
	slices.SortFunc(out, func(a, b pipeline.Record) int { return cmp.Compare(a.Seq, b.Seq) })
	return out
}
