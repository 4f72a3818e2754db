package store

import (
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// TestFreshUntil: a page says that the list goes on, because of a record after it. When that has moved
// beyond until, the page is no longer right: its token would lead to an empty one.
func TestFreshUntil(t *testing.T) {
	clock := &handClock{}
	s := open(t, t.TempDir(), clock)
	s.moves.block = 1
	f := newFeed(t, s, "a")
	f.fill(s, 3, 0)
	repo := &Repository{Store: s}
	page := func(after string) *oaipmh.Listing {
		t.Helper()
		accepted := 0
		l, err := repo.List(t.Context(), &oaipmh.Query{Prefix: "oai_dc", Until: clock.Wall(), After: after}, func(*oaipmh.Record) bool {
			accepted++
			return accepted == 1
		})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	second := page(page("").Next)
	if _, ok := second.Fresh(t.Context()); !ok || second.Next == "" {
		t.Fatalf("fresh %t, next %q: want a page that can be kept, and that goes on", ok, second.Next)
	}
	clock.at += time.Second
	if err := f.commit(s, change("a", 2, 1)); err != nil {
		t.Fatal(err)
	}
	if _, ok := second.Fresh(t.Context()); ok {
		t.Error("the page still counts as right, though nothing is left after it")
	}
}
