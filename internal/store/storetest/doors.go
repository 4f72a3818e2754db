package storetest

import (
	"errors"
	"fmt"
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
	x.untilDigested()
	x.checkRead()
	x.checkChanges()
	x.checkRecords()
	x.checkKnown()
	x.checkGet()
	x.checkSets()
	for _, prefix := range x.model.prefixes() {
		x.checkList(prefix, "", time.Time{}, time.Time{}, 3)
		for set := range x.model.sets {
			x.checkList(prefix, set, time.Time{}, time.Time{}, 2)
		}
	}
	x.checkIdentity()
	x.checkTally()
	x.checkHoldings()
	x.checkBrowsing()
	x.checkEntries()
	x.checkStock()
}

// checkDigest compares the digest with that of the model, where it is not being worked out.
func (x *fixture) checkDigest(h pipeline.Head) {
	x.Helper()
	if !h.DigestPending && h.Digest != x.model.digest() {
		x.Fatalf("digest %x, want %x", h.Digest, x.model.digest())
	}
}

// untilDigested waits until the digest of a new epoch is worked out.
func (x *fixture) untilDigested() {
	x.Helper()
	for deadline := time.Now().Add(time.Minute); x.head().DigestPending; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			x.Fatalf("the digest is not worked out")
		}
	}
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
		x.checkDigest(head)
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
		return pipeline.Known{Identifier: r.Identifier, Input: r.input, Owner: r.Origin.Identifier, Sets: r.Sets, Live: r.Deleted == pipeline.Live, Suppressed: r.Deleted == pipeline.Takedown}
	}
	for id, r := range x.model.records {
		ask, want = append(ask, pipeline.Ask{Identifier: id}), append(want, known(r))
	}
	for a := range x.model.aliases {
		r := x.model.find(a, nil)
		ask, want = append(ask, pipeline.Ask{Identifier: identifier("alpha", "never"), Aliases: []string{a}}, pipeline.Ask{Identifier: a}), append(want, known(r), known(r))
	}
	for i := range ask {
		ask[i].Input = pipeline.Hash{1} // another than it has, so that the owner is told
		ask[i].Sets = true
	}
	got, err := x.log.Known(x.Context(), ask)
	x.ok(err)
	x.same("what is known", got, want, cmpopts.IgnoreFields(pipeline.Known{}, "Met")) // see testPasses
}

func entryOf(r *oaipmh.Record) entry {
	e := entry{Identifier: r.Identifier, Datestamp: r.Datestamp, Deleted: r.Deleted, Sets: slices.Clone(r.Sets), Metadata: string(r.Metadata)}
	for _, a := range r.About {
		e.About = append(e.About, string(a))
	}
	return e
}

// checkGet asks for each record in each format.
func (x *fixture) checkGet() {
	x.Helper()
	for id, r := range x.model.records {
		for _, prefix := range x.model.prefixes() {
			got, head, err := x.oai.Get(x.Context(), id, prefix)
			x.sawStamp(head)
			want := x.model.entryIn(r, prefix)
			if !r.has(prefix) {
				d, had := x.model.left[formatList(prefix)][id]
				if !had {
					x.is(err, oaipmh.ErrNoFormat)
					continue
				}
				want = entry{Identifier: id, Datestamp: d.datestamp, Deleted: true, Sets: r.Sets}
			}
			x.ok(err)
			x.same("record got as "+prefix, entryOf(got), want, cmpopts.EquateEmpty())
		}
		_, _, err := x.oai.Get(x.Context(), id, "nonsense")
		x.is(err, oaipmh.ErrNoFormat)
		x.same("formats of "+id, x.formats(id), append([]string{"oai_dc", "oai_qdc"}, r.formats...))
	}
	_, _, err := x.oai.Get(x.Context(), identifier("alpha", "never"), "oai_dc")
	x.is(err, oaipmh.ErrNoItem)
	_, err = x.oai.Formats(x.Context(), identifier("alpha", "never"))
	x.is(err, oaipmh.ErrNoItem)
}

// formats are the prefixes of the formats of a record, or of the repository.
func (x *fixture) formats(identifier string) (out []string) {
	x.Helper()
	f, err := x.oai.Formats(x.Context(), identifier)
	x.ok(err)
	x.sawStamp(f.Head)
	for _, f := range f.Formats {
		out = append(out, f.Prefix)
		if native, ok := x.model.native[f.Prefix]; ok && (native.Namespace != f.Namespace || native.Schema != f.Schema) {
			x.Errorf("%s is %+v, want %+v", f.Prefix, f, native)
		}
	}
	return out
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
func (x *fixture) checkList(prefix, set string, from, until time.Time, page int) {
	x.Helper()
	q := oaipmh.Query{Prefix: prefix, Set: set, From: from, Until: until}
	want := x.model.list(&q)
	var got []entry
	for {
		if _, err := x.oai.List(x.Context(), &q, func(*oaipmh.Record) bool { return true }); errors.Is(err, oaipmh.ErrNoSuchSet) && !x.model.sets[set] {
			return
		}
		p := x.readPage(q, page)
		l := p.listing
		got = append(got, p.entries...)
		x.sawStamp(l.Head)
		if q.After != "" && len(p.entries) == 0 {
			x.Fatalf("an empty page of %+v", q)
		}
		counted := q.After == "" && from.IsZero() && until.IsZero() && (set == "" || ofEveryone(prefix))
		if counted && l.Size != int64(len(want)) || q.After == "" && l.Size >= 0 && l.Size != int64(len(want)) {
			x.Fatalf("size of the list %+v is %d, want %d", q, l.Size, len(want))
		}
		if q.After = l.Next; q.After == "" {
			break
		}
	}
	x.same(fmt.Sprintf("list of %q as %s from %v until %v", set, prefix, from, until), got, want, cmpopts.EquateEmpty())
	x.checkHeaders(q, got)
}

// checkHeaders compares the list of headers with that of records.
func (x *fixture) checkHeaders(q oaipmh.Query, want []entry) {
	x.Helper()
	q.After, q.HeadersOnly = "", true
	var got []entry
	_, err := x.oai.List(x.Context(), &q, func(r *oaipmh.Record) bool {
		got = append(got, entryOf(r))
		return true
	})
	x.ok(err)
	for i := range want {
		want[i].Metadata, want[i].About = "", nil
	}
	x.same(fmt.Sprintf("headers of %+v", q), got, want, cmpopts.EquateEmpty())
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
	all := x.formats("")
	slices.Sort(all)
	x.same("formats", all, x.model.offered())
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
