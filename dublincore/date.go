package dublincore

import (
	"cmp"
	"time"
)

// An Interval is a date as somebody wrote it down, which is always a stretch of time: a day, a month, a decade, from one year to
// another. It never says more than was written: April 1957 is the whole month. The zero Interval is no
// date. Dates can be compared with ==, which tells whether they were said in the same way.
//
// Years are those of the proleptic Gregorian calendar, astronomical: 0 is 1 BC, -43 is 44 BC. They
// reach from -999,999,999 to 999,999,999.
type Interval struct {
	from, to point // equal unless it is an interval of two
	// What an end of the interval is where its point is not: open ("..") or unknown ("").
	openFrom, openTo openness
}

type openness uint8

const (
	closed openness = iota
	open
	unknown
)

// Precision is how exactly a date is known. A greater one is finer.
type Precision uint8

const (
	NoPrecision Precision = iota
	Century
	Decade
	Year
	Season // also a quarter, or another named part of the year
	Month
	Day
	Minute
	Second
)

var precisionNames = [...]string{"", "century", "decade", "year", "season", "month", "day", "minute", "second"}

// String is the precision's name in lower case; empty for NoPrecision.
func (p Precision) String() string {
	if int(p) >= len(precisionNames) {
		return ""
	}
	return precisionNames[p]
}

// A point is one end of an Interval, or all of it.
type point struct {
	year                  int32 // for a century or a decade: its year nearest zero
	negative              bool  // a century or decade before the year zero (-00XX has year 0)
	prec                  Precision
	month                 uint8 // for a season its EDTF code, 21 to 41
	day                   uint8
	hour, minute, second  uint8
	zone                  int16 // minutes east of UTC, or noZone
	approximate, doubtful bool
}

// noZone is the zone of a time that names none.
const noZone = 1<<15 - 1

// maxYear bounds years, so that every instant fits time.Time and sums can't overflow.
const maxYear = 999_999_999

var (
	distantPast   = time.Date(-maxYear-1, 1, 1, 0, 0, 0, 0, time.UTC)
	distantFuture = time.Date(maxYear+1, 12, 31, 23, 59, 59, 0, time.UTC)
)

// single is the Interval of one point.
func single(p point) Interval { return Interval{from: p, to: p} }

// IsZero reports whether d is no date.
func (d Interval) IsZero() bool { return d == Interval{} }

// Start is the first second of the date, in UTC; a time before every date if it is open there.
func (d Interval) Start() time.Time {
	if d.openFrom != closed || d.IsZero() {
		return distantPast
	}
	return d.from.start()
}

// End is the last second of the date, in UTC; a time after every date if it is open there.
func (d Interval) End() time.Time {
	if d.openTo != closed || d.IsZero() {
		return distantFuture
	}
	return d.to.end()
}

// OpenStart reports whether the date has no known start ("before 1957").
func (d Interval) OpenStart() bool { return d.openFrom != closed }

// OpenEnd reports whether the date has no known end ("since 1957").
func (d Interval) OpenEnd() bool { return d.openTo != closed }

// IsRange reports whether the date was given by two ends, or one open end.
func (d Interval) IsRange() bool { return d.from != d.to || d.openFrom != closed || d.openTo != closed }

// Precision is that of the coarser end.
func (d Interval) Precision() Precision {
	switch {
	case d.openFrom != closed:
		return d.to.prec
	case d.openTo != closed:
		return d.from.prec
	}
	return min(d.from.prec, d.to.prec)
}

// Approximate reports whether the date, or an end of it, is near rather than exact ("ca. 1957").
func (d Interval) Approximate() bool { return d.from.approximate || d.to.approximate }

// Uncertain reports whether the source of the date, or of an end of it, was not sure ("1957?").
func (d Interval) Uncertain() bool { return d.from.doubtful || d.to.doubtful }

// Overlaps reports whether there is an instant that may lie in both dates. The dates are taken as
// written: an approximate date reaches no further than its words.
func (d Interval) Overlaps(e Interval) bool {
	return !d.IsZero() && !e.IsZero() && !d.End().Before(e.Start()) && !e.End().Before(d.Start())
}

