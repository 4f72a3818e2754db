package storetest

import (
	"testing"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// testOwners: a record belongs to the item that took its identifier first. A change or a deletion of another
// one is refused, so that the page is prepared again and says so of that item.
func testOwners(t *testing.T, f Factory) {
	x := start(t, t, f)
	named := func(c pipeline.Change, upstream string) pipeline.Change {
		c.Origin.Identifier = upstream
		return c
	}
	id := identifier("alpha", 17)
	const first, second, moved = "oai:source.example:17", "17", "oai:moved.example:17"
	x.put("alpha", named(live(id, 0, "alpha"), first))
	for range 2 {
		x.is(x.commit(x.page("alpha", named(live(id, 1, "alpha"), second))), pipeline.ErrStale)
		x.is(x.commit(x.page("alpha", named(live(id, 0, "alpha"), second))), pipeline.ErrStale) // with the same content
		x.is(x.commit(x.page("alpha", named(gone(id, pipeline.SourceDeleted), second))), pipeline.ErrStale)
		x.checkDoors()
		x.restart()
	}
	x.put("alpha", named(live(id, 2, "alpha"), first))
	x.put("alpha", named(gone(id, pipeline.SourceDeleted), first)) // it stays the first one's when it is deleted
	x.is(x.commit(x.page("alpha", named(live(id, 3, "alpha"), second))), pipeline.ErrStale)
	x.put("alpha", named(live(id, 4, "alpha"), moved)) // a repository with another domain has the same items
	x.put("alpha", named(gone(id, pipeline.Takedown), moved))
	x.put("alpha", named(live(id, 5, "alpha"), second)) // nobody's, for ever
	x.checkDoors()

	asked := pipeline.Ask{Identifier: id, Input: hash("something else")}
	got, err := x.log.Known(t.Context(), []pipeline.Ask{asked})
	x.ok(err)
	if got[0].Owner != moved {
		t.Errorf("the record belongs to %q, want %q", got[0].Owner, moved)
	}
}
