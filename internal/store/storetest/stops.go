package storetest

import (
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// stop is how a source was stopped.
func (x *fixture) stop(source string) pipeline.Stop {
	x.Helper()
	p, err := x.log.Pass(x.Context(), source)
	x.ok(err)
	x.same("the stop in the status of "+source, x.statusOf(source).Stop, p.Stop)
	return p.Stop
}

func keep(at harvest.Cursor) harvest.Cursor { return at }

// testStop: a source that a person has stopped is known to be, until it is resumed, and stands where it stood.
func testStop(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.fill()
	x.is(x.log.Resume(t.Context(), "alpha", keep), pipeline.ErrNotFound)
	before, err := x.log.Pass(t.Context(), "alpha")
	x.ok(err)
	x.ok(x.log.Stop(t.Context(), "alpha", pipeline.Stop{Who: "Ada", Reason: "it moves"}))
	x.crash(func() {})
	want := pipeline.Stop{Who: "Ada", Reason: "it moves", At: x.clock.Wall().UTC().Truncate(time.Second)}
	x.same("stopped", x.stop("alpha"), want)
	_, _, err = x.log.Retire(t.Context(), "alpha", 0, 10)
	x.is(err, pipeline.ErrNotFound)
	x.ok(x.log.Resume(t.Context(), "alpha", func(harvest.Cursor) harvest.Cursor { return "elsewhere" }))
	after, err := x.log.Pass(t.Context(), "alpha")
	x.ok(err)
	x.same("the pass after that", after, before)
	x.checkDoors()
	x.ok(x.log.Stop(t.Context(), "new", pipeline.Stop{Who: "Ada"}))
	x.same("stopped before its first harvest", x.stop("new").Word(), pipeline.Paused)
}

// testRetire: the records of a source that is retired become deletions, and come back as news after it was resumed.
func testRetire(t *testing.T, f Factory) {
	x := start(t, t, f)
	shelf := x.shelf(5)
	x.hold().page(pipeline.Batch{Changes: shelf, Done: true})
	x.remove(identifier("alpha", 0), true)
	x.hold().page(pipeline.Batch{Changes: deletions(1), Hold: holdDeletions})
	x.ok(x.log.Stop(t.Context(), "alpha", pipeline.Stop{Who: "Ada", Retired: true}))
	x.ok(x.log.Stop(t.Context(), "alpha", pipeline.Stop{Who: "Bob"}))
	x.same("paused after that", x.stop("alpha").Who, "Ada")
	x.held("after it was retired", pipeline.Held{})
	before := x.head()
	var sum int64
	for after := int64(0); ; {
		n, last, err := x.log.Retire(t.Context(), "alpha", after, 3)
		x.ok(err)
		sum += n
		if after = last; last == 0 {
			break
		}
		x.crash(func() {})
	}
	x.same("deleted", sum, int64(4))
	x.same("seqs given out", x.head().Seq-before.Seq, int64(4))
	status := x.statusOf("alpha")
	x.same("live and deleted", [2]int64{status.Live, status.Deleted}, [2]int64{0, 5})
	x.reason(identifier("alpha", 0), pipeline.Takedown)
	r := x.reason(identifier("alpha", 3), pipeline.SourceRetired)
	if len(r.Sets) == 0 {
		t.Error("the tombstone is in no set, so that harvesters of sets are not told")
	}
	x.ok(x.log.Resume(t.Context(), "alpha", func(harvest.Cursor) harvest.Cursor { return "from the start" }))
	run, err := x.log.Begin(t.Context(), "alpha", nil)
	x.ok(err)
	x.same("where it begins again", run.Cursor, harvest.Cursor("from the start"))
	receipt, err := x.log.Commit(t.Context(), &pipeline.Batch{Run: run, From: run.Cursor, Next: "", Done: true, Full: true, Changes: shelf})
	x.ok(err)
	x.same("what comes back", [2]int64{receipt.Counts.Changes(), receipt.Counts.Suppressed}, [2]int64{4, 1})
	x.reason(identifier("alpha", 3), pipeline.Live)
}

// testRename: a source that is renamed stands where it stood, with all that the log has of it.
func testRename(t *testing.T, f Factory) {
	x := start(t, t, f)
	shelf := x.shelf(4)
	x.hold().page(pipeline.Batch{Changes: shelf, Done: true})
	x.hold().page(pipeline.Batch{Changes: deletions(1), Hold: holdDeletions, Rejects: []pipeline.Reject{{Key: "a", Reason: "malformed", Original: []byte("<")}}})
	x.remove(identifier("alpha", 0), true)
	before, head := x.statusOf("alpha"), x.head()
	x.put("taken", live(identifier("taken", 1), 1, "taken"))
	x.ok(x.log.Stop(t.Context(), "beta", pipeline.Stop{Who: "Ada"})) // a row with nothing in it
	if err := x.log.Rename(t.Context(), "alpha", "taken"); err == nil {
		t.Error("a name was given that has records")
	}
	x.is(x.log.Rename(t.Context(), "nothing", "gamma"), pipeline.ErrNotFound)
	x.ok(x.log.Rename(t.Context(), "alpha", "beta"))
	x.ok(x.log.Rename(t.Context(), "beta", "gamma"))
	x.crash(func() {})
	after := x.statusOf("gamma")
	x.same("the name in identifiers", after.Minted, "alpha")
	after.Source, after.Minted = before.Source, before.Minted
	x.same("how it stands", after, before)
	x.same("seqs that were given out", x.head().Seq, head.Seq+1)
	held, err := x.log.Held(t.Context(), "gamma")
	x.ok(err)
	x.same("held", held.Deletions, int64(1))
	items, err := x.log.Quarantine(t.Context(), "gamma", 0, 9)
	x.ok(err)
	x.same("in quarantine", len(items), 1)
	r, err := x.log.Record(t.Context(), identifier("alpha", 2))
	x.ok(err)
	x.same("the source of a record", r.Source, "gamma")
	for _, name := range []string{"gamma", "alpha"} {
		x.same("live records of "+name, len(x.browse(name, 0, false)), 3)
		page, err := x.log.Changes(t.Context(), pipeline.Wanted{Source: name, Limit: 9, Bytes: 1 << 20})
		x.ok(err)
		x.same("changes of "+name, len(page.Records), 4)
	}
	last, err := x.log.Last(t.Context(), "gamma")
	x.ok(err)
	x.same("the last change", last, head.Cursor)
	stock, err := x.log.Originals(t.Context(), "gamma", 0, "", 9)
	x.ok(err)
	x.same("originals to map again", len(stock.Records), 3)
	run, err := x.log.Begin(t.Context(), "gamma", nil)
	x.ok(err)
	receipt, err := x.log.Commit(t.Context(), &pipeline.Batch{Run: run, From: run.Cursor, Next: run.Cursor, Changes: shelf})
	x.ok(err)
	x.same("what comes again", [2]int64{receipt.Counts.Changes(), receipt.Counts.Suppressed}, [2]int64{0, 1})
}
