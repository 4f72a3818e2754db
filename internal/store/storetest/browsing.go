package storetest

import (
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// checkBrowsing walks the live records of each source, and of all, in both directions.
func (x *fixture) checkBrowsing() {
	x.Helper()
	for _, source := range append(slices.Sorted(maps.Keys(x.model.sources)), "") {
		var want []string
		last := ""
		for _, r := range x.model.ordered() {
			if source != "" && !slices.ContainsFunc(r.Sets, func(s string) bool { return s == source || strings.HasPrefix(s, source+":") }) {
				continue
			}
			if last = r.Identifier; r.Deleted == pipeline.Live {
				want = append(want, r.Identifier)
			}
		}
		x.same("live records of "+source, x.browse(source, 0, false), want, cmpopts.EquateEmpty())
		slices.Reverse(want)
		x.same("live records of "+source+", backwards", x.browse(source, math.MaxInt64, true), want, cmpopts.EquateEmpty())
		if source != "" {
			x.checkLast(source, last)
		}
	}
}

// browse gives the identifiers of a walk in small pages.
func (x *fixture) browse(source string, from int64, down bool) (out []string) {
	x.Helper()
	for {
		page, err := x.log.Browse(x.Context(), source, from, down, 2)
		x.ok(err)
		for _, r := range page.Records {
			if r.Deleted != pipeline.Live || r.Seq == from || r.Seq < from != down {
				x.Fatalf("%s at %d comes after %d (down: %v)", r.Identifier, r.Seq, from, down)
			}
			out, from = append(out, r.Identifier), r.Seq
		}
		if page.More && len(page.Records) < 2 {
			x.Fatalf("a page of %d records says that there are more", len(page.Records))
		}
		if !page.More {
			return out
		}
	}
}

// checkLast holds the place of the last change of a source against the record that changed last.
func (x *fixture) checkLast(source, identifier string) {
	x.Helper()
	got, err := x.log.Last(x.Context(), source)
	x.ok(err)
	want := pipeline.Cursor{Epoch: x.head().Epoch}
	if identifier != "" {
		rec, err := x.log.Record(x.Context(), identifier)
		x.ok(err)
		want.Seq = rec.Seq
	}
	x.same("the last change of "+source, got, want)
}

// checkHoldings compares what the log says that it has of each source with what it has.
func (x *fixture) checkHoldings() {
	x.Helper()
	counts, err := x.log.Holdings(x.Context())
	x.ok(err)
	status, err := x.log.Status(x.Context())
	x.ok(err)
	got, want := map[string]Tally{}, map[string]Tally{}
	for _, c := range counts {
		got[c.Source] = Tally{Live: c.Live, Deleted: c.Deleted}
	}
	for _, s := range status {
		want[s.Source] = Tally{Live: s.Live, Deleted: s.Deleted}
		x.checkQuarantine(s.Source, s.Quarantined)
	}
	x.same("what the log has of each source", got, want)
}

// checkQuarantine reads the quarantine of a source in small pages.
func (x *fixture) checkQuarantine(source string, count int64) {
	x.Helper()
	got, after := map[string]string{}, int64(0)
	for {
		page, err := x.log.Quarantine(x.Context(), source, after, 2)
		x.ok(err)
		for _, q := range page {
			if q.ID <= after || q.Source != source {
				x.Fatalf("item %d of %s comes after %d of %s", q.ID, q.Source, after, source)
			}
			got[q.Key], after = q.Identifier, q.ID
		}
		if len(page) < 2 {
			break
		}
	}
	x.same("quarantine of "+source, got, x.model.source(source).quarantine)
	x.same("size of the quarantine of "+source, int64(len(got)), count)
}

// testMemos: what is written down beside the records is there after a restart, and so are keys.
