package pipeline_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store/memory"
)

// TestCollisions: different items of a page that would have one identifier are all put aside, with
// their bytes, however many there are and in whatever order; an item that comes again is none.
func TestCollisions(t *testing.T) {
	of := func(upstream, original string) harvest.Item {
		it := item("17", original)
		it.Identifier = upstream
		return it
	}
	const a, b, c = "oai:a:17", "17", "oai:a:17 "
	for _, test := range []struct {
		name  string
		items []harvest.Item
		live  map[string]string
		bad   map[string]string
	}{
		{"the same again", []harvest.Item{of(a, "1"), of(a, "2")}, map[string]string{"17": "2"}, map[string]string{}},
		{"exactly the same again", []harvest.Item{of(a, "1"), of(a, "1")}, map[string]string{"17": "1"}, map[string]string{}},
		{"two", []harvest.Item{of(a, "1"), of(b, "2")}, map[string]string{}, map[string]string{a: "1", b: "2"}},
		{"two, one of them again", []harvest.Item{of(a, "1"), of(b, "2"), of(b, "3")}, map[string]string{}, map[string]string{a: "1", b: "3"}},
		{"two, the other again", []harvest.Item{of(a, "1"), of(b, "2"), of(a, "3")}, map[string]string{}, map[string]string{a: "3", b: "2"}},
		{"three", []harvest.Item{of(a, "1"), of(b, "2"), of(c, "3")}, map[string]string{}, map[string]string{a: "1", b: "2", c: "3"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := memory.New(memory.Options{Namespace: "a.example", Clock: &setClock{}})
			report, err := harvestAll(t, s, pages{{Items: test.items}})
			if err != nil {
				t.Fatal(err)
			}
			// Whoever sends an item twice with different content may have lost the first one.
			told := slices.ContainsFunc(report.Warnings, func(w string) bool { return strings.Contains(w, "came more than once") })
			if again := strings.Contains(test.name, "again") && test.name != "exactly the same again"; told != again {
				t.Errorf("warnings %q", report.Warnings)
			}
			live, bad := kept(t, s)
			if d := cmp.Diff(test.live, live); d != "" {
				t.Errorf("records (-want +got):\n%s", d)
			}
			if d := cmp.Diff(test.bad, bad); d != "" {
				t.Errorf("quarantine (-want +got):\n%s", d)
			}
		})
	}
}

// TestBorrowedAlias: an item whose alias led to a record that another item of the page has under its own
// key is an item of its own. (A title that a second row takes over, when the first has changed its.)
func TestBorrowedAlias(t *testing.T) {
	with := func(key, alias, original string) harvest.Item {
		it := item(key, original)
		it.Aliases = []string{alias}
		return it
	}
	s := memory.New(memory.Options{Namespace: "a.example", Clock: &setClock{}})
	if _, err := harvestAll(t, s, pages{{Items: []harvest.Item{with("link-1", "hash-1", "first")}}}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		report, err := harvestAll(t, s, pages{{Items: []harvest.Item{with("link-2", "hash-1", "second"), with("link-1", "hash-2", "first, renamed")}}})
		if err != nil {
			t.Fatal(err)
		}
		live, _ := kept(t, s)
		if d := cmp.Diff(map[string]string{"link-1": "first, renamed", "link-2": "second"}, live); d != "" {
			t.Errorf("records after %+v (-want +got):\n%s", report.Counts, d)
		}
	}
	// An item that is alone with its alias is the one that was there.
	if _, err := harvestAll(t, s, pages{{Items: []harvest.Item{with("link-3", "hash-2", "first, moved")}}}); err != nil {
		t.Fatal(err)
	}
	live, _ := kept(t, s)
	if d := cmp.Diff(map[string]string{"link-1": "first, moved", "link-2": "second"}, live); d != "" {
		t.Errorf("records (-want +got):\n%s", d)
	}
}

