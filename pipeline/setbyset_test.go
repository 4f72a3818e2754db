package pipeline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store/memory"
)

// setPages are a pass over the sets A, B and C: what each lists, as "item sets text", where the sets are those of its header.
func setPages(lists ...[]string) pages {
	var out pages
	for i, list := range lists {
		page := &harvest.Page{Lists: []string{"A", "B", "C"}, List: i}
		for _, line := range list {
			f := strings.Fields(line)
			it := item(f[0], f[2])
			it.Sets, it.Datestamp = strings.Split(f[1], ","), "2020-01-02"
			page.Items = append(page.Items, it)
		}
		out = append(out, page)
	}
	return out
}

// A record of several sets that are listed one after another is in all of them, also where its header names only the one that
// was asked for; and a pass that finds nothing new changes nothing. It leaves a set that does not list it any more.
func TestSetBySet(t *testing.T) {
	s := memory.New(memory.Options{Namespace: "a.example", Clock: &setClock{}})
	for i, pass := range []struct {
		lists   pages
		added   int64
		changes int64 // besides
		sets    string
	}{
		{setPages([]string{"1 A x", "2 A y"}, []string{"1 B x"}, []string{"1 C x"}), 2, 2, "a a:A a:B a:C"},
		{setPages([]string{"1 A x", "2 A y"}, []string{"1 B x"}, []string{"1 C x"}), 0, 0, "a a:A a:B a:C"},
		{setPages([]string{"1 A x", "2 A y"}, []string{"1 B x"}, []string{"1 C x"}), 0, 0, "a a:A a:B a:C"},
		// It has left C, which nothing says until the next pass begins.
		{setPages([]string{"1 A x", "2 A y"}, []string{"1 B x"}, nil), 0, 0, "a a:A a:B a:C"},
		{setPages([]string{"1 A x", "2 A y"}, []string{"1 B x"}, nil), 0, 1, "a a:A a:B"},
		{setPages([]string{"1 A x", "2 A y"}, []string{"1 B x"}, nil), 0, 0, "a a:A a:B"},
		// It has left A, the first.
		{setPages([]string{"2 A y"}, []string{"1 B x"}, nil), 0, 1, "a a:B"},
		{setPages([]string{"2 A y"}, []string{"1 B x"}, nil), 0, 0, "a a:B"},
		// It has come into A, and says something else.
		{setPages([]string{"1 A y"}, []string{"1 B y"}, nil), 0, 1, "a a:A a:B"},
		// What says something else changes once, and not once more for each of its sets.
		{setPages([]string{"1 A x"}, []string{"1 B x"}, []string{"1 C x"}), 0, 2, "a a:A a:B a:C"},
		{setPages([]string{"1 A y"}, []string{"1 B y"}, []string{"1 C y"}), 0, 1, "a a:A a:B a:C"},
		{setPages([]string{"1 A y"}, []string{"1 B y"}, []string{"1 C y"}), 0, 0, "a a:A a:B a:C"},
		// It says something else and has left C, which nothing says until the next pass begins.
		{setPages([]string{"1 A z"}, []string{"1 B z"}, nil), 0, 1, "a a:A a:B a:C"},
		{setPages([]string{"1 A z"}, []string{"1 B z"}, nil), 0, 1, "a a:A a:B"},
		// A header that names all of its sets is believed at once.
		{setPages([]string{"1 A,D z"}, nil, nil), 0, 1, "a a:A a:D"},
		{setPages([]string{"1 A,C z"}, nil, []string{"1 A,C z"}), 0, 1, "a a:A a:C"},
		{setPages([]string{"1 A z"}, nil, nil), 0, 1, "a a:A"},
	} {
		t.Run(fmt.Sprint(i+1), func(t *testing.T) {
			report, err := harvestAll(t, s, pass.lists)
			if err != nil {
				t.Fatal(err)
			}
			if report.Counts.Added != pass.added || report.Counts.Updated != pass.changes || report.Counts.Deleted != 0 {
				t.Errorf("%+v, want %d added and %d changed", report.Counts, pass.added, pass.changes)
			}
			if slices.ContainsFunc(report.Warnings, func(w string) bool { return strings.Contains(w, "later page") }) {
				t.Errorf("what is in several lists is no other item: %q", report.Warnings)
			}
			r, err := s.Record(t.Context(), "oai:a.example:a/1")
			if err != nil {
				t.Fatal(err)
			}
			if sets := strings.Join(r.Sets, " "); sets != pass.sets {
				t.Errorf("the record is in %s, want %s", sets, pass.sets)
			}
		})
	}
}
