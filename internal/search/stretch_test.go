package search

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// The pages of a search go on behind the hits that are sorted at once, from stretch to stretch, in both directions: each hit is
// met once, whatever the order, in as many stretches as there must be. What is counted stays the same on all of them.
func TestStretches(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "search.db"))
	t.Cleanup(func() { _ = w.Close() })
	w.most = 4
	for i := range 11 {
		w.commit(record(fmt.Sprint(i), value(dublincore.Title, fmt.Sprint("Letter ", i*7%11)), value(dublincore.Created, fmt.Sprint(1900+i*5%11)),
			value(dublincore.Type, []string{"Text", "Image"}[i%4/3]), value(dublincore.Subject, "One thing")))
	}
	w.catchUp()
	for _, sort := range []Sort{Best, Newest, Early, Late, Title} {
		for _, q := range []Query{
			{}, {Text: "letter"}, {Text: "let"}, {Chosen: map[string][]string{Kind: {"Text"}}}, {Chosen: map[string][]string{Kind: {"Text"}, Subject: {"One thing"}}}, {Text: "letter", From: "1902"}, {From: "1902", To: "1910"},
			{Text: "letter", Chosen: map[string][]string{Kind: {"Text", "Image"}}}, {Text: "letter -title:3"}, {Text: "up-3"},
		} {
			q.Sort = sort
			all := len(strings.Fields(w.walked(Query{Text: q.Text, Chosen: q.Chosen, From: q.From, To: q.To}, 100, func() {})))
			first, places := w.find(q), []int64{0}
			var met []string
			for found := first; ; {
				met = append(met, found.Hits...)
				if found.Total != len(found.Hits) || found.More != (all > 4) || found.More && found.All != all || fmt.Sprint(found.Facets) != fmt.Sprint(first.Facets) {
					t.Fatalf("%+v: %+v of %d", q, found, all)
				}
				if at := len(places) - 1; at > 0 && found.Prev != places[at-1] {
					t.Errorf("%+v: before %d are those before %d, want %d", q, places[at], found.Prev, places[at-1])
				}
				if found.Next == 0 {
					break
				}
				q.Before = found.Next
				places, found = append(places, found.Next), w.find(q)
			}
			if got := len(places); got != max(1, (all+3)/4) {
				t.Errorf("%+v: %d hits in %d stretches", q, all, got)
			}
			if slices.Sort(met); len(slices.Compact(met)) != all {
				t.Errorf("%+v: %d of %d hits: %v", q, len(slices.Compact(met)), all, met)
			}
			if all > 4 { // a page in the middle of the last stretch
				q.Offset, q.Limit = 1, 1
				if found := w.find(q); len(found.Hits) != min(1, max(0, found.Total-1)) || found.Prev != 0 {
					t.Errorf("%+v: %+v", q, found)
				}
			}
		}
	}
	// The neighbours of a hit are those of its stretch.
	q := Query{Sort: Newest, Before: w.find(Query{Sort: Newest}).Next}
	got, err := w.Around(t.Context(), &q, "oai:gw.example:a/5")
	if want := (Around{Number: 2, Total: 4, More: true, Prev: "oai:gw.example:a/6", Next: "oai:gw.example:a/4"}); err != nil || *got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

// The last word is the beginning of others too, unless many records have just that word.
func TestLastWord(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "search.db"))
	t.Cleanup(func() { _ = w.Close() })
	changes := []pipeline.Change{record("longer", value(dublincore.Title, "Harbourmaster"), value(dublincore.Creator, "Harbourman"))}
	for i := range frequent - 1 {
		changes = append(changes, record(fmt.Sprint(i), value(dublincore.Title, "Harbour")))
	}
	w.commit(changes...)
	w.catchUp()
	total := func(text string) int { return w.find(Query{Text: text, Limit: 1}).Total }
	if got := total("harbour"); got != frequent {
		t.Errorf("%d records are found by a beginning", got)
	}
	w.commit(record("last", value(dublincore.Title, "Harbour")))
	w.catchUp()
	for text, want := range map[string]int{"harbour": frequent, "harbour*": frequent + 1, "harbo": frequent + 1, "creator:harbour": 1, "harbour -harbourmaster": frequent, "harbour last": 0, `"harbour"`: frequent} {
		if got := total(text); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}

// When there is no time to count, the answer says that there are more, and the pages go on.
func TestNoTimeToCount(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "search.db"))
	t.Cleanup(func() { _ = w.Close() })
	w.most, w.counting = 2, 0
	for i := range 5 {
		w.commit(record(fmt.Sprint(i), value(dublincore.Title, "Letter")))
	}
	w.catchUp()
	if got := w.find(Query{Text: "letter"}); got.All != 0 || !got.More || got.Next == 0 || len(got.Hits) != 2 || got.Partial {
		t.Errorf("%+v", got)
	}
}
