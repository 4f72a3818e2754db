package storetest

import (
	"testing"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// testFates: whoever wants to hear of each item is told of each once, by the commit that stored it; nobody else is.
func testFates(t *testing.T, f Factory) {
	x := start(t, t, f)
	h := x.hold()
	id := func(n int) string { return identifier("alpha", n) }
	quiet := h.page(pipeline.Batch{Changes: []pipeline.Change{live(id(0), 0, "alpha"), live(id(1), 0, "alpha"), live(id(2), 0, "alpha"), live(id(3), 0, "alpha"), live(id(4), 0, "alpha")}})
	x.same("what nobody wants to hear", len(quiet.Fates), 0)
	_, err := x.log.Remove(t.Context(), pipeline.Removal{Identifier: id(3), Final: true, Reason: "a reason"})
	x.ok(err)
	_, err = x.log.Remove(t.Context(), pipeline.Removal{Identifier: id(9), Final: true, Reason: "a reason"})
	x.ok(err)

	h.run.Told = func(*pipeline.Receipt) {}
	told := func(b pipeline.Batch) map[string]pipeline.Became {
		t.Helper()
		out := map[string]pipeline.Became{}
		for _, f := range h.page(b).Fates {
			if out[f.Identifier] != "" {
				t.Errorf("%s is told of twice", f.Identifier)
			}
			out[f.Identifier] = f.Became
		}
		return out
	}
	x.same("what became of a page", told(pipeline.Batch{
		Changes:   []pipeline.Change{live(id(0), 0, "alpha"), live(id(1), 1, "alpha"), gone(id(2), pipeline.SourceDeleted), live(id(3), 1, "alpha"), live(id(5), 0, "alpha"), live(id(9), 0, "alpha")},
		Unchanged: []pipeline.Seen{{Identifier: id(4), Input: inputOf(id(4), 0)}},
		Rejects:   []pipeline.Reject{{Key: "6", Identifier: id(6), Reason: "malformed"}},
		Hold:      pipeline.Holding{Deletions: true},
	}), map[string]pipeline.Became{
		id(0): pipeline.BecameUnchanged, id(1): pipeline.BecameChanged, id(2): pipeline.BecameHeld, id(3): pipeline.BecameSuppressed, id(5): pipeline.BecameCreated,
		id(9): pipeline.BecameSuppressed, id(4): pipeline.BecameUnchanged, id(6): pipeline.BecameQuarantined,
	})
	x.same("what became of an item that can't be used and was taken down", told(pipeline.Batch{Rejects: []pipeline.Reject{{Key: "3", Identifier: id(3), Reason: "malformed"}}}),
		map[string]pipeline.Became{id(3): pipeline.BecameSuppressed})
	x.same("what became of what was held", told(pipeline.Batch{Changes: []pipeline.Change{gone(id(2), pipeline.SourceDeleted)}, Settles: true}),
		map[string]pipeline.Became{id(2): pipeline.BecameDeleted})
}
