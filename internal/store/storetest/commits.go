package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

func testFencing(t *testing.T, f Factory) {
	x := start(t, t, f)
	first := x.begin("alpha", false)
	page1 := x.page("alpha", live(identifier("alpha", 0), 0, "alpha"))
	x.ok(x.commit(page1))
	x.is(x.commit(page1), pipeline.ErrFenced) // the same page once more

	// A second runner takes over; the first can't do anything any more, nor end what is not its own.
	other := x.page("alpha", live(identifier("alpha", 0), 1, "alpha"))
	second := x.begin("alpha", false)
	if second.Cursor != page1.Next {
		t.Fatalf("the second run begins at %q, want %q", second.Cursor, page1.Next)
	}
	x.is(x.commit(other), pipeline.ErrFenced)
	x.ok(x.log.End(t.Context(), first, pipeline.Outcome{Result: "complete"}))
	x.put("alpha", live(identifier("alpha", 0), 2, "alpha"))

	// A page that was fetched from another place.
	elsewhere := x.page("alpha", live(identifier("alpha", 0), 3, "alpha"))
	elsewhere.From = "elsewhere"
	x.is(x.commit(elsewhere), pipeline.ErrFenced)

	// Another source's run is not fenced by any of this; one that never began is.
	x.put("beta", live(identifier("beta", 0), 0, "beta"))
	x.is(x.commit(&pipeline.Batch{Run: &pipeline.Run{ID: 1 << 40, Source: "gamma"}, Changes: []pipeline.Change{live(identifier("gamma", 0), 0, "gamma")}}), pipeline.ErrFenced)

	// A fresh run begins again; a restart fences nobody.
	x.begin("alpha", true)
	x.put("alpha", live(identifier("alpha", 0), 4, "alpha"))
	x.restart()
	x.put("alpha", live(identifier("alpha", 0), 5, "alpha"))
	x.ok(x.log.End(t.Context(), x.runs["alpha"], pipeline.Outcome{Result: "complete"}))
	x.checkDoors()
}

// testAllOrNothing: a page that can't be taken leaves nothing behind.
func testAllOrNothing(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.fill()
	before := x.head()
	b := x.page("alpha",
		live(identifier("alpha", "new"), 0, "alpha", "alpha:new"),
		gone(identifier("alpha", 1), pipeline.Absent))
	b.Rejects = []pipeline.Reject{{Key: "k", Identifier: identifier("alpha", 2), Reason: "malformed"}}
	b.Unchanged = []pipeline.Seen{
		{Identifier: identifier("alpha", 3), Input: inputOf(identifier("alpha", 3), 3)},
		{Identifier: identifier("alpha", 4), Input: inputOf(identifier("alpha", 4), 99)},
	}
	x.is(x.commit(b), pipeline.ErrStale)
	b.Unchanged = []pipeline.Seen{{Identifier: identifier("alpha", "never")}}
	x.is(x.commit(b), pipeline.ErrStale)
	if after := x.head(); after.Cursor != before.Cursor || after.Digest != before.Digest {
		t.Errorf("head %+v after pages that were refused, want %+v", after, before)
	}
	x.checkDoors()
	b.Unchanged = nil
	x.ok(x.commit(b))
	x.checkDoors()
	x.restart()
	x.checkDoors()
}