// Contains reports whether all of e lies in d.
func (d Interval) Contains(e Interval) bool {
	return !d.IsZero() && !e.IsZero() && !e.Start().Before(d.Start()) && !e.End().After(d.End())
}

// Compare orders dates by their start, those of the same start by their end, for sorting. The zero
// Interval comes first.
func (d Interval) Compare(e Interval) int {
	if d.IsZero() || e.IsZero() {
		return cmp.Compare(btoi(!d.IsZero()), btoi(!e.IsZero()))
	}
	return cmp.Or(d.Start().Compare(e.Start()), d.End().Compare(e.End()))
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// start is the first second of p.
func (p point) start() time.Time {
	first, _ := p.years()
	switch p.prec {
	case Season:
		from, _ := p.months()
		return date(first, from, 1)
	case Month:
		return date(first, int(p.month), 1)
	case Day:
		return date(first, int(p.month), int(p.day))
	case Minute, Second:
		t := p.instant()
		if p.zone == noZone {
			return t.Add(-14 * time.Hour) // the furthest zone east of Greenwich
		}
		return t
	}
	return date(first, 1, 1)
}

// end is the last second of p.
func (p point) end() time.Time {
	_, last := p.years()
	next := date(last+1, 1, 1)
	switch p.prec {
	case Season:
		_, to := p.months()
		next = date(last, to+1, 1)
	case Month:
		next = date(last, int(p.month)+1, 1)
	case Day:
		next = date(last, int(p.month), int(p.day)+1)
	case Minute, Second:
		next = p.instant().Add(time.Second)
		if p.prec == Minute {
			next = p.instant().Add(time.Minute)
		}
		if p.zone == noZone {
			next = next.Add(12 * time.Hour)
		}
	}
	return next.Add(-time.Second)
}

// instant is the first second of a point of time, in UTC, as if it were UTC where no zone is known.
func (p point) instant() time.Time {
	t := time.Date(int(p.year), time.Month(p.month), int(p.day), int(p.hour), int(p.minute), int(p.second), 0, time.UTC)
	if p.zone == noZone {
		return t
	}
	return t.Add(-time.Duration(p.zone) * time.Minute)
}

// years are the first and the last year of p.
func (p point) years() (first, last int) {
	span := 0
	switch p.prec {
	case Century:
		span = 99
	case Decade:
		span = 9
	}
	if p.negative {
		return int(p.year) - span, int(p.year)
	}
	return int(p.year), int(p.year) + span
}

// months are the first and the last month of a season, counted from the January of its year. Where
// the code leaves the half of the globe open, or a winter may reach into the next year, it is the
// span of all readings.
func (p point) months() (from, to int) {
	switch p.month {
	case 21, 23: // spring, autumn, anywhere
		return 1, 12
	case 22, 24, 28, 30: // a summer or winter that may go over the turn of the year
		return 1, 14
	case 25, 31: // northern spring, southern autumn
		return 3, 5
	case 26, 32:
		return 6, 8
	case 27, 29:
		return 9, 11
	case 33, 34, 35, 36: // quarters
		q := int(p.month) - 33
		return 3*q + 1, 3*q + 3
	case 37, 38, 39: // thirds
		q := int(p.month) - 37
		return 4*q + 1, 4*q + 4
	case 40:
		return 1, 6
	case 41:
		return 7, 12
	}
	return 1, 12
}

func date(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

// isDay reports whether the month has that day.
func isDay(year, month, day int) bool {
	return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
}

func daysIn(year, month int) int {
	return date(year, month+1, 1).AddDate(0, 0, -1).Day()
}

// dayPoint, monthPoint, yearPoint are points of plain dates.
func dayPoint(year, month, day int) point {
	return point{year: int32(year), prec: Day, month: uint8(month), day: uint8(day)}
}

func monthPoint(year, month int) point {
	return point{year: int32(year), prec: Month, month: uint8(month)}
}

func yearPoint(year int) point { return point{year: int32(year), prec: Year} }
