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

	// members are the hits of a part, in any order; it costs much less than to read them.
	members(part int) ([]int64, error)

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

// inOrder puts all hits in the order that is wanted, for a place in it, and says how many they are; nil if they are too many. newest
// are the newest hits of all.
func (p *plan) inOrder(conn *sqlite.Conn, q *Query, newest *gathered) (order, int, error) {
	all, err := set{}, error(nil)
	if len(newest.hits) <= p.most {
		for _, seq := range newest.hits {
			all.add(seq)
		}
	} else if all, err = p.everything(conn); err != nil || all == nil {
		return nil, 0, err
	}
	if q.Sort == Title {
		o, err := orderByTitle(conn, all, collation.Tailored(q.Language), q.Before)
		return o, all.size(), err
	}
	o, err := orderByDate(conn, p.kept, all, q.Sort == Late, q.Before)
	return o, all.size(), err
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

// hitsIn are up to limit hits behind the place of an order, or from its beginning, without the first skip of them; backwards, those
// before the place, the nearest first. Only the parts in which they stand are read.
func hitsIn(o order, beginning, backwards bool, skip, limit int) (out []spot, err error) {
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
		if len(out) == limit {
			break
		}
		here := i == 0 && !beginning // the place is in this part
		if !here {
			members, err := o.members(part)
			if err != nil {
				return out, err
			}
			if len(members) <= skip {
				skip -= len(members)
				continue
			}
		}
		hits, err := o.read(part)
		if err != nil {
			return out, err
		}
		if here {
			if before, upto := o.around(hits); backwards {
				hits = hits[:before]
			} else {
				hits = hits[upto:]
			}
		}
		if backwards {
			slices.Reverse(hits)
		}
		passed := min(skip, len(hits))
		hits, skip = hits[passed:], skip-passed
		out = append(out, hits[:min(len(hits), limit-len(out))]...)
	}
	return out, nil
}

// countIn is how many hits stand behind the place of an order, but not many more than most; seq is a record, and number its place
// among them, counted from 1, or 0.
func countIn(o order, beginning bool, most int, seq int64) (n, number int, err error) {
	parts, at := o.parts()
	if beginning {
		at = 0
	}
	for i := at; i < len(parts) && n <= most; i++ {
		members, err := o.members(parts[i])
		if err != nil {
			return 0, 0, err
		}
		is := number == 0 && slices.Contains(members, seq)
		here := i == at && !beginning
		if !is && !here {
			n += len(members)
			continue
		}
		hits, err := o.read(parts[i])
		if err != nil {
			return 0, 0, err
		}
		if here {
			_, upto := o.around(hits)
			hits = hits[upto:]
		}
		if is {
			number = n + slices.IndexFunc(hits, func(h spot) bool { return h.seq == seq }) + 1
			if number == n { // it stands before the place
				number = 0
			}
		}
		n += len(hits)
	}
	return n, number, nil
}

// stretchIn is what a page needs of the stretch behind the place of an order, or of the first one of so many hits: the hits from
// offset on, and at the ends of the stretch what is beside it.
func stretchIn(o order, all int, q *Query, most int) (*stretch, error) {
	s, first := &stretch{order: o, total: all}, q.Before == 0
	offset := max(q.Offset, 0)
	hits, err := hitsIn(o, first, false, offset, min(max(q.Limit, 0), max(most-offset, 0)))
	for _, h := range hits {
		s.hits = append(s.hits, h.seq)
	}
	if err == nil && !first {
		s.total, _, err = countIn(o, false, most, 0)
	}
	if s.more = s.total > most; s.more {
		s.total = most
	}
	if err == nil && s.more && offset+q.Limit >= most {
		var last []spot
		if last, err = hitsIn(o, first, false, most-1, 1); len(last) > 0 {
			s.next = last[0].place
		}
	}
	if err == nil && !first && offset == 0 {
		var above []spot // the last one of those that stand before the stretch before this one
		if above, err = hitsIn(o, false, true, most-1, 1); len(above) > 0 {
			s.prev = above[0].place
		}
	}
	return s, err
}