// testAgainOnAPage: an item may come again on the same page, and under another name; what came last counts, and each state of it
// on the way was one. So may an item that is new.
func testAgainOnAPage(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.fill()
	old, left, fresh := identifier("alpha", 1), identifier("alpha", 5), identifier("alpha", "fresh")
	x.put("alpha", live(left, 9, "alpha", "alpha:z")) // it has left alpha:x:y
	also := func(c pipeline.Change, alias string) pipeline.Change {
		c.Aliases = []string{alias}
		return c
	}
	other := identifier("alpha", "other")
	underOther := live(other, 11, "alpha", "alpha:x:y")
	underOther.Origin.Identifier = live(fresh, 0).Origin.Identifier
	x.put("alpha",
		live(old, 20, "alpha", "alpha:x:y"), live(old, 21, "alpha", "alpha:z"), live(old, 22, "alpha", "alpha:x:y"), live(old, 22, "alpha", "alpha:x:y"),
		live(left, 20, "alpha", "alpha:x:y"), live(left, 21, "alpha", "alpha:z"), live(left, 22, "alpha", "alpha:x:y"),
		also(live(fresh, 10, "alpha"), other), live(fresh, 11, "alpha", "alpha:z"), live(identifier("alpha", "between"), 1, "alpha"), underOther, gone(fresh, pipeline.SourceDeleted), live(fresh, 12, "alpha"),
	)
	x.checkDoors()
	again := live(other, 14, "alpha")
	again.Origin.Identifier = underOther.Origin.Identifier
	b := x.page("alpha", live(fresh, 13, "alpha"), again, live(fresh, 15, "alpha", "alpha:z"))
	b.Noted = []pipeline.Noted{{Identifier: fresh, Memo: "one"}, {Identifier: old}, {Identifier: old, Memo: "old"}, {Identifier: fresh, Memo: "two"}, {Identifier: left, Memo: "left"}, {Identifier: left}}
	x.ok(x.commit(b))
	known, err := x.log.Known(t.Context(), []pipeline.Ask{{Identifier: fresh, Memo: true}, {Identifier: old, Memo: true}, {Identifier: left, Memo: true}})
	x.ok(err)
	x.same("what was noted last", []string{known[0].Memo, known[1].Memo, known[2].Memo}, []string{"two", "old", ""})
	x.restart()
	x.checkDoors()
}

// testCommitters: many at once, some of whose pages are refused; each page is there as a whole or
// not at all, in the groups in which the log may put them together too.
func testCommitters(t *testing.T, f Factory) {
	x := start(t, t, f)
	const committers, pages = 10, 12
	var stale, fenced atomic.Int64
	var wg sync.WaitGroup
	for i := range committers {
		wg.Go(func() {
			source := fmt.Sprint("source-", i)
			run, err := x.log.Begin(t.Context(), source, nil)
			if err != nil {
				t.Error(err)
				return
			}
			at := run.Cursor
			for p := range pages {
				b := &pipeline.Batch{Run: run, From: at, Next: at + "."}
				for r := range 3 {
					b.Changes = append(b.Changes, live(identifier(source, r), p, source, source+fmt.Sprint(":p", p)))
				}
				switch p % 4 {
				case 1: // refused for an item that is not what it is taken for
					b.Unchanged = []pipeline.Seen{{Identifier: identifier(source, 0), Input: inputOf(source, 99)}}
				case 3:
					b.From += "elsewhere"
				}
				switch _, err := x.log.Commit(t.Context(), b); {
				case p%4 == 1 && errors.Is(err, pipeline.ErrStale):
					stale.Add(1)
				case p%4 == 3 && errors.Is(err, pipeline.ErrFenced):
					fenced.Add(1)
				case p%2 == 0 && err == nil:
					at = b.Next
				default:
					t.Errorf("page %d of %s: %v", p, source, err)
				}
			}
		})
	}
	wg.Wait()
	if want := int64(committers * pages / 4); stale.Load() != want || fenced.Load() != want {
		t.Errorf("%d stale and %d fenced pages, want %d each", stale.Load(), fenced.Load(), want)
	}
	copied, head := copyLog(t, x.log)
	if want := int64(committers * pages / 2 * 3); head.Seq != want || len(copied) != committers*3 {
		t.Errorf("%d records under the head %d, want %d under %d", len(copied), head.Seq, committers*3, want)
	}
	for id, r := range copied {
		if r.Version != pages/2 || r.Fingerprint != live(id, pages-2, r.Sets...).Fingerprint {
			t.Errorf("%s: %+v", id, r)
		}
		for p := range pages {
			if set := r.Source + fmt.Sprint(":p", p); p%2 == 1 {
				_, err := x.oai.List(t.Context(), &oaipmh.Query{Prefix: "oai_dc", Set: set}, func(*oaipmh.Record) bool { return true })
				x.is(err, oaipmh.ErrNoSuchSet)
			}
		}
	}
}

