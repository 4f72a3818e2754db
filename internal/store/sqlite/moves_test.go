package sqlite

import (
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/endpoint"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// TestFreshWithNothingToGoOnWith: a page says that the list goes on, because of a record after it. When
// that is not in the list any more, and nothing else is, the page is no longer right: its token would lead
// to an empty one.
func TestFreshWithNothingToGoOnWith(t *testing.T) {
	for _, test := range []struct {
		name  string
		query func(now time.Time) oaipmh.Query
	}{
		{"moved beyond until", func(now time.Time) oaipmh.Query { return oaipmh.Query{Prefix: "oai_dc", Until: now} }},
		{"left a silent set", func(time.Time) oaipmh.Query { return oaipmh.Query{Prefix: "oai_dc", Set: "a:c0"} }},
	} {
		t.Run(test.name, func(t *testing.T) {
			clock := &handClock{}
			s := open(t, t.TempDir(), clock)
			s.moves.Block = 1
			if err := s.Silence(t.Context(), map[string]bool{"a:c0": true}); err != nil {
				t.Fatal(err)
			}
			f := newFeed(t, s, "a")
			f.fill(s, 3, 0)
			repo, q := &endpoint.Repository{Log: s}, test.query(clock.Wall())
			page := func(after string) *oaipmh.Listing {
				t.Helper()
				q.After = after
				accepted := 0
				l, err := repo.List(t.Context(), &q, func(*oaipmh.Record) bool {
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
		})
	}
}
