package search

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// However many records have what is chosen, the answer is the same; also if there is no time to look that up.
func TestChosen(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "search.db"))
	defer func() { _ = w.Close() }()
	for i := range 12 {
		w.commit(record(fmt.Sprint(i), value(dublincore.Title, fmt.Sprint("Letter ", i)), value(dublincore.Created, fmt.Sprint(1900+10*(i%5))),
			value(dublincore.Type, []string{"Text", "Image", "Map"}[i%3]), value(dublincore.Subject, []string{"coins", "ports"}[i%2])))
	}
	w.catchUp()
	for want, chosen := range map[string]map[string][]string{
		"11 9 7 5 3 1":      {Subject: {"ports"}},
		"11 10 8 7 5 4 2 1": {Kind: {"Image", "Map"}},
		"11 7 5 1":          {Kind: {"Image", "Map"}, Subject: {"ports"}},
		"5":                 {Kind: {"Image", "Map"}, Subject: {"ports"}, Decade: {"1900"}},
		"":                  {Kind: {"Coin"}, Subject: {"ports"}},
	} {
		for _, text := range []string{"", "letter"} {
			q := Query{Text: text, Chosen: chosen, Sort: Newest}
			var first *Found
			for _, w.few = range []int{few, 7, 5, 0} {
				if got := w.locals(q); got != want {
					t.Errorf("%+v, few are %d: %q, want %q", q, w.few, got, want)
				}
				found := w.find(q)
				if first == nil {
					first = found
				}
				if d := cmp.Diff(first, found); d != "" {
					t.Errorf("%+v, few are %d: %s", q, w.few, d)
				}
				if got := w.walked(q, 100, func() {}); len(got) != len(want) {
					t.Errorf("%+v, few are %d: a walk meets %q", q, w.few, got)
				}
			}
		}
	}
	w.patience = time.Nanosecond
	if found := w.find(Query{Chosen: map[string][]string{Kind: {"Text"}, Subject: {"coins"}}}); !found.Partial {
		t.Errorf("%+v", found)
	}
}
