package search

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

func TestYears(t *testing.T) {
	w := library(t)
	w.commit(record("6", value(dublincore.Title, "years of a decade"), value(dublincore.Created, "1955/1958")))
	w.catchUp()
	for name, test := range map[string]struct {
		q    Query
		want []Count
	}{
		"no dates":             {Query{}, nil},
		"one side only":        {Query{From: "1950"}, nil},
		"too far from another": {Query{From: "1900", To: "1960"}, nil},
		"a month":              {Query{From: "1957-04", To: "1957-04"}, []Count{{"1955", 1, false}, {"1956", 1, false}, {"1957", 2, true}, {"1958", 1, false}}},
		"a decade":             {Query{Chosen: map[string][]string{Decade: {"1960"}}}, []Count{{"1961", 1, false}}},
		"a decade and others":  {Query{Chosen: map[string][]string{Decade: {"1960", "1950"}, Language: {"deu"}}}, []Count{{"1961", 1, false}}},
		"before the era":       {Query{From: "-0043", To: "-0042"}, []Count{{"-0043", 1, true}, {"-0042", 0, true}}},
		"undated":              {Query{Chosen: map[string][]string{Decade: {Undated}}}, nil},
		"typed":                {Query{Text: "date:1957"}, []Count{{"1957", 2, false}}},
	} {
		if d := cmp.Diff(test.want, w.find(test.q).Years); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// Each count of a year is what a search for that year finds, and dates sort by their first day, both ways, before the era
// too.
func TestYearsCountWhatIsFound(t *testing.T) {
	dir, n := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		w := newWorld(rt, filepath.Join(dir, fmt.Sprint(n)))
		defer func() { _ = w.Close() }()
		var changes []pipeline.Change
		begins := map[string]int{}
		for i := range rapid.IntRange(1, 12).Draw(rt, "records") {
			from := rapid.IntRange(-25, 25).Draw(rt, "from")
			to := from + rapid.SampledFrom([]int{0, 0, 1, 7, 300}).Draw(rt, "years")
			local := fmt.Sprint("r", i)
			begins["oai:gw.example:a/"+local] = from
			changes = append(changes, record(local, value(dublincore.Title, "a"), value(dublincore.Created, Year(from)+"/"+Year(to))))
		}
		w.commit(changes...)
		w.catchUp()
		from := rapid.IntRange(-25, 25).Draw(rt, "asked from")
		to := from + rapid.IntRange(0, 30).Draw(rt, "asked to")
		for _, c := range w.find(Query{From: Year(from), To: Year(to)}).Years {
			if found := w.find(Query{From: c.Value, To: c.Value}); found.Total != c.Count {
				rt.Fatalf("%s counts %d and finds %d", c.Value, c.Count, found.Total)
			}
		}
		for sort, sign := range map[Sort]int{Early: 1, Late: -1} {
			last := -1000
			for _, id := range w.find(Query{Sort: sort}).Hits {
				if now := sign * begins[id]; now < last {
					rt.Fatalf("%s: %d comes behind %d", sort, now, last)
				} else {
					last = now
				}
			}
		}
	})
}
