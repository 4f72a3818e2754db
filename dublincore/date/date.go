package date

import (
	"cmp"
	"time"
)

// A Date is a date as somebody wrote it down. It always covers a length of time: a day, a month, a decade,
// the years from one to another. It never says more than was written: April 1957 is the whole month. The
// zero Date is no date. Two Dates are equal by == if they say the same in the same way.
//
// Years are counted as astronomers count them, in the Gregorian calendar also before it was introduced:
// 0 is 1 BC, -43 is 44 BC. They reach from -999,999,999 to 999,999,999.
type Date struct {
	from, to point // the two ends; equal if the date was written as one
	// An end that was left open ("..") or is unknown ("") has no point.
	openFrom, openTo openness
}

type openness uint8

const (
	closed openness = iota
	open
	unknown
)

// Precision is how exactly a date is known. A greater Precision is a finer one.
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

// A point is one end of a Date, or the whole of a Date that was written as one.
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

// single is the Date that was written as one point.
func single(p point) Date { return Date{from: p, to: p} }

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Start is the first second of the date, in UTC. If the date has no known start, it is a time before all dates.
func (d Date) Start() time.Time {
	if d.openFrom != closed || d.IsZero() {
		return distantPast
	}
	return d.from.start()
}

// End is the last second of the date, in UTC. If the date has no known end, it is a time after all dates.
func (d Date) End() time.Time {
	if d.openTo != closed || d.IsZero() {
		return distantFuture
	}
	return d.to.end()
}

// OpenStart reports whether the date has no known start ("before 1957").
func (d Date) OpenStart() bool { return d.openFrom != closed }

// OpenEnd reports whether the date has no known end ("since 1957").
func (d Date) OpenEnd() bool { return d.openTo != closed }

// IsRange reports whether the date was written as two ends, of which one may be open.
func (d Date) IsRange() bool { return d.from != d.to || d.openFrom != closed || d.openTo != closed }

// Precision is how exactly the date is known. Of two ends it is the precision of the coarser one.
func (d Date) Precision() Precision {
	switch {
	case d.openFrom != closed:
		return d.to.prec
	case d.openTo != closed:
		return d.from.prec
	}
	return min(d.from.prec, d.to.prec)
}

// Approximate reports whether the date, or one of its ends, is only near the truth ("ca. 1957").
func (d Date) Approximate() bool { return d.from.approximate || d.to.approximate }

// Uncertain reports whether the writer doubted the date, or one of its ends ("1957?").
func (d Date) Uncertain() bool { return d.from.doubtful || d.to.doubtful }

// Overlaps reports whether some instant lies in both dates. An approximate date reaches no further than
// what was written: "ca. 1957" ends with 1957.
func (d Date) Overlaps(e Date) bool {
	return !d.IsZero() && !e.IsZero() && !d.End().Before(e.Start()) && !e.End().Before(d.Start())
}

// Contains reports whether all of e lies in d.
func (d Date) Contains(e Date) bool {
	return !d.IsZero() && !e.IsZero() && !e.Start().Before(d.Start()) && !e.End().After(d.End())
}

// Compare orders dates for sorting: by their start, and dates with the same start by their end. The zero
// Date comes first.
func (d Date) Compare(e Date) int {
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
		return midnight(first, from, 1)
	case Month:
		return midnight(first, int(p.month), 1)
	case Day:
		return midnight(first, int(p.month), int(p.day))
	case Minute, Second:
		t := p.instant()
		if p.zone == noZone {
			return t.Add(-14 * time.Hour) // the furthest zone east of Greenwich
		}
		return t
	}
	return midnight(first, 1, 1)
}

// end is the last second of p.
func (p point) end() time.Time {
	_, last := p.years()
	next := midnight(last+1, 1, 1)
	switch p.prec {
	case Season:
		_, to := p.months()
		next = midnight(last, to+1, 1)
	case Month:
		next = midnight(last, int(p.month)+1, 1)
	case Day:
		next = midnight(last, int(p.month), int(p.day)+1)
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

// instant is the first second of a time of day, in UTC. A time without a zone is taken as UTC; start and end
// widen it by the zones that are possible.
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

// months are the first and the last month of a season, counted from the January of its year. Some codes
// do not say which half of the globe is meant, and a winter may reach into the next year: then the months
// cover all readings.
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

func midnight(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

// isDay reports whether the month has that day.
func isDay(year, month, day int) bool {
	return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
}

func daysIn(year, month int) int {
	return midnight(year, month+1, 1).AddDate(0, 0, -1).Day()
}

func dayPoint(year, month, day int) point {
	return point{year: int32(year), prec: Day, month: uint8(month), day: uint8(day)}
}

func monthPoint(year, month int) point {
	return point{year: int32(year), prec: Month, month: uint8(month)}
}

func yearPoint(year int) point { return point{year: int32(year), prec: Year} }
