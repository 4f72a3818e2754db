package search

import (
	"cmp"
	"slices"

	"zombiezen.com/go/sqlite"
)

// mostSpanning is how many hits may have a date of many years so that all are put in the order of their dates: they have to be
// read before the first page.
const mostSpanning = 20_000

// A dated is a hit at its place in the order of dates: by the first day that its date may be, then by its place in the log.
type dated struct{ day, seq int64 }

// undatedDay is the day of what has no date.
const undatedDay = 1<<30 - 1

// begin is the first day as it is in the table doc, within the years that have a place of their own.
func (d dated) begin() int64 { return d.day - farthest*10_000 }

func (d dated) spot() spot { return spot{seq: d.seq, place: d.day<<placeBits | d.seq} }

func datedAt(place int64) dated { return dated{place >> placeBits, seqAt(place)} }

// farthest is the last year that has a place of its own among dates, both ways: those beyond it are alike.
const farthest = 50_000

// dayOfBegin is a first day as a number that is greater than 0 and less than undatedDay.
func dayOfBegin(begin int64) int64 {
	return min(max(begin, 1-farthest*10_000), farthest*10_000-1) + farthest*10_000
}

// A dateOrder is the order of hits by their dates. Its parts are the years in which they begin, which the table has knows.
type dateOrder struct {
	conn     *sqlite.Conn
	kept     kept
	all      set
	late     bool
	place    dated
	spanning map[int][]dated // hits whose date may be of many years, by the first one
	years    []int           // in which hits may begin, in order, and undatedYear
}

const undatedYear = 1 << 30

// orderByDate is nil if too many hits have dates of many years.
func orderByDate(conn *sqlite.Conn, k kept, all set, late bool, place int64) (order, error) {
	o := &dateOrder{conn: conn, kept: k, all: all, late: late, place: datedAt(place), spanning: map[int][]dated{}}
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
		o.years = append(o.years, int(value-yearValue(0)))
	}
	spanning, err := o.days(slices.Collect(long.oldest(0)))
	if err != nil {
		return nil, err
	}
	for _, d := range spanning {
		year := boundedYear(d.begin())
		if o.spanning[year] == nil {
			o.years = append(o.years, year)
		}
		o.spanning[year] = append(o.spanning[year], d)
	}
	slices.Sort(o.years)
	o.years = slices.Compact(o.years)
	if o.late {
		slices.Reverse(o.years)
	}
	o.years = append(o.years, undatedYear)
	return o, nil
}

// boundedYear is the year of a day; those that have no row in the table has are alike.
func boundedYear(day int64) int { return min(max(yearOf(day), firstYear-1), lastYear+1) }

func (o *dateOrder) parts() ([]int, int) {
	year := undatedYear
	if o.place.day != undatedDay {
		year = boundedYear(o.place.begin())
	}
	at := slices.IndexFunc(o.years, func(y int) bool {
		return y == undatedYear || year != undatedYear && (y == year || y < year == o.late)
	})
	return slices.Clone(o.years), at
}

func (o *dateOrder) members(year int) ([]int64, error) {
	out, err := o.found(year)
	for _, d := range o.spanning[year] {
		out = append(out, d.seq)
	}
	return out, err
}

func (o *dateOrder) around(hits []spot) (before, upto int) {
	for _, h := range hits {
		switch c := o.compare(datedAt(h.place), o.place); {
		case c < 0:
			before++
			fallthrough
		case c == 0:
			upto++
		}
	}
	return before, upto
}

// compare compares two hits in the order that is wanted; what has no date comes last.
func (o *dateOrder) compare(a, b dated) int {
	if o.late {
		return cmp.Or(compareBool(a.day == undatedDay, b.day == undatedDay), cmp.Compare(b.day, a.day), cmp.Compare(b.seq, a.seq))
	}
	return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.seq, b.seq))
}

func (o *dateOrder) read(year int) ([]spot, error) {
	hits, err := o.beginning(year)
	slices.SortFunc(hits, o.compare)
	out := make([]spot, len(hits))
	for i, d := range hits {
		out[i] = d.spot()
	}
	return out, err
}

// beginning are the hits whose date begins in a year.
func (o *dateOrder) beginning(year int) ([]dated, error) {
	out := slices.Clone(o.spanning[year])
	found, err := o.found(year)
	if err != nil {
		return nil, err
	}
	if year == undatedYear {
		for _, seq := range found {
			out = append(out, dated{undatedDay, seq})
		}
		return out, nil
	}
	inYear, err := o.days(found)
	return append(out, inYear...), err
}

// found are the hits whose date begins in a year, without those of many years. Of those that may be of the year, they are those
// that may not be of the year before.
func (o *dateOrder) found(year int) (out []int64, err error) {
	if year < firstYear || year > lastYear && year != undatedYear {
		return nil, nil
	}
	in, not := set{}, set{}
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
	for seq := range in.oldest(0) {
		if !not.has(seq) {
			out = append(out, seq)
		}
	}
	return out, nil
}

// days are hits that have a date, with the first days of it.
func (o *dateOrder) days(seqs []int64) ([]dated, error) {
	hits := make([]hit, len(seqs))
	err := o.kept.read(o.conn, countedBy, seqs, func(i int) *hit { return &hits[i] })
	out := make([]dated, len(seqs))
	for i, seq := range seqs {
		out[i] = dated{dayOfBegin(hits[i].begin), seq}
	}
	return out, err
}
