package search

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// Values of one facet mean any of them, those of several all; also if there is no time to look them up.
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
			if got := w.locals(q); got != want {
				t.Errorf("%+v: %q, want %q", q, got, want)
			}
			if got := w.walked(q, 100, func() {}); len(got) != len(want) {
				t.Errorf("%+v: a walk meets %q", q, got)
			}
		}
	}
	w.patience = -1 // it is over before it begins
	if found := w.find(Query{Chosen: map[string][]string{Kind: {"Text"}, Subject: {"coins"}}}); !found.Partial {
		t.Errorf("%+v", found)
	}
}
