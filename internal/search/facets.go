package search

import (
	"cmp"
	"slices"
	"strconv"

	"zombiezen.com/go/sqlite"
)

// A Facet is what the hits have of one kind of value.
type Facet struct {
	Name   string
	Values []Count // the most frequent ones first; decades in their order
	Others int     // how many other values there are
}

// A Count is how many of the hits have a value.
type Count struct {
	Value  string
	Count  int
	Chosen bool
}

// Bounds of how many values of a facet are given.
const (
	maxCounts = 100
	// MaxValues is how many there are of one that is wanted whole.
	MaxValues = 20_000
)

// kinds bounds how many facets there can be: the number of a value is a multiple of kinds and, behind that, the place of its
// facet in numbered. So values are counted by facet without their texts, of which only those are read that are given.
const kinds = 16

// A valued is a value by its number, and how many hits have it.
type valued struct {
	number int64
	count  int
	chosen bool
}

// tally counts the values of hits, by facet; of one facet alone, by its place among them, unless that is negative.
func tally(hits []hit, alone int64) (out [kinds][]valued) {
	counts := make(map[int64]int, len(hits)) // most have values of their own
	for i := range hits {
		for n := range hits[i].values() {
			if alone < 0 || n%kinds == alone {
				counts[n]++
			}
		}
	}
	for n, count := range counts {
		out[n%kinds] = append(out[n%kinds], valued{number: n, count: count})
	}
	return out
}

// facets counts the values over the hits. Of a facet of which something is chosen, they are counted over the hits that
// there would be without that choice. If one is wanted whole, the others are not counted.
func (p *plan) facets(conn *sqlite.Conn, hits []hit, wider map[string][]int64, whole string) ([]Facet, error) {
	most := maxCounts
	if whole != "" {
		most = MaxValues
	}
	all := tally(hits, int64(slices.Index(Facets, whole)))
	var out []Facet
	for i, name := range Facets {
		if whole != "" && whole != name {
			continue
		}
		values, missing := all[i], []string(nil)
		if len(p.chosen[name]) > 0 {
			others := wider[name]
			loaded, err := p.load(conn, others[:min(len(others), p.most)], Newest)
			if err != nil {
				return nil, err
			}
			values = tally(loaded, int64(i))[i]
			if values, missing, err = choose(conn, values, name, p.chosen[name]); err != nil {
				return nil, err
			}
		}
		f := Facet{Name: name}
		if name != Decade {
			f.Others = max(0, len(values)-most)
			values = mostFrequent(values, most)
		}
		var err error
		if f.Values, err = texts(conn, values); err != nil {
			return nil, err
		}
		for _, value := range missing {
			f.Values = append(f.Values, Count{Value: value, Chosen: true})
		}
		if f.sort(); len(f.Values) > 0 {
			out = append(out, f)
		}
	}
	return out, nil
}

// mostFrequent are the first values, in order: what is chosen, then what most hits have. Of thousands of persons a hundred are
// wanted, so most are dropped as they are met.
func mostFrequent(values []valued, most int) []valued {
	compare := func(a, b valued) int {
		return cmp.Or(-compareBool(a.chosen, b.chosen), cmp.Compare(b.count, a.count), cmp.Compare(a.number, b.number))
	}
	first, full := make([]valued, 0, min(len(values), 2*most)), false
	for _, v := range values {
		if full && compare(v, first[most-1]) > 0 {
			continue
		}
		if first = append(first, v); len(first) == 2*most {
			slices.SortFunc(first, compare)
			first, full = first[:most], true
		}
	}
	slices.SortFunc(first, compare)
	return first[:min(len(first), most)]
}

// choose marks the values that are chosen; missing are those that no record has.
func choose(conn *sqlite.Conn, values []valued, facet string, chosen []string) (_ []valued, missing []string, err error) {
	for _, text := range chosen {
		n, err := numberOf(conn, facetValue{facet, text})
		if err != nil {
			return nil, nil, err
		}
		if n == 0 {
			missing = append(missing, text)
			continue
		}
		at := slices.IndexFunc(values, func(v valued) bool { return v.number == n })
		if at < 0 {
			at, values = len(values), append(values, valued{number: n})
		}
		values[at].chosen = true
	}
	return values, missing, nil
}

// texts gives the values their texts.
func texts(conn *sqlite.Conn, values []valued) ([]Count, error) {
	if len(values) == 0 {
		return nil, nil
	}
	numbers, at := make([]int64, len(values)), make(map[int64]int, len(values))
	out := make([]Count, len(values))
	for i, v := range values {
		numbers[i], at[v.number], out[i] = v.number, i, Count{Count: v.count, Chosen: v.chosen}
	}
	err := rows(conn, "SELECT v.value, v.text FROM json_each(?) n JOIN value v ON v.value = n.value", []any{list(numbers)}, func(r *sqlite.Stmt) {
		out[at[r.ColumnInt64(0)]].Value = r.ColumnText(1)
	})
	return out, err
}

func (f *Facet) sort() {
	slices.SortStableFunc(f.Values, func(a, b Count) int {
		if f.Name == Decade {
			return cmp.Compare(decadeOrder(a.Value), decadeOrder(b.Value))
		}
		return cmp.Or(-compareBool(a.Chosen, b.Chosen), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
}

// compareBool puts false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// decadeOrder puts what is undated at the end.
func decadeOrder(value string) int {
	if n, err := strconv.Atoi(value); err == nil {
		return n
	}
	return math64max
}
