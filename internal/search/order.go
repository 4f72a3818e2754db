package search

import (
	"cmp"
	"slices"

	"zombiezen.com/go/sqlite"
)

// Hits are put into the order of their dates over all, not by stretches of the newest: the sets of years say which of them
// begin in a year, so that only those are read that stand where the page does.
const (
	// mostOrdered is how many records may have the words, and mostSpanning how many hits may have a date of many years, so that
	// all hits are put in order. Both have to be read before the first page.
	mostOrdered  = 100_000
	mostSpanning = 20_000
)

// A dated is a hit at its place in the order of dates: by the first day that its date may be, then by its place in the log.
type dated struct{ day, seq int64 }

// undatedDay is the day of what has no date.
const undatedDay = 1<<30 - 1

// A place in the order of dates is a number too, greater than any place of the log.
const placeBits = 33

func (d dated) place() int64 { return d.day<<placeBits | d.seq }

func datedAt(place int64) dated { return dated{place >> placeBits, place & (1<<placeBits - 1)} }

// farthest is the last year that has a place of its own among dates, both ways: those beyond it are alike.
const farthest = 50_000

// dayOfBegin is a first day as a number that is greater than 0 and less than undatedDay.
func dayOfBegin(begin int64) int64 {
	return min(max(begin, 1-farthest*10_000), farthest*10_000-1) + farthest*10_000
}

// A dateOrder is the order of hits by their dates.
type dateOrder struct {
	conn     *sqlite.Conn
	all      set
	late     bool
	spanning map[int][]dated // hits whose date may be of many years, by the first one
	buckets  []int           // the years in which hits may begin, in order, and undatedYear
}

const undatedYear = 1 << 30

// inOrder is the order of all hits by their dates; nil if there are too many of them.
func (p *plan) inOrder(conn *sqlite.Conn, sort Sort) (*dateOrder, error) {
	all, err := p.everything(conn)
	if err != nil || all == nil {
		return nil, err
	}
	o := &dateOrder{conn: conn, all: all, late: sort == Late, spanning: map[int][]dated{}}
	long := set{}
	if err := long.read(conn, manyYears, manyYears); err != nil {
		return nil, err
	}
	if long = both(all, long); long.size() > mostSpanning {
		return nil, nil
	}
	years, err := sorted(conn, "SELECT DISTINCT value FROM has WHERE value BETWEEN ? AND ?", yearValue(firstYear), yearValue(lastYear))
	if err != nil {
		return nil, err
	}
	for _, value := range years {
		o.buckets = append(o.buckets, int(value-yearValue(0)))
	}
	if err := docs(conn, "seq, begin", slices.Collect(long.oldest(0)), func(r *sqlite.Stmt) {
		year := min(max(yearOf(r.ColumnInt64(1)), firstYear-1), lastYear+1)
		if o.spanning[year] == nil {
			o.buckets = append(o.buckets, year)
		}
		o.spanning[year] = append(o.spanning[year], dated{dayOfBegin(r.ColumnInt64(1)), r.ColumnInt64(0)})
	}); err != nil {
		return nil, err
	}
	slices.Sort(o.buckets)
	o.buckets = slices.Compact(o.buckets)
	if o.late {
		slices.Reverse(o.buckets)
	}
	o.buckets = append(o.buckets, undatedYear)
	return o, nil
}

// everything are all hits; nil if they are too many.
func (p *plan) everything(conn *sqlite.Conn) (set, error) {
	if p.match == "" {
		return p.fitting(conn, "")
	}
	out, seen := set{}, 0
	err := p.each(conn, true, math64max, func(seq int64) bool {
		if p.fits(seq, "") {
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
		if p.fits(seq, "") {
			out.add(seq)
		}
	}
	return out, err
}

// compare compares two hits in the order that is wanted; what has no date comes last.
func (o *dateOrder) compare(a, b dated) int {
	if o.late {
		return cmp.Or(compareBool(a.day == undatedDay, b.day == undatedDay), cmp.Compare(b.day, a.day), cmp.Compare(b.seq, a.seq))
	}
	return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.seq, b.seq))
}

// from are up to limit hits behind a place, or from the beginning if it is 0; backwards, those before it, the nearest first.
func (o *dateOrder) from(place int64, backwards bool, limit int) (out []dated, err error) {
	at, buckets, sign := datedAt(place), slices.Clone(o.buckets), 1
	if backwards {
		slices.Reverse(buckets)
		sign = -1
	}
	if place > 0 { // those in which all hits stand before it
		year := undatedYear
		if at.day != undatedDay {
			year = min(max(yearOf(at.day-farthest*10_000), firstYear-1), lastYear+1)
		}
		buckets = buckets[max(0, slices.Index(buckets, year)):]
	}
	for _, year := range buckets {
		hits, err := o.beginning(year)
		if err != nil {
			return out, err
		}
		slices.SortFunc(hits, func(a, b dated) int { return sign * o.compare(a, b) })
		for _, d := range hits {
			if place > 0 && sign*o.compare(d, at) <= 0 {
				continue
			}
			if out = append(out, d); len(out) == limit {
				return out, nil
			}
		}
	}
	return out, nil
}

// beginning are the hits whose date begins in a year. Of those that may be of the year, they are those that may not be of the
// year before.
func (o *dateOrder) beginning(year int) ([]dated, error) {
	out := slices.Clone(o.spanning[year])
	if year < firstYear || year > lastYear && year != undatedYear {
		return out, nil
	}
	in, not := set{}, set{}
	var err error
	if year == undatedYear {
		in = o.all
		if err = not.read(o.conn, yearValue(firstYear), yearValue(lastYear)); err == nil {
			err = not.read(o.conn, manyYears, manyYears)
		}
	} else if err = in.read(o.conn, yearValue(year), yearValue(year)); err == nil {
		in = both(in, o.all)
		if year > firstYear {
			err = not.read(o.conn, yearValue(year-1), yearValue(year-1))
		}
	}
	if err != nil {
		return nil, err
	}
	var begin []int64
	for seq := range in.oldest(0) {
		if !not.has(seq) {
			begin = append(begin, seq)
		}
	}
	if year == undatedYear {
		for _, seq := range begin {
			out = append(out, dated{undatedDay, seq})
		}
		return out, nil
	}
	err = docs(o.conn, "seq, begin", begin, func(r *sqlite.Stmt) {
		out = append(out, dated{dayOfBegin(r.ColumnInt64(1)), r.ColumnInt64(0)})
	})
	return out, err
}

// stretch is the stretch behind a place, or the first one; alone if it need not be known what is before it.
func (o *dateOrder) stretch(place int64, most int, alone bool) (*stretch, error) {
	s := &stretch{ordered: true}
	hits, err := o.from(place, false, most+1)
	if len(hits) > most {
		hits = hits[:most]
		s.next = hits[most-1].place()
	}
	for _, d := range hits {
		s.hits = append(s.hits, d.seq)
	}
	if err != nil || place == 0 || alone {
		return s, err
	}
	above, err := o.from(place, true, most)
	if len(above) == most { // the last one of those that stand before the stretch before this one
		s.prev = above[most-1].place()
	}
	return s, err
}