// TestKeyBelongsToTheFirst: of two items with one key the first that came stands, wherever the other one comes;
// that is put aside, changes nothing and deletes nothing.
func TestKeyBelongsToTheFirst(t *testing.T) {
	const first, second = "oai:a.example:17", "17"
	of := func(upstream, original string) harvest.Item {
		it := item("17", original)
		it.Identifier = upstream
		return it
	}
	deleted := of(second, "")
	deleted.Deleted = true
	for _, test := range []struct {
		name  string
		pages [][]harvest.Item
		bad   map[string]string
	}{
		{"on a later page", [][]harvest.Item{{of(first, "1")}, {item("18", "x")}, {of(second, "2")}}, map[string]string{second: "2"}},
		{"on the next page, which is prepared beside it", [][]harvest.Item{{of(first, "1")}, {of(second, "2")}}, map[string]string{second: "2"}},
		{"with the same content", [][]harvest.Item{{of(first, "1")}, {of(second, "1")}}, map[string]string{second: "1"}},
		{"deleted", [][]harvest.Item{{of(first, "1")}, {deleted}}, map[string]string{second: ""}},
		{"on the same page, when the first is known", [][]harvest.Item{{of(first, "1")}, {item("18", "x")}, {item("18", "x")}, {item("18", "x")}, {item("18", "x")}, {of(second, "2"), of(first, "1")}}, map[string]string{second: "2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var src pages
			for _, items := range test.pages {
				src = append(src, &harvest.Page{Items: items})
			}
			s := memory.New(memory.Options{Namespace: "a.example", Clock: &setClock{}})
			for pass := range 3 {
				before, err := s.Head(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if _, err := harvestAll(t, s, src); err != nil {
					t.Fatal(err)
				}
				live, bad := kept(t, s)
				delete(live, "18")
				if d := cmp.Diff(map[string]string{"17": "1"}, live); d != "" {
					t.Errorf("records after pass %d (-want +got):\n%s", pass, d)
				}
				if d := cmp.Diff(test.bad, bad); d != "" {
					t.Errorf("quarantine after pass %d (-want +got):\n%s", pass, d)
				}
				rec, err := s.Record(t.Context(), "oai:a.example:a/17")
				if err != nil || rec.Stale || rec.Origin.Identifier != first {
					t.Errorf("the record after pass %d: %+v, %v", pass, rec, err)
				}
				if after, err := s.Head(t.Context()); err != nil || pass > 0 && after.Seq != before.Seq {
					t.Errorf("pass %d moved the log from %d to %d (%v)", pass, before.Seq, after.Seq, err)
				}
			}
		})
	}
}

// TestRepositoryMoves: the records of a repository that has another domain now, and whose configuration says
// so, are those that they were.
func TestRepositoryMoves(t *testing.T) {
	of := func(upstream, original string) pages {
		it := item("17", original)
		it.Identifier = upstream
		return pages{{Items: []harvest.Item{it}}}
	}
	s := memory.New(memory.Options{Namespace: "a.example", Clock: &setClock{}})
	for _, src := range []pages{of("oai:old.example:17", "1"), of("oai:new.example:17", "2")} {
		if report, err := harvestAll(t, s, src); err != nil || report.Counts.Rejected != 0 {
			t.Fatalf("%+v, %v", report.Counts, err)
		}
	}
	if live, _ := kept(t, s); live["17"] != "2" {
		t.Errorf("records: %v", live)
	}
}

// TestOneKeyOnManyPages: what came on an earlier page with other content is told; what came again as it was, or later by
// its datestamp, or in the next pass, is not.
func TestOneKeyOnManyPages(t *testing.T) {
	s := memory.New(memory.Options{Namespace: "a.example", Clock: &setClock{}})
	pass := func(items ...harvest.Item) []string {
		t.Helper()
		var src pages
		for _, it := range items {
			src = append(src, &harvest.Page{Items: []harvest.Item{it}})
		}
		report, err := harvestAll(t, s, src)
		if err != nil {
			t.Fatal(err)
		}
		return report.Warnings
	}
	dated := func(it harvest.Item, datestamp string) harvest.Item {
		it.Datestamp = datestamp
		return it
	}
	if got := pass(item("7", "one"), item("8", "x"), item("7", "two")); len(got) != 1 || !strings.Contains(got[0], "later page") {
		t.Errorf("two items with one key: %q", got)
	}
	if got := pass(item("7", "three"), item("8", "x"), item("7", "three")); len(got) != 0 {
		t.Errorf("a new pass, and the same again: %q", got)
	}
	if got := pass(item("7", "four"), item("7", "five")); len(got) != 1 {
		t.Errorf("on the next page, which is prepared beside it: %q", got)
	}
	if got := pass(dated(item("7", "six"), "2024-01-01"), dated(item("7", "seven"), "2024-01-02")); len(got) != 0 {
		t.Errorf("it has changed meanwhile: %q", got)
	}
	if got := pass(dated(item("7", "eight"), "2024-01-02"), dated(item("7", "nine"), "2024-01-02")); len(got) != 1 {
		t.Errorf("one datestamp: %q", got)
	}
}
