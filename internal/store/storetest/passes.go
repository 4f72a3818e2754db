package storetest

import (
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// testPasses: what a pass has met is counted once each, and a pass is measured by the last complete one.
func testPasses(t *testing.T, f Factory) {
	x := start(t, t, f)
	run := x.begin("alpha", true)
	at := run.Cursor
	page := func(next harvest.Cursor, b pipeline.Batch) {
		t.Helper()
		b.Run, b.From, b.Next, b.Full = run, at, next, true
		_, err := x.log.Commit(t.Context(), &b)
		x.ok(err)
		at = next
	}
	pass := func(want pipeline.Pass) {
		t.Helper()
		got, err := x.log.Pass(t.Context(), "alpha")
		x.ok(err)
		if want.LastFull = got.LastFull; got != want {
			t.Errorf("the pass is %+v, want %+v", got, want)
		}
	}
	met := func(i int, want bool) {
		t.Helper()
		known, err := x.log.Known(t.Context(), []pipeline.Ask{{Identifier: identifier("alpha", i)}})
		x.ok(err)
		if known[0].Met != want {
			t.Errorf("item %d: met is %v", i, known[0].Met)
		}
	}
	change := func(i, version int) pipeline.Change { return live(identifier("alpha", i), version, "alpha") }

	pass(pipeline.Pass{})
	page("1", pipeline.Batch{Changes: []pipeline.Change{change(0, 1), change(1, 1), change(0, 2)}})
	pass(pipeline.Pass{Met: 2, Added: 2, Underway: true, Live: 2})
	met(0, true)
	page("2", pipeline.Batch{Changes: []pipeline.Change{change(1, 1), change(2, 1)}, Done: true})
	pass(pipeline.Pass{Had: 3, Live: 3})
	met(0, false)

	// A short pass changes no measure; what is unchanged, changed or rejected was met.
	run = x.begin("alpha", true)
	at = run.Cursor
	page("1", pipeline.Batch{Changes: []pipeline.Change{change(0, 3)}, Rejects: []pipeline.Reject{{Key: "1", Identifier: identifier("alpha", 1), Reason: "mapping"}}, Short: true})
	met(1, true)
	met(2, false)
	pass(pipeline.Pass{Met: 2, Had: 3, Underway: true, Short: true, Doubted: true, Live: 3})
	page("2", pipeline.Batch{Done: true, Short: true})
	pass(pipeline.Pass{Had: 3, Live: 3})

	// A person's word is for one pass, which then is the measure.
	run = x.begin("alpha", true)
	x.ok(x.log.Accept(t.Context(), run, func(harvest.Cursor) harvest.Cursor { return "elsewhere" }))
	if at = run.Cursor; at != "elsewhere" {
		t.Errorf("the run goes on from %q", at)
	}
	page("1", pipeline.Batch{Changes: []pipeline.Change{change(0, 3)}})
	pass(pipeline.Pass{Met: 1, Had: 3, Underway: true, Accepted: true, Live: 3})
	page("2", pipeline.Batch{Done: true})
	pass(pipeline.Pass{Had: 1, Live: 3})
	fenced := run
	x.begin("alpha", true)
	x.is(x.log.Accept(t.Context(), fenced, func(at harvest.Cursor) harvest.Cursor { return at }), pipeline.ErrFenced)
}
