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
	if out.Head, out.Upto = l.head, l.head.Seq; w.Down {
		out.Upto = 0
	}
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
	walk, order := l.behind, 1
	if w.Down {
		walk, order = l.before, -1
	}
	in, within := w.Set, w.Source+w.Set != ""
	if w.Source != "" {
		in = l.ownSet(w.Source)
	}
	walk(w.After, func(it *item) bool {
		if within && !it.in(in) {
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
		if at.list != list.Key || cmp.Compare(d.seq, w.After) != order {
			continue
		}
		it := l.items[at.item]
		row := view{l}.left(it, d, w.Set)
		out = append(out, pipeline.Record{
			Identifier: it.Identifier, Source: it.Source, Seq: d.seq, Version: it.Version, Datestamp: time.Unix(row.Datestamp, 0).UTC(),
			Deleted: pipeline.LeftSet, Fingerprint: it.Fingerprint, Sets: row.Sets,
		})
	}
	slices.SortFunc(out, func(a, b pipeline.Record) int { return order * cmp.Compare(a.Seq, b.Seq) })
	return out
}

// Entries gives up to limit live records whose numbers are above after and not above upto, in the order of the numbers,
// and the newest number that there is, with the oai_dc of each if that is wanted. A number is given to a record when it
// first comes, and never again.
func (l *Log) Entries(_ context.Context, after, upto int64, limit int, oaiDC bool) (out []pipeline.Entry, newest int64, err error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for number, it := range l.items {
		newest = max(newest, number)
		if number > after && number <= upto && it.Deleted == pipeline.Live {
			rec := l.record(it)
			e := pipeline.Entry{Number: number, Identifier: rec.Identifier, Datestamp: rec.Datestamp}
			if oaiDC {
				e.OAIDC = bytes.Clone(it.OAIDC)
			}
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b pipeline.Entry) int { return cmp.Compare(a.Number, b.Number) })
	return out[:min(limit, len(out))], newest, nil
}
