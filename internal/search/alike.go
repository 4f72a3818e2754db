package search

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"zombiezen.com/go/sqlite"
)

// Alike is what a record has in common with others.
type Alike struct {
	// Hits are other records, those that have most in common with it first.
	Hits []string
	// Shared are the values that it has in common with others, by facets: persons first, then subjects, then sets.
	Shared []Shared
}

// Shared is a value of a facet that several records have.
type Shared struct {
	Facet, Value string
	// Others is how many other records have it; More says that it is at least so many.
	Others int
	More   bool
}

// likeness is how much it says that two records have a value of a facet in common.
var likeness = map[string]float64{Person: 4, Subject: 3, Set: 1}

const (
	// maxShared bounds the values of a record by which others are looked for, of each facet, and maxSharers the records that
	// are looked at for each: the newest ones. So the cost is the same however large the log is.
	maxShared  = 10
	maxSharers = 200
)

// Alike finds up to limit records that have persons, subjects or sets in common with one. A value that few records have
// counts more than one that many have.
func (x *Index) Alike(ctx context.Context, identifier string, limit int) (*Alike, error) {
	ctx, cancel := context.WithTimeout(ctx, x.patience)
	defer cancel()
	out := &Alike{}
	err := x.view(ctx, func(conn *sqlite.Conn, _ kept) error {
		defer conn.SetInterrupt(conn.SetInterrupt(ctx.Done()))
		seq, err := seqOf(conn, identifier)
		if err != nil || seq == 0 {
			return err
		}
		return out.find(conn, seq, limit)
	})
	x.saw(err)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return out, nil
}

func (a *Alike) find(conn *sqlite.Conn, seq int64, limit int) error {
	near := map[int64]float64{}
	own := hit{}
	err := docs(conn, "has", []int64{seq}, func(r *sqlite.Stmt) { own.has = blob(r, 0) })
	if err != nil {
		return err
	}
	has := list(slices.Collect(own.values()))
	for _, facet := range []string{Person, Subject, Set} {
		var values []int64
		var texts []string
		if err := rows(conn, "SELECT v.value, v.text FROM json_each(?) h CROSS JOIN value v ON v.value = h.value WHERE v.value % ? = ? ORDER BY v.value LIMIT ?", []any{has, kinds, slices.Index(Facets, facet), maxShared},
			func(r *sqlite.Stmt) {
				values, texts = append(values, r.ColumnInt64(0)), append(texts, r.ColumnText(1))
			}); err != nil {
			return err
		}
		for i, value := range values {
			others, err := sharers(conn, value, seq, maxSharers+1)
			if err != nil {
				return err
			}
			n := min(len(others), maxSharers)
			if n == 0 {
				continue
			}
			a.Shared = append(a.Shared, Shared{Facet: facet, Value: texts[i], Others: n, More: len(others) > n})
			for _, other := range others[:n] {
				near[other] += likeness[facet] / float64(10+n)
			}
		}
	}
	all := make([]int64, 0, len(near))
	for other := range near {
		all = append(all, other)
	}
	slices.SortFunc(all, func(x, y int64) int { return cmp.Or(cmp.Compare(near[y], near[x]), cmp.Compare(y, x)) })
	a.Hits, err = identifiers(conn, all[:min(len(all), limit)])
	return err
}
