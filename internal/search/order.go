package search

import (
	"slices"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/collation"
)

// mostOrdered is how many records may have the words so that all hits are put in order: all have to be found before the first
// page.
const mostOrdered = 100_000

// An order is one of all hits, not of the newest alone. It consists of parts that stand one behind the other (years, shelves of
// titles), so that only those are read, and put in order, that stand where the page does.
type order interface {
	// parts are the numbers of all parts, in order. The place that the order was made for is in the part at an index, or before
	// it and behind those before.
	parts() (numbers []int, at int)

	// read gives the hits of a part, in order.
	read(part int) ([]spot, error)

	// around says how many hits of the part in which the place is stand before it, and how many do or are there.
	around(hits []spot) (before, upto int)
}

// A spot is a hit at its place in an order. The place is greater than any place of the log.
type spot struct {
	seq, place int64
	title      collation.Key // where that is the order
}

// placeBits are the bits of a place in an order that are a place of the log.
const placeBits = 33

func seqAt(place int64) int64 { return place & (1<<placeBits - 1) }

// inOrder is the order that is wanted of all hits, for a place in it; nil if they are too many.
func (p *plan) inOrder(conn *sqlite.Conn, q *Query) (order, error) {
	all, err := p.everything(conn)
	if err != nil || all == nil {
		return nil, err
	}
	if q.Sort == Title {
		return orderByTitle(conn, all, collation.Tailored(q.Language), q.Before)
	}
	return orderByDate(conn, p.kept, all, q.Sort == Late, q.Before)
}

// everything are all hits; nil if they are too many.
func (p *plan) everything(conn *sqlite.Conn) (set, error) {
	if p.match == "" {
		return p.fitting(conn)
	}
	out, seen := set{}, 0
	err := p.each(conn, true, math64max, func(seq int64) bool {
		if p.fits(seq) {
			out.add(seq)
		}
		seen++
		return seen <= p.mostOrdered
	})
	if err != nil || seen > p.mostOrdered {
		return nil, err
	}
	named, err := p.namedBy(conn)
	for _, seq := range named {
		if p.fits(seq) {
			out.add(seq)
		}
	}
	return out, err
}

// from are up to limit hits behind the place of an order, or from its beginning; backwards, those before it, the nearest first.
func from(o order, beginning, backwards bool, limit int) (out []spot, err error) {
	parts, at := o.parts()
	switch {
	case beginning:
	case backwards:
		parts = parts[:min(at+1, len(parts))]
		slices.Reverse(parts)
	default:
		parts = parts[at:]
	}
	for i, part := range parts {
		hits, err := o.read(part)
		if err != nil {
			return out, err
		}
		before, upto := len(hits), 0
		if i == 0 && !beginning {
			before, upto = o.around(hits)
		}
		if backwards {
			hits = hits[:before]
			slices.Reverse(hits)
		} else {
			hits = hits[upto:]
		}
		if out = append(out, hits[:min(len(hits), limit-len(out))]...); len(out) == limit {
			break
		}
	}
	return out, nil
}

// stretchOf is the stretch behind the place of an order, or the first one; alone if it need not be known what is before it.
func stretchOf(o order, first bool, most int, alone bool) (*stretch, error) {
	s := &stretch{ordered: true}
	hits, err := from(o, first, false, most+1)
	if len(hits) > most {
		hits = hits[:most]
		s.next = hits[most-1].place
	}
	for _, h := range hits {
		s.hits = append(s.hits, h.seq)
	}
	if err != nil || first || alone {
		return s, err
	}
	above, err := from(o, false, true, most)
	if len(above) == most { // the last one of those that stand before the stretch before this one
		s.prev = above[most-1].place
	}
	return s, err
}
