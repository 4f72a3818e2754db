package main

import (
	"encoding/json"
	"testing"
)

func TestRatioThatHasFallen(t *testing.T) {
	kept := []Figure{{Name: "a", Value: 3, Unit: ratioUnit}, {Name: "b", Value: .3, Unit: ratioUnit}}
	for _, c := range []struct {
		name   string
		rounds [][2]float64
		ok     bool
	}{
		{"as kept", [][2]float64{{3, .3}}, true},
		{"better", [][2]float64{{30, 3}}, true},
		{"a little worse", [][2]float64{{2.1, .21}}, true},
		{"one has fallen", [][2]float64{{3, .19}}, false},
		{"has fallen each time", [][2]float64{{1.9, .3}, {1.9, .3}, {1.8, .3}}, false},
		{"each was well once", [][2]float64{{1, .3}, {3, .1}}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var best []Figure
			for _, r := range c.rounds {
				best = better(best, ratios([]Figure{{Name: "a", Value: r[0], Unit: ratioUnit}, {Name: "speed", Value: 1, Unit: "records/s"}, {Name: "b", Value: r[1], Unit: ratioUnit}}))
			}
			if err := fallen(best, kept); (err == nil) != c.ok {
				t.Errorf("of %+v: %v", best, err)
			}
		})
	}
	if fallen([]Figure{{Name: "a", Value: 3}}, kept) == nil {
		t.Error("one that was not measured is not missed")
	}
}

// What is kept must be ratios of the parts that are measured; their names change in the same commit.
func TestKeptRatios(t *testing.T) {
	var kept []Figure
	if err := json.Unmarshal(keptRatios, &kept); err != nil {
		t.Fatal(err)
	}
	if len(kept) < 7 {
		t.Errorf("%d ratios are kept", len(kept))
	}
	for _, k := range kept {
		if k.Unit != ratioUnit || k.Value <= 0 {
			t.Errorf("%+v is kept", k)
		}
	}
}