// testAliases: an item that was known under another name keeps its first identifier, also when it
// comes under the new name alone afterwards, and under both on one page.
func testAliases(t *testing.T, f Factory) {
	x := start(t, t, f)
	hashed, linked := identifier("alpha", "hash1"), identifier("alpha", "link1")
	x.put("alpha", live(hashed, 0, "alpha"))
	c := live(linked, 1, "alpha")
	c.Aliases = []string{identifier("alpha", "hash2"), hashed}
	x.put("alpha", c)
	x.checkDoors()
	x.put("alpha", live(linked, 2, "alpha", "alpha:x"))
	r, err := x.log.Record(t.Context(), linked)
	x.ok(err)
	if r.Identifier != hashed || r.Version != 3 {
		t.Errorf("%s is kept as %+v", linked, r)
	}
	x.restart()
	x.put("alpha", live(identifier("alpha", "hash2"), 3, "alpha"))
	x.put("alpha", gone(linked, pipeline.SourceDeleted))
	if len(x.model.records) != 1 {
		t.Fatalf("the model keeps %d records", len(x.model.records))
	}
	x.checkDoors()
	first := live(identifier("alpha", "two"), 0, "alpha", "alpha:x", "alpha:y")
	again := live(identifier("alpha", "two names"), 1, "alpha", "alpha:y")
	again.Aliases = []string{first.Identifier}
	x.put("alpha", first, again) // both on one page
	x.checkDoors()
}

// testTakedown: the tombstone stays, the content goes, and nothing brings the record back.
func testTakedown(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.fill()
	id := identifier("alpha", 5)
	x.put("alpha", gone(id, pipeline.Takedown))
	x.checkDoors()
	again := live(identifier("alpha", "other-name"), 1, "alpha")
	again.Aliases = []string{id}
	x.put("alpha", live(id, 9, "alpha"), again, gone(id, pipeline.SourceDeleted))
	b := x.page("alpha")
	b.Rejects = []pipeline.Reject{{Key: "k", Identifier: id, Reason: "malformed", Original: []byte("its bytes")}}
	x.ok(x.commit(b))
	x.checkDoors()
	x.newEpoch(pipeline.Head{})
	x.put("alpha", live(id, 9, "alpha"))
	x.restart()
	x.checkDoors()
	k, err := x.log.Known(t.Context(), []pipeline.Ask{{Identifier: id}})
	x.ok(err)
	if !k[0].Suppressed {
		t.Errorf("known as %+v", k[0])
	}
}

// testQuarantine: a rejected item flags the good version that stays live, and a full pass that ends
// takes away what it did not meet again, not what it has just rejected: whatever the clock does.
func testQuarantine(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.fill()
	reject := func(key string, local any) *pipeline.Batch {
		b := x.page("alpha")
		b.Rejects = []pipeline.Reject{{Key: key, Identifier: identifier("alpha", local), Reason: "malformed", Detail: "d", Original: []byte("<")}}
		return b
	}
	x.ok(x.commit(reject("earlier", 1)))
	x.checkDoors()
	x.put("alpha", live(identifier("alpha", 1), 1, "alpha", "alpha:z")) // just as it was
	x.checkDoors()
	x.ok(x.commit(reject("earlier", 1)))
	x.checkDoors()

	x.clock.Pass(time.Hour)
	x.begin("alpha", true)
	x.clock.Set(-2 * time.Minute)
	x.ok(x.commit(reject("now", 2)))
	last := reject("last", "never")
	last.Done, last.Full = true, true
	x.ok(x.commit(last))
	delete(x.model.source("alpha").quarantine, "earlier")
	x.checkDoors()

	x.put("alpha", live(identifier("alpha", 2), 30, "alpha"))
	x.checkDoors()
	r, err := x.log.Record(t.Context(), identifier("alpha", 1))
	x.ok(err)
	if !r.Stale || r.Deleted != pipeline.Live {
		t.Errorf("a record whose newest harvest was rejected is %+v", r)
	}
}

