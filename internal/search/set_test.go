package search

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// A set has what was put into it, in order, both ways, and is the same when it was stored.
func TestSets(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		places := rapid.SliceOfN(rapid.Int64Range(0, 4*inBlock), 0, 50).Draw(rt, "places")
		for range rapid.IntRange(0, 1).Draw(rt, "dense") {
			for i := range int64(5000) { // too many for a list
				places = append(places, inBlock+i*3)
			}
		}
		s := set{}
		for _, seq := range places {
			s.add(seq)
		}
		slices.Sort(places)
		places = slices.Compact(places)
		stored := set{}
		for n, b := range s {
			packed := b.packed()
			if most := min(2*b.size(), inBlock/8); len(packed) != most {
				rt.Fatalf("%d places take %d bytes", b.size(), len(packed))
			}
			stored[n] = new(block)
			stored[n].unpack(packed)
		}
		if d := cmp.Diff(s, stored); d != "" {
			rt.Fatal(d)
		}
		from := rapid.Int64Range(0, 4*inBlock).Draw(rt, "from")
		at, _ := slices.BinarySearch(places, from)
		if d := cmp.Diff(places[at:], slices.Collect(s.oldest(from)), cmpopts.EquateEmpty()); d != "" {
			rt.Fatal(d)
		}
		before := slices.Clone(places[:at])
		slices.Reverse(before)
		if d := cmp.Diff(before, slices.Collect(s.newest(from)), cmpopts.EquateEmpty()); d != "" {
			rt.Fatal(d)
		}
		if s.size() != len(places) || s.has(from) != slices.Contains(places, from) {
			rt.Fatalf("%d places, want %d", s.size(), len(places))
		}
		other := set{}
		for _, seq := range places {
			if seq%2 == 0 {
				other.add(seq)
			}
		}
		if got := both(s, other).size(); got != other.size() {
			rt.Fatalf("%d are in both, want %d", got, other.size())
		}
	})
}
