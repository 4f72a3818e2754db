package sqlite

import (
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/endpoint"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// That a set is silent stays in the log when nobody says so any more, until somebody says otherwise; its
// list leaves out who left, a page of which everybody left between two requests is empty, and the size
// counts members.
func TestSilence(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, &handClock{})
	silence := func(sets map[string]bool) {
		t.Helper()
		if err := s.Silence(t.Context(), sets); err != nil {
			t.Fatal(err)
		}
	}
	// listed lists one page of a:c0, and gives how many are on it.
	listed := func(after string, limit int) (n int, l *oaipmh.Listing) {
		t.Helper()
		l, err := (&endpoint.Repository{Log: s}).List(t.Context(), &oaipmh.Query{Prefix: "oai_dc", Set: "a:c0", After: after}, func(*oaipmh.Record) bool {
			if n == limit {
				return false
			}
			n++
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
		return n, l
	}
	silence(map[string]bool{"a:c0": true, "a:c1": false})
	f := newFeed(t, s, "a")
	f.fill(s, 3, 0)
	_, first := listed("", 2)
	if first.Next == "" || first.Size != 3 {
		t.Fatalf("the first page is %+v", first)
	}
	if err := f.commit(s, change("a", 2, 1)); err != nil {
		t.Fatal(err)
	}
	if n, last := listed(first.Next, 2); n != 0 || last.Next != "" {
		t.Errorf("after the last has left, %d on the page %+v", n, last)
	}
	for _, again := range []map[string]bool{nil, {}, {"a:c1": true}} {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, dir, &handClock{})
		silence(again)
		if n, l := listed("", 9); n != 2 || l.Size != 2 {
			t.Errorf("with %v, %d of %d in the silent set", again, n, l.Size)
		}
	}
	silence(map[string]bool{"a:c0": false})
	if n, l := listed("", 9); n != 3 || l.Size != 3 {
		t.Errorf("%d of %d in the set that is not silent any more", n, l.Size)
	}
}