// testEndedPlaces: what of a file went into quarantine leaves it when a later pass has read the file to its end and did not
// reject it again. Nothing else leaves.
func testEndedPlaces(t *testing.T, f Factory) {
	x := start(t, t, f)
	commit := func(done bool, ended []string, rejected ...string) {
		t.Helper()
		b := x.page("alpha")
		b.Done, b.Ended = done, ended
		for _, key := range rejected {
			b.Rejects = append(b.Rejects, pipeline.Reject{Key: key, Reason: "malformed", Original: []byte("<")})
		}
		x.ok(x.commit(b))
	}
	gone := func(keys ...string) {
		t.Helper()
		for _, key := range keys {
			delete(x.model.source("alpha").quarantine, key)
		}
		x.checkDoors()
	}
	all := []string{"a", "a#1", "a#2", "a/b.csv", "a/b.csv#7", "ab", "ab#1", "b", "c/a", "c/a#1"}
	commit(false, nil, all...)
	commit(true, []string{"a"}) // in the pass that rejected them
	gone()
	commit(false, []string{"other"}, "a#2", "b")
	gone()
	commit(true, []string{"a", "b", "c"}) // a#2 and b came again in this pass
	gone("a", "a#1", "a/b.csv", "a/b.csv#7", "c/a", "c/a#1")
	commit(true, []string{"a", "ab"})
	gone("a#2", "ab", "ab#1")
}

// testDismissal: what a person has dismissed is counted no more, until the item comes in another way.
func testDismissal(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.fill()
	reject := func(original string) {
		x.Helper()
		run := x.begin("alpha", false)
		_, err := x.log.Commit(t.Context(), &pipeline.Batch{Run: run, From: run.Cursor, Next: run.Cursor, Rejects: []pipeline.Reject{
			{Key: "a", Identifier: identifier("alpha", 1), Reason: "mapping", Original: []byte(original), Said: []byte(`{"Key":"` + original + `"}`)},
			{Key: "b", Reason: "malformed", Original: []byte("<")},
		}})
		x.ok(err)
	}
	counted := func(what string, quarantined, dismissed int64) {
		x.Helper()
		s := x.statusOf("alpha")
		x.same(what, [2]int64{s.Quarantined, s.Dismissed}, [2]int64{quarantined, dismissed})
	}
	reject("one")
	items, err := x.log.Quarantine(t.Context(), "alpha", 0, 9)
	x.ok(err)
	x.same("what the source said", []string{string(items[0].Said), string(items[1].Said)}, []string{`{"Key":"one"}`, ""})
	counted("in quarantine", 2, 0)
	n, err := x.log.Dismiss(t.Context(), []int64{items[0].ID, items[0].ID + 1000}, "Ada")
	x.ok(err)
	x.same("dismissed", n, int64(1))
	counted("after one was dismissed", 1, 1)
	x.crash(func() {})
	reject("one")
	counted("after it came as it was", 1, 1)
	items, err = x.log.Quarantine(t.Context(), "alpha", 0, 9)
	x.ok(err)
	x.same("who dismissed", items[0].DismissedBy, "Ada")
	reject("two")
	counted("after it came in another way", 2, 0)
	_, err = x.log.Dismiss(t.Context(), []int64{items[0].ID}, "Ada")
	x.ok(err)
	x.put("alpha", live(identifier("alpha", 1), 7, "alpha"))
	counted("after it came well", 1, 0)
	reject("two")
	counted("after it was rejected anew", 2, 0)
	x.put("alpha", deletions(1)...)
	counted("after its source has deleted it, so that no retry brings it back", 1, 0)
}

func testMarks(t *testing.T, f Factory) {
	x := start(t, t, f)
	m, err := x.log.Mark(t.Context())
	x.ok(err)
	x.same("mark of a new log", m, pipeline.Mark{})
	for i := range uint64(3) {
		want := pipeline.Mark{Cursor: pipeline.Cursor{Epoch: x.head().Epoch, Seq: int64(i) * 10}, StreamSeq: i + 1<<62}
		x.ok(x.log.SetMark(t.Context(), want))
		x.crash(func() {})
		m, err := x.log.Mark(t.Context())
		x.ok(err)
		x.same("mark", m, want)
	}
}
