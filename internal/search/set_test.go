package search

import (
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
	"zombiezen.com/go/sqlite"
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

// Records are read in the order in which they are asked for, whether they are close together or not, and those that are not
// there are left out.
func TestDocs(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "search.db"))
	defer func() { _ = w.Close() }()
	for n := range 40 {
		w.commit(record(strconv.Itoa(n)))
	}
	w.catchUp()
	if err := w.Remove("oai:gw.example:a/20"); err != nil { // it stood at 21
		t.Fatal(err)
	}
	for _, seqs := range [][]int64{{1}, {3, 4, 5, 7}, {40, 38, 37, 30, 29, 28}, {19, 20, 21, 22}, {23, 21, 20}, {21, 22}, {22, 21}, {1, 40}, {5, 3, 4}, {4, 4, 5}, {21}, {50, 49, 40}} {
		var got, want []int64
		for _, seq := range seqs {
			if seq != 21 && seq <= 40 {
				want = append(want, seq)
			}
		}
		if err := docs(w.writer, "seq, identifier", seqs, func(r *sqlite.Stmt) { got = append(got, r.ColumnInt64(0)) }); err != nil || !slices.Equal(got, want) {
			t.Errorf("%v: read %v, want %v, %v", seqs, got, want, err)
		}
	}
}
