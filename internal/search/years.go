package search

import (
	"fmt"

	"zombiezen.com/go/sqlite"
)

// maxYears is how many years may lie between the dates that are asked for, so that hits are counted by year.
const maxYears = 60

// years counts the hits by year, if the dates that are asked for are near each other: in whole decades around them, as if
// no date had been chosen, so that the years beside the one that was chosen are there too. A record counts in each year
// that its date may be one of, so that each count is what a search from that year to that year finds.
func (p *plan) years(conn *sqlite.Conn, near []int64) ([]Count, error) {
	if p.near == nil {
		return nil, nil
	}
	from, to, _ := p.window()
	begin, finish := p.nearDays()
	counts := make([]int, to-from+1)
	hits, err := p.load(conn, near, Newest)
	for i := range hits {
		first, last := max(hits[i].begin, begin), min(hits[i].finish, finish)
		for y := yearOf(first); y <= yearOf(last); y++ {
			counts[y-from]++
		}
	}
	var out []Count
	for i, n := range counts {
		day := int64(from+i) * 10_000
		if chosen := p.ranged && p.from <= day+9999 && p.to >= day; n > 0 || chosen {
			out = append(out, Count{Value: Year(from + i), Count: n, Chosen: chosen})
		}
	}
	return out, err
}

// resolveNear looks up which records are of the decades around the dates that are chosen, if hits are counted by year.
func (p *plan) resolveNear(conn *sqlite.Conn) (err error) {
	if _, _, narrow := p.window(); narrow {
		from, to := p.nearDays()
		p.near, err = p.datedWithin(conn, from, to)
	}
	return err
}

// nearDays are the first and the last day of those decades, within what was typed.
func (p *plan) nearDays() (from, to int64) {
	first, last, _ := p.window()
	return max(int64(first)*10_000, p.typedFrom), min(int64(last)*10_000+9999, p.typedTo)
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
