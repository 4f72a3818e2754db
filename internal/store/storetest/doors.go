package storetest

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// checkDoors reads the log back through every door and compares it with the model.
func (x *fixture) checkDoors() {
	x.Helper()
	x.checkRead()
	x.checkRecords()
	x.checkKnown()
	x.checkGet()
	x.checkSets()
	x.checkList("", time.Time{}, time.Time{}, 3)
	for set := range x.model.sets {
		x.checkList(set, time.Time{}, time.Time{}, 2)
	}
	x.checkIdentity()
	x.checkTally()
}

// checkRead follows the log's cursor from 0 in small pages.
func (x *fixture) checkRead() {
	x.Helper()
	var got []pipeline.Record
	after := int64(0)
	for {
		page, head, err := x.log.Read(x.Context(), after, 3)
		x.ok(err)
		x.sawHead(head)
		if head.Digest != x.model.digest() {
			x.Fatalf("digest %x, want %x", head.Digest, x.model.digest())
		}
		for _, r := range page {
			if r.Seq <= after || r.Seq > head.Seq || r.Datestamp.After(head.Datestamp) {
				x.Fatalf("%s has seq %d after %d, datestamp %v, under the head %v %v", r.Identifier, r.Seq, after, r.Datestamp, head.Cursor, head.Datestamp)
			}
			after = r.Seq
		}
		got = append(got, page...)
		if len(page) < 3 {
			break
		}
	}
	var want []pipeline.Record
	for _, r := range x.model.ordered() {
		w := r.Record
		w.Original, w.Rules, w.Notes, w.Stale = nil, "", nil, false
		want = append(want, w)
	}
	x.same("records read in the order of the log", got, want, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(pipeline.Record{}, "Seq", "Stale"))
}

func (x *fixture) checkRecords() {
	x.Helper()
	for id, r := range x.model.records {
		got, err := x.log.Record(x.Context(), id)
		x.ok(err)
		x.same("record "+id, *got, r.Record, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(pipeline.Record{}, "Seq", "Seen"))
	}
	_, err := x.log.Record(x.Context(), identifier("alpha", "never"))
	x.is(err, pipeline.ErrNotFound)
}

func (x *fixture) checkKnown() {
	x.Helper()
	ask := []pipeline.Ask{{Identifier: identifier("alpha", "never")}}
	want := []pipeline.Known{{}}
	known := func(r *state) pipeline.Known {
		return pipeline.Known{Identifier: r.Identifier, Input: r.input, Suppressed: r.Deleted == pipeline.Takedown}
	}
	for id, r := range x.model.records {
		ask, want = append(ask, pipeline.Ask{Identifier: id}), append(want, known(r))
	}
	for a := range x.model.aliases {
		r := x.model.find(a, nil)
		ask, want = append(ask, pipeline.Ask{Identifier: identifier("alpha", "never"), Aliases: []string{a}}, pipeline.Ask{Identifier: a}), append(want, known(r), known(r))
	}
	got, err := x.log.Known(x.Context(), ask)
	x.ok(err)
	x.same("what is known", got, want)
}

func entryOf(r *oaipmh.Record) entry {
	return entry{r.Identifier, r.Datestamp, r.Deleted, slices.Clone(r.Sets), string(r.Metadata)}
}

func (x *fixture) checkGet() {
	x.Helper()
	for _, e := range x.model.list("", time.Time{}, time.Time{}) {
		r, head, err := x.oai.Get(x.Context(), e.Identifier, "oai_dc")
		x.ok(err)
		x.sawStamp(head)
		x.same("record got", entryOf(r), e, cmpopts.EquateEmpty())
		_, _, err = x.oai.Get(x.Context(), e.Identifier, "nonsense")
		x.is(err, oaipmh.ErrNoFormat)
		f, err := x.oai.Formats(x.Context(), e.Identifier)
		x.ok(err)
		if !slices.ContainsFunc(f.Formats, func(f oaipmh.Format) bool { return f.Prefix == "oai_dc" }) {
			x.Fatalf("%s has no oai_dc: %+v", e.Identifier, f)
		}
	}
	_, _, err := x.oai.Get(x.Context(), identifier("alpha", "never"), "oai_dc")
	x.is(err, oaipmh.ErrNoItem)
	_, err = x.oai.Formats(x.Context(), identifier("alpha", "never"))
	x.is(err, oaipmh.ErrNoItem)
}

// checkSets asks for the sets one at a time.
func (x *fixture) checkSets() {
	x.Helper()
	var got []string
	for more := true; more; {
		more = false
		after := ""
		if len(got) > 0 {
			after = got[len(got)-1]
		}
		_, err := x.oai.Sets(x.Context(), after, func(s *oaipmh.Set) bool {
			if more {
				return false
			}
			got, more = append(got, s.Spec), true
			return true
		})
		x.ok(err)
	}
	x.same("sets", got, slices.Sorted(maps.Keys(x.model.sets)), cmpopts.EquateEmpty())
}

// checkList reads a list in pages of the given size.
func (x *fixture) checkList(set string, from, until time.Time, page int) {
	x.Helper()
	q := oaipmh.Query{Prefix: "oai_dc", Set: set, From: from, Until: until}
	want := x.model.list(set, from, until)
	var got []entry
	for {
		n := 0
		l, err := x.oai.List(x.Context(), &q, func(r *oaipmh.Record) bool {
			if n == page {
				return false
			}
			n++
			got = append(got, entryOf(r))
			return true
		})
		if errors.Is(err, oaipmh.ErrNoSuchSet) && !x.model.sets[set] {
			return
		}
		x.ok(err)
		x.sawStamp(l.Head)
		if q.After != "" && n == 0 {
			x.Fatalf("an empty page of %+v", q)
		}
		if whole := from.IsZero() && until.IsZero(); whole && l.Size != int64(len(want)) || l.Size >= 0 && l.Size != int64(len(want)) {
			x.Fatalf("size of the list %+v is %d, want %d", q, l.Size, len(want))
		}
		if q.After = l.Next; q.After == "" {
			break
		}
	}
	x.same("list of \""+set+"\" from "+from.String()+" until "+until.String(), got, want, cmpopts.EquateEmpty())

	q.After, q.HeadersOnly = "", true
	n := 0
	_, err := x.oai.List(x.Context(), &q, func(r *oaipmh.Record) bool {
		if r.Identifier != want[n].Identifier || r.Deleted != want[n].Deleted || !r.Datestamp.Equal(want[n].Datestamp) {
			x.Errorf("header %d of %+v is %+v, want %+v", n, q, r, want[n])
		}
		n++
		return n < len(want)
	})
	x.ok(err)
}

func (x *fixture) checkIdentity() {
	x.Helper()
	id, err := x.oai.Identify(x.Context())
	x.ok(err)
	x.sawStamp(id.Head)
	for _, s := range x.model.seconds() {
		if s.Before(id.EarliestDatestamp) {
			x.Fatalf("datestamp %v is before the earliest, %v", s, id.EarliestDatestamp)
		}
	}
	f, err := x.oai.Formats(x.Context(), "")
	x.ok(err)
	if !slices.ContainsFunc(f.Formats, func(f oaipmh.Format) bool { return f.Prefix == "oai_dc" }) {
		x.Fatalf("no oai_dc: %+v", f)
	}
}

func (x *fixture) checkTally() {
	x.Helper()
	if x.in.Tally == nil {
		return
	}
	got, err := x.in.Tally(x.Context(), x.log)
	x.ok(err)
	x.same("counts of the sources", got, x.model.tally())
}
