package storetest

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// checkChanges follows the whole log, and each set, in small pages, and compares with the lists that harvesters are
// given, and with what Read and Record say.
func (x *fixture) checkChanges() {
	x.Helper()
	for _, set := range append(slices.Sorted(maps.Keys(x.model.sets)), "", "never:there") {
		var want []pipeline.Record
		x.ok(x.log.Snapshot(x.Context(), func(v store.View) error {
			list, err := v.List(store.SetList, set)
			if err != nil || set != "" && list.Key == 0 {
				return err
			}
			return v.Rows(&store.Range{Set: set, SetKey: list.Key, Upto: math.MaxInt64, OAIDC: true}, func(row *store.Row) (bool, error) {
				want = append(want, x.changeOf(row, set))
				return true, nil
			})
		}))
		x.same("changes of the set "+set, x.follow(set), want, cmpopts.EquateEmpty())
		slices.Reverse(want)
		x.same("changes of the set "+set+", the newest first", x.goBack(set), want, cmpopts.EquateEmpty())
	}
}

// changeOf is what a follower is told of a row.
func (x *fixture) changeOf(row *store.Row, set string) pipeline.Record {
	x.Helper()
	rec, err := x.log.Record(x.Context(), row.Identifier)
	x.ok(err)
	out := *rec
	out.Rules, out.Notes, out.Seen, out.Stale = "", nil, time.Time{}, false
	if out.Deleted != pipeline.Live {
		out.Original = nil
	}
	if set != "" && !slices.ContainsFunc(rec.Sets, func(s string) bool { return s == set || strings.HasPrefix(s, set+":") }) {
		return pipeline.Record{
			Identifier: row.Identifier, Source: rec.Source, Seq: row.Seq, Version: rec.Version, Datestamp: time.Unix(row.Datestamp, 0).UTC(),
			Deleted: pipeline.LeftSet, Fingerprint: rec.Fingerprint, Sets: []string{set},
		}
	}
	if out.Seq = row.Seq; !row.Deleted {
		out.OAIDC = slices.Clone(row.OAIDC)
	}
	return out
}

// follow reads all changes of a set, or of the log.
func (x *fixture) follow(set string) (out []pipeline.Record) {
	x.Helper()
	for after := int64(0); ; {
		w := pipeline.Wanted{After: after, Set: set, OAIDC: true, Original: true, Limit: 2, Bytes: 1 << 20}
		if len(out)%3 == 1 {
			w.Bytes = 1 // one record is given whatever it measures
		}
		page, err := x.log.Changes(x.Context(), w)
		x.ok(err)
		x.sawHead(page.Head)
		x.checkDigest(page.Head)
		for i := range page.Records {
			r := &page.Records[i]
			if r.Seq <= after || r.Seq > page.Upto || r.Datestamp.After(page.Head.Datestamp) {
				x.Fatalf("%s has seq %d after %d and up to %d, datestamp %v, under the head %v %v", r.Identifier, r.Seq, after, page.Upto, r.Datestamp, page.Head.Cursor, page.Head.Datestamp)
			}
			r.Stale = false // Read and the pages tell it, at their own time
			after = r.Seq
		}
		if out = append(out, page.Records...); page.Upto == page.Head.Seq {
			live := int64(0)
			for _, r := range x.model.records {
				if r.Deleted == pipeline.Live {
					live++
				}
			}
			x.same("live records", page.Live, live)
			return out
		}
		if len(page.Records) == 0 || after != page.Upto {
			x.Fatalf("%d records, the last one at %d, and there is more behind %d", len(page.Records), after, page.Upto)
		}
	}
}

// goBack reads all changes of a set, or of the log, the newest first.
func (x *fixture) goBack(set string) (out []pipeline.Record) {
	x.Helper()
	for before := int64(math.MaxInt64); ; {
		page, err := x.log.Changes(x.Context(), pipeline.Wanted{After: before, Down: true, Set: set, OAIDC: true, Original: true, Limit: 2, Bytes: 1 << 20})
		x.ok(err)
		for i := range page.Records {
			r := &page.Records[i]
			if r.Seq >= before || r.Seq < page.Upto {
				x.Fatalf("%s has seq %d before %d and down to %d", r.Identifier, r.Seq, before, page.Upto)
			}
			r.Stale = false // as follow has it
			before = r.Seq
		}
		if out = append(out, page.Records...); page.Upto == 0 {
			return out
		}
		if len(page.Records) == 0 || before != page.Upto {
			x.Fatalf("%d records, the last one at %d, and there is more before %d", len(page.Records), before, page.Upto)
		}
	}
}

// checkEntries reads the live records by their numbers, and holds these against those that they had before.
func (x *fixture) checkEntries() {
	x.Helper()
	type entry struct {
		at    time.Time
		oaiDC string
	}
	want := map[string]entry{}
	all, err := x.log.Changes(x.Context(), pipeline.Wanted{OAIDC: true, Limit: math.MaxInt32, Bytes: math.MaxInt32})
	x.ok(err)
	for _, rec := range all.Records {
		if rec.Deleted == pipeline.Live {
			want[rec.Identifier] = entry{rec.Datestamp, string(rec.OAIDC)}
		}
	}
	got := map[string]entry{}
	for after := int64(0); ; {
		some, newest, err := x.log.Entries(x.Context(), after, math.MaxInt64, 2, true)
		x.ok(err)
		for _, e := range some {
			if e.Number <= after || e.Number > newest {
				x.Fatalf("%s has the number %d behind %d, and the newest is %d", e.Identifier, e.Number, after, newest)
			}
			if had, known := x.numbers[e.Identifier]; known && had != e.Number {
				x.Fatalf("%s had the number %d, and has %d", e.Identifier, had, e.Number)
			}
			x.numbers[e.Identifier], got[e.Identifier], after = e.Number, entry{e.Datestamp, string(e.OAIDC)}, e.Number
		}
		if len(some) < 2 {
			break
		}
	}
	if !maps.Equal(got, want) {
		x.Fatalf("entries are %v, and the log has %v", got, want)
	}
	if len(got) > 1 {
		first, _, err := x.log.Entries(x.Context(), 0, math.MaxInt64, 1, false)
		x.ok(err)
		if some, _, err := x.log.Entries(x.Context(), 0, first[0].Number, 10, false); err != nil || len(some) != 1 || some[0].OAIDC != nil {
			x.Fatalf("up to the first: %v, %v", some, err)
		}
	}
}
