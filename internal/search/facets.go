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

// facets counts the values over the hits. Of a facet of which something is chosen, they are counted over the hits that
// there would be without that choice.
// If one is wanted whole, the others are not counted.
func (p *plan) facets(conn *sqlite.Conn, hits []int64, whole string) ([]Facet, error) {
	names, most := Facets, maxCounts
	if whole != "" {
		names, most = []string{whole}, MaxValues
	}
	all, err := count(conn, hits, whole)
	if err != nil {
		return nil, err
	}
	out := make([]Facet, 0, len(names))
	for _, name := range names {
		counts := all[name]
		if chosen := p.chosen[name]; len(chosen) > 0 {
			wider, err := p.hits(conn, name)
			if err != nil {
				return nil, err
			}
			its, err := count(conn, wider[:min(len(wider), MaxHits)], name)
			if err != nil {
				return nil, err
			}
			counts = its[name]
			for _, value := range chosen {
				at := slices.IndexFunc(counts, func(c Count) bool { return c.Value == value })
				if at < 0 {
					at, counts = len(counts), append(counts, Count{Value: value})
				}
				counts[at].Chosen = true
			}
		}
		if len(counts) > 0 {
			out = append(out, facet(name, counts, most))
		}
	}
	return out, nil
}

func facet(name string, counts []Count, most int) Facet {
	f := Facet{Name: name, Values: counts}
	if name == Decade {
		slices.SortFunc(counts, func(a, b Count) int { return cmp.Compare(decadeOrder(a.Value), decadeOrder(b.Value)) })
		return f
	}
	slices.SortStableFunc(counts, func(a, b Count) int {
		if a.Chosen != b.Chosen {
			return map[bool]int{true: -1, false: 1}[a.Chosen]
		}
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	if f.Others = max(0, len(counts)-most); f.Others > 0 {
		f.Values = counts[:most]
	}
	return f
}

// decadeOrder puts what is undated at the end.
func decadeOrder(value string) int {
	if n, err := strconv.Atoi(value); err == nil {
		return n
	}
	return math64max
}

// count counts the values of a facet over hits, or of all facets.
func count(conn *sqlite.Conn, hits []int64, only string) (map[string][]Count, error) {
	out := map[string][]Count{}
	if len(hits) == 0 {
		return out, nil
	}
	err := rows(conn, `SELECT v.facet, v.text, c.n FROM (
			SELECT has.value AS value, count(*) AS n FROM json_each(?1) h CROSS JOIN has ON has.seq = h.value GROUP BY has.value
		) c CROSS JOIN value v ON v.value = c.value WHERE ?2 = '' OR v.facet = ?2`, []any{list(hits), only}, func(r *sqlite.Stmt) {
		out[r.ColumnText(0)] = append(out[r.ColumnText(0)], Count{Value: r.ColumnText(1), Count: r.ColumnInt(2)})
	})
	return out, err
}
