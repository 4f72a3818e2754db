package storetest

import (
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// suppressed gives the identifiers of what is kept out.
func (x *fixture) suppressed() (out []string) {
	x.Helper()
	for after := ""; ; {
		some, err := x.log.Suppressed(x.Context(), after, 1)
		x.ok(err)
		if len(some) == 0 {
			return out
		}
		after = some[0].Identifier
		out = append(out, after)
	}
}

// remove takes a record down, or withdraws it.
func (x *fixture) remove(identifier string, final bool) pipeline.Suppression {
	x.Helper()
	s, err := x.log.Remove(x.Context(), pipeline.Removal{Identifier: identifier, Final: final, Reason: "a letter of a lawyer", Who: "Ada"})
	x.ok(err)
	return s
}

// reason is that of a tombstone.
func (x *fixture) reason(identifier string, want pipeline.Reason) *pipeline.Record {
	x.Helper()
	r, err := x.log.Record(x.Context(), identifier)
	x.ok(err)
	x.same("the reason of "+identifier, r.Deleted, want)
	return r
}

// testRemoval: what a person takes down is gone, is told to those who harvest its sets, and comes back by no way.
func testRemoval(t *testing.T, f Factory) {
	x := start(t, t, f)
	shelf := x.shelf(4)
	shelf[1].Origin.Identifier = "oai:up.example.org:1"
	x.hold().page(pipeline.Batch{Changes: shelf, Done: true})
	id := identifier("alpha", 1)
	h := x.hold()
	h.page(pipeline.Batch{Changes: deletions(1), Hold: holdDeletions})
	h.page(pipeline.Batch{Rejects: []pipeline.Reject{{Key: upstreamOf(x, id), Identifier: id, Reason: "mapping", Original: []byte("its bytes")}}, Done: true})
	before, status := x.head(), x.statusOf("alpha")
	s := x.remove(id, true)
	x.same("the suppression", s, pipeline.Suppression{
		Removal: pipeline.Removal{Identifier: id, Final: true, Reason: "a letter of a lawyer", Who: "Ada"}, Source: "alpha", Upstream: s.Upstream, At: s.At, Seq: before.Seq + 1,
	})
	if s.At.IsZero() || s.Upstream == "" {
		t.Errorf("%+v", s)
	}
	r := x.reason(id, pipeline.Takedown)
	if len(r.DC)+len(r.Original)+len(r.Notes) != 0 {
		t.Errorf("of the record is left: %+v", r)
	}
	after := x.statusOf("alpha")
	x.same("live and deleted", [2]int64{after.Live, after.Deleted}, [2]int64{status.Live - 1, status.Deleted + 1})
	x.same("in quarantine", after.Quarantined, int64(0))
	x.held("after it was taken down", pipeline.Held{})
	x.same("the seq of it again", x.remove(id, true).Seq, s.Seq)
	x.same("withdrawn is taken down", x.remove(id, false).Final, true)
	x.is(x.log.Readmit(t.Context(), live(id, 1, "alpha")), pipeline.ErrNotWithdrawn)

	// It is kept out under every name, from its source and, where the name is known all over the world, from others.
	x.crash(func() {})
	other := live(identifier("beta", 1), 1, "beta")
	other.Origin.Identifier = s.Upstream
	mine := live(identifier("alpha", "renamed"), 1, "alpha")
	mine.Origin.Identifier = s.Upstream
	n := x.hold().page(pipeline.Batch{Changes: []pipeline.Change{live(id, 9, "alpha"), mine}, Rejects: []pipeline.Reject{{Key: s.Upstream, Reason: "no_identifier", Original: []byte("its bytes")}}}).Counts
	x.same("kept out of alpha", n.Suppressed, int64(3))
	run := x.begin("beta", true)
	receipt, err := x.log.Commit(t.Context(), &pipeline.Batch{Run: run, From: run.Cursor, Next: "1", Changes: []pipeline.Change{other}})
	x.ok(err)
	x.same("kept out of beta", receipt.Counts.Suppressed, int64(1))

	// A record that nobody has seen yet.
	later := identifier("alpha", "later")
	x.same("of what is not there", x.remove(later, true).Seq, int64(0))
	x.same("kept out from the first", x.hold().page(pipeline.Batch{Changes: []pipeline.Change{live(later, 1, "alpha")}}).Counts.Suppressed, int64(1))
	x.same("the list", x.suppressed(), []string{id, later})

	// The event stream is told of what it may still have.
	todo, err := x.log.ToErase(t.Context(), s.Seq-1, 9)
	x.ok(err)
	x.same("to erase before the tombstone is out", len(todo), 0)
	todo, err = x.log.ToErase(t.Context(), s.Seq, 9)
	x.ok(err)
	if len(todo) != 1 || todo[0].Identifier != id || todo[0].Source != "alpha" {
		t.Fatalf("to erase: %+v", todo)
	}
	x.ok(x.log.Erased(t.Context(), id))
	todo, err = x.log.ToErase(t.Context(), s.Seq, 9)
	x.ok(err)
	x.same("to erase after that", len(todo), 0)
}

// testWithdrawal: a record that is withdrawn is hidden, and comes back.
func testWithdrawal(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.hold().page(pipeline.Batch{Changes: x.shelf(2), Done: true})
	id := identifier("alpha", 1)
	s := x.remove(id, false)
	r := x.reason(id, pipeline.Withdrawn)
	if len(r.Original) == 0 {
		t.Error("the original of a withdrawn record is not kept")
	}
	x.same("kept out", x.hold().page(pipeline.Batch{Changes: []pipeline.Change{live(id, 9, "alpha")}}).Counts.Suppressed, int64(1))
	x.crash(func() {})
	x.is(x.log.Readmit(t.Context(), live(identifier("alpha", 99), 1, "alpha")), pipeline.ErrNotFound)
	x.is(x.log.Readmit(t.Context(), live(identifier("alpha", 0), 1, "alpha")), pipeline.ErrNotWithdrawn)
	x.ok(x.log.Readmit(t.Context(), live(id, 1, "alpha")))
	r = x.reason(id, pipeline.Live)
	if r.Seq <= s.Seq || len(r.DC) == 0 {
		t.Errorf("%+v", r)
	}
	x.same("the list", len(x.suppressed()), 0)
	x.same("what came meanwhile", x.hold().page(pipeline.Batch{Changes: []pipeline.Change{live(id, 9, "alpha")}}).Counts.Updated, int64(1))
	x.remove(id, false)
	x.same("taken down after all", x.remove(id, true).Final, true)
	if r := x.reason(id, pipeline.Takedown); len(r.Original) != 0 {
		t.Error("the original is left")
	}
}

// upstreamOf is what the source of a record calls it.
func upstreamOf(x *fixture, identifier string) string {
	x.Helper()
	r, err := x.log.Record(x.Context(), identifier)
	x.ok(err)
	return r.Origin.Identifier
}

func (x *fixture) statusOf(source string) store.SourceStatus {
	x.Helper()
	all, err := x.log.Status(x.Context())
	x.ok(err)
	for _, s := range all {
		if s.Source == source {
			return s
		}
	}
	x.Fatalf("there is no source %s", source)
	return store.SourceStatus{}
}
