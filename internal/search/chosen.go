package search

import "zombiezen.com/go/sqlite"

// few is how many records at most have what is chosen of a facet, so that they are looked up one by one. Where more have
// it, each hit is asked whether it does: among so many, hits are soon found.
const few = 50_000

// A choice is what is chosen of a facet, as the index knows it.
type choice struct {
	numbers string // of the values, as JSON
	few     bool
}

// resolve looks up what is chosen.
func (p *plan) resolve(conn *sqlite.Conn) error {
	p.choices = map[string]choice{}
	for facet := range p.chosen { // nothing, until it is known what: there may be no time
		p.choices[facet] = choice{numbers: "[]"}
	}
	for facet, values := range p.chosen {
		var numbers []int64
		for _, text := range values {
			n, err := numberOf(conn, facetValue{facet, text})
			if err != nil {
				return err
			}
			if n != 0 {
				numbers = append(numbers, n)
			}
		}
		c, have := choice{numbers: list(numbers)}, 0
		if err := rows(conn, "SELECT count(*) FROM (SELECT 1 FROM has WHERE value IN (SELECT value FROM json_each(?)) LIMIT ?)", []any{c.numbers, p.few + 1}, func(r *sqlite.Stmt) {
			have = r.ColumnInt(0)
		}); err != nil {
			return err
		}
		c.few = have <= p.few
		p.choices[facet] = c
	}
	return nil
}

// where is the condition that a row of doc meets if it has what is chosen.
func (c *choice) where() string {
	if c.few {
		return "doc.seq IN (SELECT seq FROM has WHERE value IN (SELECT value FROM json_each(?)))"
	}
	return "EXISTS (SELECT 1 FROM has WHERE has.seq = doc.seq AND has.value IN (SELECT value FROM json_each(?)))"
}
