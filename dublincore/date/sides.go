package date

// A side is one of the two dates of a range, or the only date. Parts of it may be left out.
type side struct {
	year, month, day, season, century int // 0 if left out
	lone                              int // a number of up to three digits without anything that says what it counts
	loneDigits                        int
	loneRoman                         bool
	pair                              bool // the year is a pair: 1640/41
	era                               int  // -1 before Christ, 1 after, 0 if left out
	decade                            bool
	part                              part
	done                              point // the whole date, if it has a precision
}

// complete gives each side the parts that only the other side says. It is false if the two do not fit.
func (a *side) complete(b *side) bool {
	completeParts(a, b)
	if a.era == 0 && a.done.prec == NoPrecision {
		a.era = b.era
	}
	if a.loneRoman {
		switch {
		case b.century > 0, b.isRomanCentury():
			a.century = a.lone // XVIII-XIX в.
		case b.month > 0 && b.day == 0 && a.lone <= 12:
			a.month = a.lone // VI-VII 1960
		}
		a.lone, a.loneRoman = 0, false
	}
	if b.loneRoman && (a.century > 0 || a.isRomanCentury() && b.isRomanCentury()) {
		b.century, b.lone, b.loneRoman = b.lone, 0, false // S. XVI-XX
	}
	if a.lone > 0 {
		switch {
		case a.era != 0 && b.month == 0 && b.season == 0 && b.century == 0:
			a.year, a.lone = a.lone, 0 // 500-400 BC
		case b.century > 0 && a.lone <= 30:
			a.century, a.lone = a.lone, 0
		case b.season == 0 && b.month > 0 && (b.day > 0 || b.done.prec == NoPrecision):
			a.day, a.month, a.lone = a.lone, b.month, 0
		case b.done.prec == Day:
			a.day, a.month, a.year, a.lone = a.lone, int(b.done.month), int(b.done.year), 0
		}
	}
	if b.lone > 0 {
		switch {
		case a.day > 0 && b.year == 0 || a.day > 0 && a.year == 0:
			b.day, b.month, b.lone = b.lone, a.month, 0
		case a.year > 0 && a.month == 0 && a.season == 0 && a.era == 0 && b.loneDigits <= 2:
			year, ok := laterYear(a.year, b.lone, b.loneDigits)
			if !ok {
				return false
			}
			b.year, b.lone = year, 0
		}
	}
	if b.month == 0 && b.day > 0 {
		b.month = a.month
	}
	if a.month == 0 && a.day > 0 {
		a.month = b.month
	}
	if a.year == 0 && a.century == 0 && a.done.prec == NoPrecision {
		a.year, a.pair = b.year, b.pair
		if a.year == 0 && a.month > 0 && b.done.prec >= Month {
			a.year = int(b.done.year)
		}
	}
	if b.year == 0 && b.century == 0 && b.done.prec == NoPrecision {
		b.year, b.era, b.pair = a.year, a.era, a.pair
	}
	return !b.loneRoman
}

// isRomanCentury reports whether a side is nothing but a Roman numeral that is too large for a month: XVI-XIX.
func (s *side) isRomanCentury() bool {
	return s.loneRoman && s.lone > 12 && s.month == 0 && s.year == 0
}

// side sorts items into the parts of one date.
func (r *reader) side(items []item) (side, bool) {
	var s side
	numbers := make([]item, 0, 4)
	hasCentury, months, monthAt := false, 0, 0
	for _, i := range items {
		switch i.kind {
		case itemNumber:
			numbers = append(numbers, i)
		case itemMonth:
			months++
			if months == 2 {
				return r.twoCalendars(items)
			}
			s.month, monthAt = i.n, len(numbers)
		case itemSeason:
			if s.season > 0 {
				return s, false
			}
			s.season = i.n
		case itemCentury:
			hasCentury = true
		case itemDecade:
			s.decade = true
		case itemPoint:
			if s.done.prec != NoPrecision {
				return s, false
			}
			s.done = i.p
		case itemEra:
			s.era = 1
			if i.bc {
				s.era = -1
			}
		case itemPart:
			if s.part.of > 0 || i.n == 0 {
				return s, false
			}
			s.part = partOf(i.n)
		case itemFrom:
		default:
			return s, false
		}
	}
	switch {
	case s.done.prec != NoPrecision:
		return s, s.era >= 0 && len(numbers) == 0 && months == 0 && s.season == 0 && !hasCentury
	case hasCentury:
		ok := len(numbers) == 1 && numbers[0].digits < 3 && numbers[0].n <= 30 && months == 0 && s.season == 0
		if ok {
			s.century = numbers[0].n
		}
		return s, ok && s.century > 0
	}
	return s, s.take(numbers, monthAt) && !(s.season > 0 && s.month > 0)
}

// point makes the point of a side. It is false if the side says neither year nor century, or if there is no such date.
func (s *side) point(julian bool) (point, bool) {
	if s.done.prec != NoPrecision {
		return s.done, true
	}
	year := s.year
	if s.century > 0 {
		return centuryPoint(s.century, s.era), year == 0 && s.lone == 0
	}
	if s.lone > 0 && s.era != 0 && year == 0 && !s.loneRoman {
		year = s.lone
	} else if s.lone > 0 {
		return point{}, false
	}
	if year == 0 {
		return point{}, false
	}
	if s.era < 0 {
		year = 1 - year
	}
	if s.pair {
		next, ok := s.secondOfPair()
		if !ok {
			return point{}, false
		}
		year += next
	}
	switch {
	case s.decade:
		p, ok := decadeOf(token{number: year, digits: 4})
		return p, ok && s.month == 0 && s.day == 0 && s.season == 0
	case s.season > 0:
		return point{year: int32(year), prec: Season, month: uint8(s.season)}, s.day == 0
	case s.day > 0:
		p := dayPoint(year, s.month, s.day)
		return p, isDay(year, s.month, s.day) || julian && s.month == 2 && s.day == 29 && isJulianLeap(year)
	case s.month > 0:
		return monthPoint(year, s.month), true
	}
	return yearPoint(year), true
}

// secondOfPair says which year of a pair is meant: 0 is the first, 1 the second. In England the year began on
// 25 March until 1752, so February 1640/41 is the February of our 1641. A winter, or a summer of the southern
// half of the globe, begins in the first year.
func (s *side) secondOfPair() (int, bool) {
	switch {
	case s.season == 22 || s.season == 24:
		return 0, true
	case s.month == 1 || s.month == 2 || s.month == 3 && s.day <= 24:
		return 1, s.year >= 1100 && s.year <= 1751
	}
	return 0, false
}

// centuryPoint is the nth century: the 19th is 18XX, the 5th before Christ -04XX.
func centuryPoint(n, era int) point {
	if era < 0 {
		return unspecified(-(n-1)*100, Century, true)
	}
	return unspecified((n-1)*100, Century, false)
}
