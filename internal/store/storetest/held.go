package storetest

import (
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A holder brings pages of one source whose changes are held.
type holder struct {
	*fixture
	run *pipeline.Run
}

// hold begins a full pass.
func (x *fixture) hold() *holder { return &holder{x, x.begin("alpha", true)} }

// page commits a page of the pass.
func (h *holder) page(b pipeline.Batch) *pipeline.Receipt {
	h.Helper()
	b.Run, b.From, b.Full = h.run, h.run.Cursor, true
	b.Next = b.From + "."
	if b.Settles {
		b.Next, b.Full = b.From, false
	}
	r, err := h.log.Commit(h.Context(), &b)
	h.ok(err)
	h.run.Cursor, h.model.source("alpha").cursor = b.Next, b.Next
	return r
}

// held checks what is held.
func (x *fixture) held(when string, want pipeline.Held) {
	x.Helper()
	got, err := x.log.Held(x.Context(), "alpha")
	x.ok(err)
	if (got.Run != 0) != !got.Since.IsZero() {
		x.Errorf("%s: %+v", when, got)
	}
	want.Since = got.Since
	x.same(when, got, want)
	all, err := x.log.Status(x.Context())
	x.ok(err)
	x.same(when+", in the status", all[0].Held, got)
}

// inHand gives the identifiers of what is held.
func (x *fixture) inHand(approvedOnly bool) (out []string) {
	x.Helper()
	for after := int64(0); ; {
		some, err := x.log.HeldChanges(x.Context(), "alpha", after, approvedOnly, 2)
		x.ok(err)
		if len(some) == 0 {
			return out
		}
		for _, c := range some {
			out, after = append(out, c.Identifier), c.Item
		}
	}
}

// settle stores what is held and approved.
func (h *holder) settle() pipeline.Counts {
	h.Helper()
	held, err := h.log.HeldChanges(h.Context(), "alpha", 0, true, 100)
	h.ok(err)
	b := pipeline.Batch{Settles: true}
	for _, c := range held {
		b.Changes = append(b.Changes, c.Change)
	}
	return h.page(b).Counts
}

func ids(numbers ...int) (out []string) {
	for _, i := range numbers {
		out = append(out, identifier("alpha", i))
	}
	return out
}

func deletions(numbers ...int) (out []pipeline.Change) {
	for _, i := range numbers {
		out = append(out, gone(identifier("alpha", i), pipeline.SourceDeleted))
	}
	return out
}

func (x *fixture) shelf(n int) (out []pipeline.Change) {
	for i := range n {
		out = append(out, live(identifier("alpha", i), 1, "alpha"))
	}
	return out
}

var holdDeletions = pipeline.Holding{Deletions: true}

// testHeld: a deletion that is held shows nowhere until a person has decided about just what was shown.
func testHeld(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.hold().page(pipeline.Batch{Changes: x.shelf(6), Done: true})
	before := x.head()

	h := x.hold()
	h.page(pipeline.Batch{Changes: deletions(0, 1, 2, 9), Hold: holdDeletions}) // there is no record 9 that would be deleted
	x.same("what has changed", x.head().Seq, before.Seq+1)
	x.held("in the pass", pipeline.Held{Deletions: 3})
	x.is(x.log.Decide(t.Context(), "alpha", h.run.ID, pipeline.Decision{Approve: true}), pipeline.ErrNotFound)
	h.page(pipeline.Batch{Changes: deletions(2), Hold: holdDeletions, Done: true, Waits: true})
	first := h.run.ID
	x.held("after the pass", pipeline.Held{Run: first, Deletions: 3})
	x.same("the list", x.inHand(false), ids(0, 1, 2))
	x.same("the approved", len(x.inHand(true)), 0)

	// The same again is the same, also after a crash.
	x.crash(func() {})
	h = x.hold()
	h.page(pipeline.Batch{Changes: deletions(0, 1, 2), Hold: holdDeletions, Done: true, Waits: true})
	x.held("the same again", pipeline.Held{Run: first, Deletions: 3})

	// What comes well again, or is rejected, is held no more; and what was shown is not what waits.
	h = x.hold()
	h.page(pipeline.Batch{Unchanged: []pipeline.Seen{{Identifier: identifier("alpha", 0), Input: inputOf(identifier("alpha", 0), 1)}}})
	x.held("one came again", pipeline.Held{Deletions: 2})
	x.is(x.log.Decide(t.Context(), "alpha", first, pipeline.Decision{Approve: true}), pipeline.ErrNotFound)
	h.page(pipeline.Batch{Rejects: []pipeline.Reject{{Key: "1", Identifier: identifier("alpha", 1), Reason: "mapping"}}, Changes: deletions(3), Hold: holdDeletions, Done: true, Waits: true})
	x.held("one was rejected", pipeline.Held{Run: h.run.ID, Deletions: 2})

	// A person refuses, once and for all.
	x.ok(x.log.Decide(t.Context(), "alpha", h.run.ID, pipeline.Decision{Who: "Ada"}))
	refused := h.run.ID
	x.held("refused", pipeline.Held{})
	h = x.hold()
	h.page(pipeline.Batch{Changes: deletions(2, 3), Hold: holdDeletions, Done: true})
	x.held("refused, and again", pipeline.Held{})
	x.same("the list of what was refused", len(x.inHand(false)), 0)

	// Another version is other news.
	h = x.hold()
	h.page(pipeline.Batch{Changes: []pipeline.Change{live(identifier("alpha", 2), 5, "alpha")}})
	h.page(pipeline.Batch{Changes: deletions(2, 4), Hold: holdDeletions, Done: true, Waits: true})
	x.held("after another version", pipeline.Held{Run: h.run.ID, Deletions: 2})

	// A person approves.
	x.ok(x.log.Decide(t.Context(), "alpha", h.run.ID, pipeline.Decision{Approve: true, Who: "Grace"}))
	approved := h.run.ID
	x.held("approved", pipeline.Held{Approved: 2})
	x.same("the list of what was approved", x.inHand(true), ids(2, 4))
	x.crash(func() {})
	h = &holder{x, x.begin("alpha", false)}
	x.same("what is stored", h.settle(), pipeline.Counts{Deleted: 2})
	x.held("stored", pipeline.Held{})
	for _, id := range ids(2, 4) {
		r, err := x.log.Record(t.Context(), id)
		x.ok(err)
		x.same("the reason of "+id, r.Deleted, pipeline.SourceDeleted)
	}
	known, err := x.log.Known(t.Context(), []pipeline.Ask{{Identifier: identifier("alpha", 4)}})
	x.ok(err)
	x.same("whether this pass has met it", known[0].Met, false)

	all, err := x.log.Decisions(t.Context(), 10)
	x.ok(err)
	for i := range all {
		if all[i].At.IsZero() {
			t.Errorf("a decision without a time: %+v", all[i])
		}
		all[i].At = all[0].At
	}
	x.same("the decisions", all, []pipeline.Decided{
		{Decision: pipeline.Decision{Approve: true, Who: "Grace"}, At: all[0].At, Source: "alpha", Run: approved, Deletions: 2},
		{Decision: pipeline.Decision{Who: "Ada"}, At: all[0].At, Source: "alpha", Run: refused, Deletions: 2},
	})
}

// testHeldChanges: changes of live records are held where the source asks for it, with all that they are.
func testHeldChanges(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.hold().page(pipeline.Batch{Changes: x.shelf(3), Done: true})
	h := x.hold()
	again := live(identifier("alpha", 1), 1, "alpha")
	again.Input = inputOf("other bytes that say the same", 1)
	next := live(identifier("alpha", 2), 7, "alpha", "alpha:maps")
	n := h.page(pipeline.Batch{
		Changes: []pipeline.Change{live(identifier("alpha", 5), 1, "alpha"), again, next, deletions(0)[0]},
		Hold:    pipeline.Holding{Changes: true}, Done: true, Waits: true,
	}).Counts
	n.Pages = 0
	x.same("what is done at once", n, pipeline.Counts{Items: 4, Added: 1, Unchanged: 1, Deleted: 1})
	x.held("after the pass", pipeline.Held{Run: h.run.ID, Changes: 1})
	r, err := x.log.Record(t.Context(), next.Identifier)
	x.ok(err)
	x.same("the version", r.Version, int64(1))

	// Who takes the source as it comes takes this too.
	run := x.begin("alpha", false)
	x.ok(x.log.Accept(t.Context(), run, func(at harvest.Cursor) harvest.Cursor { return at }))
	x.held("accepted", pipeline.Held{Approved: 1})
	h = &holder{x, run}
	x.same("what is stored", h.settle(), pipeline.Counts{Updated: 1})
	x.held("stored", pipeline.Held{})
	r, err = x.log.Record(t.Context(), next.Identifier)
	x.ok(err)
	x.same("the sets", r.Sets, next.Sets)
	x.same("the original", string(r.Original), string(next.Original))
	x.same("the Dublin Core", string(r.DC), string(next.DC))
}

// testAbsent: a record is absent only after as many full passes as were asked for have each proven that it is not there.
func testAbsent(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.hold().page(pipeline.Batch{Changes: x.shelf(5), Done: true})
	absent := func(h *holder, passes int) []string {
		t.Helper()
		for after := int64(0); ; {
			last, err := x.log.HoldAbsent(t.Context(), h.run, passes, after, 2)
			x.ok(err)
			if last == 0 {
				return x.inHand(false)
			}
			after = last
		}
	}
	// pass gives records 1 to 4, and ends as it is told.
	pass := func(end pipeline.Batch) *holder {
		t.Helper()
		h := x.hold()
		h.page(pipeline.Batch{Changes: x.shelf(5)[1:], Unproven: end.Unproven, Short: end.Short, Rejects: end.Rejects})
		if got := absent(h, 2); len(got) != 0 {
			t.Errorf("absent after one pass: %v", got)
		}
		h.page(pipeline.Batch{Done: true, Unproven: end.Unproven, Short: end.Short})
		return h
	}
	pass(pipeline.Batch{Short: true})
	pass(pipeline.Batch{Unproven: true})
	pass(pipeline.Batch{})
	h := x.hold()
	h.page(pipeline.Batch{Changes: x.shelf(5)[1:], Rejects: []pipeline.Reject{{Key: "?", Reason: "no_identifier"}}})
	if got := absent(h, 2); len(got) != 0 {
		t.Errorf("absent beside a rejected item that may be it: %v", got)
	}
	h.page(pipeline.Batch{Done: true, Short: true})

	h = x.hold()
	h.page(pipeline.Batch{Changes: x.shelf(4)[1:]}) // 4 has come in the full pass before
	x.same("absent in two passes", absent(h, 2), ids(0))
	x.held("in the pass", pipeline.Held{Deletions: 1, Absent: 1})
	held, err := x.log.HeldChanges(t.Context(), "alpha", 0, false, 9)
	x.ok(err)
	x.same("the reason", held[0].Deleted, pipeline.Absent)
	before, err := x.log.Record(t.Context(), identifier("alpha", 0))
	x.ok(err)
	h.page(pipeline.Batch{Changes: []pipeline.Change{held[0].Change}, Settles: true})
	r, err := x.log.Record(t.Context(), identifier("alpha", 0))
	x.ok(err)
	x.same("the reason in the log", r.Deleted, pipeline.Absent)
	x.same("where it came from", r.Origin.Identifier, before.Origin.Identifier)
	x.same("the sets that are told", r.Sets, before.Sets)
	x.same("absent in one pass", absent(h, 1), ids(4))
	h.page(pipeline.Batch{Done: true})

	// It comes again.
	x.hold().page(pipeline.Batch{Changes: x.shelf(5), Done: true})
	r, err = x.log.Record(t.Context(), identifier("alpha", 0))
	x.ok(err)
	x.same("the reason after it came again", r.Deleted, pipeline.Live)
	x.held("after all came again", pipeline.Held{})

	fenced := h.run
	x.begin("alpha", true)
	_, err = x.log.HoldAbsent(t.Context(), fenced, 1, 0, 9)
	x.is(err, pipeline.ErrFenced)
}
