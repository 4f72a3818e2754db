package storetest

import (
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// testReconciliations: what a source lists is held against what the log has live, over all batches and runs of a pass; what
// came of it is kept, with a bounded number before it, and counts as no full pass that brought everything.
func testReconciliations(t *testing.T, f Factory) {
	x := start(t, t, f)
	id := func(i int) string { return identifier("alpha", i) }
	x.hold().page(pipeline.Batch{Changes: x.shelf(6), Done: true})
	x.hold().page(pipeline.Batch{Changes: deletions(5), Done: true})
	full := x.passOf().LastFull
	x.clock.Pass(time.Hour)

	known, err := x.log.Known(t.Context(), []pipeline.Ask{{Identifier: id(0)}, {Identifier: id(5)}, {Identifier: id(9)}})
	x.ok(err)
	if !known[0].Live || known[1].Live || known[2].Live || known[1].Identifier == "" {
		t.Errorf("which records are live: %+v", known)
	}

	// The source lists 0, 1, 5, 7, 8; the log has 0 to 4. 7 is fetched, 8 can't be had, 5 came back.
	h := x.hold()
	h.page(pipeline.Batch{Kept: []string{id(0), id(1)}, Changes: []pipeline.Change{live(id(7), 1, "alpha")}, Found: 1, Reconciles: true})
	x.restart()
	h = &holder{x, x.begin("alpha", false)}
	h.page(pipeline.Batch{Changes: []pipeline.Change{live(id(5), 2, "alpha")}, Found: 1, Missing: 1, Reconciles: true,
		Rejects: []pipeline.Reject{{Key: "8", Identifier: id(8), Reason: "unfetchable"}}})
	got, err := x.log.Compare(t.Context(), h.run)
	x.ok(err)
	want := pipeline.Reconciliation{Listed: 4, Found: 2, Missing: 1, Extra: 3}
	for _, i := range []int{0, 1, 5, 7} {
		want.Digest.AddIdentifier(id(i))
	}
	x.same("the comparison", got, want)
	if !x.passOf().Reconciled.IsZero() {
		t.Error("the pass has not ended")
	}
	h.page(pipeline.Batch{Reconciles: true, Done: true, Proof: &got})
	x.restart()
	kept := func(limit int) []pipeline.Reconciliation {
		t.Helper()
		all, err := x.log.Reconciliations(t.Context(), "alpha", limit)
		x.ok(err)
		return all
	}
	all := kept(100)
	if len(all) != 1 || all[0].At.IsZero() {
		t.Fatalf("%+v", all)
	}
	want.At = all[0].At
	x.same("what is kept", all[0], want)
	pass := x.passOf()
	if !pass.LastFull.Equal(full) || !pass.Reconciled.Equal(want.At) || pass.Had != 4 {
		t.Errorf("the pass is %+v", pass)
	}
	status, err := x.log.Status(t.Context())
	x.ok(err)
	x.same("in the status", status[0].Reconciled, want)

	// A pass that was given up leaves nothing behind, and only so many are kept.
	h = x.hold()
	h.page(pipeline.Batch{Found: 7, Reconciles: true})
	_, err = x.log.Compare(t.Context(), &pipeline.Run{ID: h.run.ID - 1, Source: "alpha"})
	x.is(err, pipeline.ErrFenced)
	for range 30 {
		h = x.hold()
		h.page(pipeline.Batch{Reconciles: true, Unproven: true, Done: true, Proof: &pipeline.Reconciliation{Why: "nothing"}})
	}
	if all = kept(100); len(all) != 20 || all[0].Why != "nothing" || all[0].Found != 0 {
		t.Errorf("%d are kept: %+v", len(all), all[:1])
	}
	if n := len(kept(3)); n != 3 {
		t.Errorf("%d are given, of 3", n)
	}
}

// passOf is how the pass of the source stands.
func (x *fixture) passOf() pipeline.Pass {
	x.Helper()
	p, err := x.log.Pass(x.Context(), "alpha")
	x.ok(err)
	return p
}
