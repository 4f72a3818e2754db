package date

import "time"

// fromJulian turns a date of the Julian calendar into one of the Gregorian. Months and years begin on other days
// there, so they become ranges of days.
func fromJulian(d Date) (Date, bool) {
	if d.openFrom != closed || d.openTo != closed {
		return Date{}, false
	}
	from, _, ok := julianDays(d.from)
	if !ok {
		return Date{}, false
	}
	_, to, ok := julianDays(d.to)
	return Date{from: from, to: to}, ok
}

// julianDays are the first and last day of a Julian day, month or year.
func julianDays(p point) (first, last point, ok bool) {
	if p.year < -4700 || p.year > 9999 {
		return point{}, point{}, false
	}
	y := int(p.year)
	switch p.prec {
	case Year:
		first, last = julianDay(y, 1, 1), julianDay(y, 12, 31)
	case Month:
		n := daysIn(y, int(p.month))
		if p.month == 2 && isJulianLeap(y) {
			n = 29
		}
		first, last = julianDay(y, int(p.month), 1), julianDay(y, int(p.month), n)
	case Day:
		first = julianDay(y, int(p.month), int(p.day))
		last = first
	default:
		return point{}, point{}, false
	}
	return first, last, true
}

// julianDay is the Gregorian day of a Julian one. The conversion goes through the Julian day number.
func julianDay(year, month, day int) point {
	a := (14 - month) / 12
	y := year + 4800 - a
	m := month + 12*a - 3
	number := day + (153*m+2)/5 + 365*y + y/4 - 32083
	const numberOf1970 = 2440588
	t := time.Unix(int64(number-numberOf1970)*86400, 0).UTC()
	return dayPoint(t.Year(), int(t.Month()), t.Day())
}

func isJulianLeap(year int) bool { return year%4 == 0 }

// twoCalendars reads a day that is given in both calendars: "25 October (7 November) 1917". It is false if the
// two are not the same day.
func (r *reader) twoCalendars(items []item) (side, bool) {
	var months, numbers []int
	for _, i := range items {
		switch i.kind {
		case itemMonth:
			months = append(months, i.n)
		case itemNumber:
			if i.isRoman {
				return side{}, false
			}
			numbers = append(numbers, i.n)
		case itemFrom:
		default:
			return side{}, false
		}
	}
	if len(months) != 2 || len(numbers) != 3 || r.julian {
		return side{}, false
	}
	day, newDay, year := numbers[0], numbers[1], numbers[2]
	if year < 1000 || year > 9999 || !isDay(year, months[0], day) || !isDay(year, months[1], newDay) {
		return side{}, false
	}
	first, second := dayPoint(year, months[0], day), dayPoint(year, months[1], newDay)
	if julianDay(year, months[1], newDay) == first { // 7 November (25 October) 1917
		return side{done: first}, true
	}
	return side{done: second}, julianDay(year, months[0], day) == second
}
