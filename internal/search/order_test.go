package search

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// By date, the stretches of a search stand in the order of all hits, both ways, whatever the dates are, and go on where they
// were if the record changes at which one ended.
func TestStretchesByDate(t *testing.T) {
	dir, n := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		w := newWorld(rt, filepath.Join(dir, fmt.Sprint(n)))
		defer func() { _ = w.Close() }()
		var changes []pipeline.Change
		for i := range rapid.IntRange(1, 14).Draw(rt, "records") {
			values := []dublincore.Value{value(dublincore.Title, rapid.SampledFrom([]string{"a letter", "a telegram"}).Draw(rt, "title"))}
			from := rapid.IntRange(-3, 3).Draw(rt, "from")
			switch rapid.SampledFrom([]string{"year", "month", "years", "centuries", "open", "far", "none"}).Draw(rt, "date") {
			case "year":
				values = append(values, value(dublincore.Created, Year(from)))
			case "month":
				values = append(values, value(dublincore.Created, Year(from)+"-05"))
			case "years":
				values = append(values, value(dublincore.Created, Year(from)+"/"+Year(from+3)))
			case "centuries":
				values = append(values, value(dublincore.Created, Year(from)+"/"+Year(from+300)))
			case "open":
				values = append(values, value(dublincore.Created, "../"+Year(from)))
			case "far":
				values = append(values, value(dublincore.Created, "Y-17000"))
			}
			changes = append(changes, record(fmt.Sprint(i), values...))
		}
		w.commit(changes...)
		w.catchUp()
		for _, q := range []Query{{Sort: Early}, {Sort: Late}, {Sort: Early, Text: "letter"}, {Sort: Late, Text: "a", From: "-0001"}} {
			want := w.checkStretches(q)
			q.Before = 0
			if first := w.find(q); first.Next > 0 {
				if err := w.Remove(first.Hits[2]); err != nil {
					rt.Fatalf("%v", err)
				}
				q.Before = first.Next
				if d := cmp.Diff(want[3:min(len(want), 6)], w.find(q).Hits, cmpopts.EquateEmpty()); d != "" {
					rt.Fatalf("behind what is gone: %s", d)
				}
			}
		}
	})
}

// More hits than can be put in order stand in stretches of the newest; a place among dates is then one in the log.
func TestTooManyToOrder(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "search.db"))
	t.Cleanup(func() { _ = w.Close() })
	for i := range 9 {
		w.commit(record(fmt.Sprint(i), value(dublincore.Title, "Letter"), value(dublincore.Created, fmt.Sprint(1900+i*5%9))))
	}
	w.catchUp()
	w.most = 3
	q := Query{Text: "letter", Sort: Early}
	q.Before = w.find(q).Next
	w.mostOrdered = 8
	found := w.find(q)
	if found.Ordered || len(found.Hits) != 3 {
		t.Errorf("%+v", found)
	}
	q.Before = 0
	if found = w.find(q); found.Ordered || !slices.Contains(found.Hits, "oai:gw.example:a/8") || found.Next >= 1<<placeBits {
		t.Errorf("%+v", found)
	}
}

// checkStretches walks through a search in stretches of three hits, both ways, and holds them to the order of all, which it gives.
func (w *world) checkStretches(q Query) (want []string) {
	w.Helper()
	w.most = 100
	want = w.find(q).Hits
	w.most = 3
	var got []string
	for places := []int64{0}; ; {
		found := w.find(q)
		got = append(got, found.Hits...)
		if at := len(places) - 1; at > 0 && found.Prev != places[at-1] {
			w.Fatalf("%+v: the stretch before is at %d, want %d", q, found.Prev, places[at-1])
		}
		if found.Ordered != (len(want) > 3) {
			w.Fatalf("%+v: %d hits are in order: %v", q, len(want), found.Ordered)
		}
		if last := len(found.Hits); last > 0 {
			if around, err := w.Around(w.Context(), &q, found.Hits[last-1]); err != nil || around.Number != last {
				w.Fatalf("%+v: the last hit is at %+v, %v, want %d", q, around, err, last)
			}
		}
		if found.Next == 0 {
			break
		}
		places, q.Before = append(places, found.Next), found.Next
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		w.Fatalf("%+v: %s", q, d)
	}
	return want
}

// A counted is an order of numbers, which counts the parts that are read. Its place is behind the first hits.
type counted struct {
	of    [][]int64
	place int // hits before it
	reads int
}

// at are the part in which the place is, and how many hits of the part stand before it.
func (c *counted) at() (part, before int) {
	for before = c.place; part < len(c.of)-1 && before > len(c.of[part]); part++ {
		before -= len(c.of[part])
	}
	return part, before
}

func (c *counted) parts() (numbers []int, at int) {
	for i := range c.of {
		numbers = append(numbers, i)
	}
	at, _ = c.at()
	return numbers, at
}

func (c *counted) members(part int) ([]int64, error) { return c.of[part], nil }

func (c *counted) read(part int) (out []spot, err error) {
	c.reads++
	for _, seq := range c.of[part] {
		out = append(out, spot{seq: seq})
	}
	return out, nil
}

func (c *counted) around([]spot) (before, upto int) {
	_, before = c.at()
	return before, before
}

// Of an order only the parts are read in which the hits of a page stand, however far behind they are, and they are the right ones.
func TestPartsRead(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c, all := &counted{}, []int64{}
		for _, n := range rapid.SliceOfN(rapid.IntRange(0, 4), 1, 12).Draw(rt, "parts") {
			from := len(all)
			for range n {
				all = append(all, int64(len(all)+1))
			}
			c.of = append(c.of, all[from:])
		}
		c.place = rapid.IntRange(0, len(all)).Draw(rt, "place")
		beginning, backwards := rapid.Bool().Draw(rt, "beginning"), rapid.Bool().Draw(rt, "backwards")
		skip, limit := rapid.IntRange(0, 9).Draw(rt, "skip"), rapid.IntRange(0, 9).Draw(rt, "limit")
		want := slices.Clone(all[c.place:])
		switch {
		case backwards && beginning:
			backwards, want = false, slices.Clone(all)
		case beginning:
			want = slices.Clone(all)
		case backwards:
			want = slices.Clone(all[:c.place])
			slices.Reverse(want)
		}
		behind := want
		want = want[min(skip, len(want)):]
		want = want[:min(limit, len(want))]
		hits, err := hitsIn(c, beginning, backwards, skip, limit)
		if err != nil {
			rt.Fatal(err)
		}
		var got []int64
		for _, h := range hits {
			got = append(got, h.seq)
		}
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
			rt.Fatal(d)
		}
		parts, most := map[int]bool{}, 1 // that of the place is read too
		for _, seq := range got {
			parts[slices.IndexFunc(c.of, func(p []int64) bool { return slices.Contains(p, seq) })] = true
		}
		if c.reads > most+len(parts) {
			rt.Errorf("%d parts are read for hits of %d", c.reads, len(parts))
		}
		if backwards {
			return
		}
		seq := rapid.Int64Range(1, 50).Draw(rt, "record")
		n, number, err := countIn(c, beginning, len(all), seq)
		if wantNumber := slices.Index(behind, seq) + 1; err != nil || n != len(behind) || number != wantNumber {
			rt.Errorf("%d hits, the record is number %d of them, %v; want %d and %d", n, number, err, len(behind), wantNumber)
		}
	})
}
