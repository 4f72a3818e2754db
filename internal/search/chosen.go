package search

import (
	"errors"
	"slices"

	"zombiezen.com/go/sqlite"
)

// dates is what a plan's filters call the one of dates.
const dates = "date"

// frequent is how many records have the last word of a text as it stands, at least, so that it is not taken for the beginning
// of others: of a frequent word these would be no better hits, and to find them costs what all of them cost.
const frequent = 1000

// resolve looks up which records have what is chosen, and whether the last word is one.
func (p *plan) resolve(conn *sqlite.Conn) error {
	p.filters = map[string]set{}
	for facet := range p.chosen { // nothing, until it is known what: there may be no time
		p.filters[facet] = set{}
	}
	if p.open != "" {
		n := 0
		if err := rows(conn, "SELECT rowid FROM words WHERE words MATCH ? LIMIT ?", []any{p.open, frequent}, func(*sqlite.Stmt) { n++ }); err != nil {
			return err
		}
		if n == frequent {
			p.match = p.closed
		}
	}
	for facet, values := range p.chosen {
		for _, text := range values {
			n, err := numberOf(conn, facetValue{facet, text})
			if err == nil && n != 0 {
				err = p.filters[facet].read(conn, n, n)
			}
			if err != nil {
				return err
			}
		}
	}
	if p.from == math64min && p.to == math64max {
		return nil
	}
	p.filters[dates] = set{}
	within, err := p.datedWithin(conn, p.from, p.to)
	p.filters[dates] = within
	return err
}

// datedWithin are the records whose date may be a day from one to another.
func (p *plan) datedWithin(conn *sqlite.Conn, from, to int64) (set, error) {
	out, unsure := set{}, set{} // unsure are those of whose date it is only known that it may be in a year, or in many
	err := unsure.read(conn, manyYears, manyYears)
	if first, last := max(yearOf(from), firstYear), min(yearOf(to), lastYear); first <= last {
		inner, outer := first, last // the years of which all days are within
		if from > dayIn(first, 1, 1) {
			inner++
		}
		if to < dayIn(last, 12, 31) {
			outer--
		}
		err = errors.Join(err, out.read(conn, yearValue(inner), yearValue(outer)),
			unsure.read(conn, yearValue(first), yearValue(inner-1)), unsure.read(conn, yearValue(outer+1), yearValue(last)))
	}
	if err != nil {
		return out, err
	}
	var ask []int64
	for seq := range unsure.oldest(0) {
		if !out.has(seq) {
			ask = append(ask, seq)
		}
	}
	dated := make([]hit, len(ask))
	err = p.kept.read(conn, countedBy, ask, func(i int) *hit { return &dated[i] })
	for i := range dated {
		if h := &dated[i]; h.dated && h.begin <= to && h.finish >= from {
			out.add(ask[i])
		}
	}
	return out, err
}

// fits says whether a record meets the conditions; without are those that are not asked.
func (p *plan) fits(seq int64, without ...string) bool {
	for name, filter := range p.filters {
		if !filter.has(seq) && !slices.Contains(without, name) {
			return false
		}
	}
	return true
}

// fitting are all records that meet the conditions.
func (p *plan) fitting(conn *sqlite.Conn, without ...string) (set, error) {
	var out set
	for name, filter := range p.filters {
		switch {
		case slices.Contains(without, name):
		case out == nil:
			out = filter
		default:
			out = both(out, filter)
		}
	}
	if out != nil {
		return out, nil
	}
	out = set{}
	return out, out.read(conn, everyRecord, everyRecord)
}
