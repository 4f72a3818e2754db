package search

import (
	"fmt"
	"maps"

	"zombiezen.com/go/sqlite"
)

// maxYears is how many years may lie between the dates that are asked for, so that hits are counted by year.
const maxYears = 60

// years counts the hits by year, if the dates that are asked for are near each other: in whole decades around them, as if
// no date had been chosen, so that the years beside the one that was chosen are there too. A record counts in each year
// that its date may be one of, so that each count is what a search from that year to that year finds.
func (p *plan) years(conn *sqlite.Conn) ([]Count, error) {
	from, to, narrow := p.window()
	if !narrow {
		return nil, nil
	}
	wider := *p
	wider.from, wider.to = max(int64(from)*10_000, p.typedFrom), min(int64(to)*10_000+9999, p.typedTo)
	wider.filters = maps.Clone(p.filters)
	delete(wider.filters, Decade)
	var err error
	if wider.filters[dates], err = datedWithin(conn, wider.from, wider.to); err != nil {
		return nil, err
	}
	wider.chosen = nil
	g, err := wider.gather(conn, 0, 0)
	if err != nil {
		return nil, err
	}
	counts := make([]int, to-from+1)
	err = docs(conn, "begin, finish", g.hits[:min(len(g.hits), p.most)], func(r *sqlite.Stmt) {
		first, last := max(r.ColumnInt64(0), wider.from), min(r.ColumnInt64(1), wider.to)
		for y := yearOf(first); y <= yearOf(last); y++ {
			counts[y-from]++
		}
	})
	var out []Count
	for i, n := range counts {
		day := int64(from+i) * 10_000
		if chosen := p.ranged && p.from <= day+9999 && p.to >= day; n > 0 || chosen {
			out = append(out, Count{Value: Year(from + i), Count: n, Chosen: chosen})
		}
	}
	return out, err
}

// window are the first and the last year of the decades in which the dates lie that are asked for.
func (p *plan) window() (from, to int, narrow bool) {
	switch decades := p.chosen[Decade]; {
	case p.from != math64min && p.to != math64max:
		from, to = yearOf(p.from), yearOf(p.to)
	case len(decades) > 0:
		from, to = math64max, math64min
		for _, d := range decades {
			n := decadeOrder(d)
			from, to = min(from, n), max(to, n)
		}
	default:
		return 0, 0, false
	}
	from, to = decadeOf(from), decadeOf(to)+9
	return from, to, from <= to && to-from < maxYears && from >= -9999 && to <= 9999
}

// yearOf is the year of a day.
func yearOf(day int64) int {
	if day < 0 {
		day -= 9999
	}
	return int(day / 10_000)
}

// Year is a year as [Query.From] and [Query.To] take it: "1957", "-0043" for 44 BCE.
func Year(y int) string {
	if y < 0 {
		return fmt.Sprintf("-%04d", -y)
	}
	return fmt.Sprintf("%04d", y)
}
