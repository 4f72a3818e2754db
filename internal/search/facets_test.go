package search

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The most frequent values are those that stand first when all are sorted.
func TestMostFrequent(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var values []valued
		for _, number := range rapid.SliceOfNDistinct(rapid.Int64Range(0, 99), 0, 40, rapid.ID[int64]).Draw(rt, "numbers") {
			values = append(values, valued{number, rapid.IntRange(0, 4).Draw(rt, "hits"), rapid.IntRange(0, 9).Draw(rt, "chosen") == 0})
		}
		most := rapid.IntRange(1, 12).Draw(rt, "most")
		want := slices.SortedFunc(slices.Values(values), func(a, b valued) int {
			return cmp.Or(-compareBool(a.chosen, b.chosen), cmp.Compare(b.count, a.count), cmp.Compare(a.number, b.number))
		})
		if got := mostFrequent(values, most); !slices.Equal(got, want[:min(len(want), most)]) {
			rt.Fatalf("of %v: %v, want %v", values, got, want)
		}
	})
}
