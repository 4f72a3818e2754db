package storetest

import (
	"testing"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// testNoted: what a source notes of items comes back, unless the record was deleted; items that are kept are met, and stay
// what they are.
func testNoted(t *testing.T, f Factory) {
	x := start(t, t, f)
	h := x.hold()
	id := func(i int) string { return identifier("alpha", i) }
	memo := func(i int, want string) {
		t.Helper()
		known, err := x.log.Known(t.Context(), []pipeline.Ask{{Identifier: id(i), Memo: true}, {Identifier: id(i)}})
		x.ok(err)
		if known[0].Memo != want || known[1].Memo != "" {
			t.Errorf("item %d: memo %q, want %q; %q where nobody asked", i, known[0].Memo, want, known[1].Memo)
		}
	}
	reject := pipeline.Reject{Key: "2", Identifier: id(2), Reason: "malformed", Detail: "x", Original: []byte("x")}
	// Item 0 becomes a record, 2 goes to quarantine, 3 is neither.
	h.page(pipeline.Batch{Changes: x.shelf(2), Rejects: []pipeline.Reject{reject}, Noted: []pipeline.Noted{{Identifier: id(0), Memo: "a"}, {Identifier: id(2), Memo: "c"}, {Identifier: id(3), Memo: "d"}}})
	h.page(pipeline.Batch{Noted: []pipeline.Noted{{Identifier: id(0), Memo: "b"}}, Done: true})
	x.restart()
	for i, want := range []string{"b", "", "c", "d"} {
		memo(i, want)
	}

	// A pass that keeps them all is as whole as one that brings them again.
	h = x.hold()
	before := x.head()
	r := h.page(pipeline.Batch{Kept: []string{id(0), id(1), id(2), id(3)}})
	x.same("counts", r.Counts, pipeline.Counts{Pages: 1, Items: 2, Unchanged: 2})
	if r.Head.Seq != before.Seq {
		t.Error("what is kept moves")
	}
	pass, err := x.log.Pass(t.Context(), "alpha")
	x.ok(err)
	if pass.Met != 2 {
		t.Errorf("%d items are met", pass.Met)
	}
	last, err := x.log.HoldAbsent(t.Context(), h.run, 1, 0, 100)
	x.ok(err)
	x.same("absent", last, int64(0))
	h.page(pipeline.Batch{Done: true})
	quarantined, err := x.log.Quarantine(t.Context(), "alpha", 0, 10)
	x.ok(err)
	if len(quarantined) != 1 {
		t.Errorf("%d items are in quarantine", len(quarantined))
	}
	x.held("nothing is absent", pipeline.Held{})

	// A record that was deleted is asked for as if nothing were noted; one that came back has its memo again.
	h = x.hold()
	h.page(pipeline.Batch{Changes: []pipeline.Change{gone(id(0), pipeline.SourceDeleted)}})
	memo(0, "")
	h.page(pipeline.Batch{Changes: []pipeline.Change{live(id(0), 9, "alpha")}, Noted: []pipeline.Noted{{Identifier: id(0), Memo: "e"}}})
	memo(0, "e")
	h.page(pipeline.Batch{Noted: []pipeline.Noted{{Identifier: id(2)}}})
	memo(2, "")

	// A deletion that is held is forgotten where the source has the item still; a change is not.
	h.page(pipeline.Batch{Changes: []pipeline.Change{gone(id(0), pipeline.SourceDeleted), live(id(1), 8, "alpha")}, Hold: pipeline.Holding{Deletions: true, Changes: true}})
	x.held("both", pipeline.Held{Deletions: 1, Changes: 1})
	h.page(pipeline.Batch{Kept: []string{id(0), id(1)}})
	x.held("the deletion is forgotten", pipeline.Held{Changes: 1})

	_, err = x.log.Remove(t.Context(), pipeline.Removal{Identifier: id(0), Final: true, Reason: "r", Who: "w"})
	x.ok(err)
	memo(0, "")
}
