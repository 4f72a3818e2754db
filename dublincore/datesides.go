package dublincore

// interval makes a date of items: one date, or two with a word or a dash between, or one that is open.
func (r *dateReader) interval(items []dateItem) (Interval, bool) {
	if items[0].kind == itemAnd && len(items) > 1 {
		items = items[1:] // Dutch "en" is "and"; French and Spanish "en 1957" is "in"
	}
	switch items[0].kind {
	case itemBefore, itemUntil:
		p, ok := r.whole(items[1:])
		return Interval{openFrom: open, to: p}, ok
	case itemAfter:
		p, ok := r.whole(items[1:])
		return Interval{from: p, openTo: open}, ok
	case itemSince:
		if indexItem(items, isTo) < 0 {
			p, ok := r.whole(items[1:])
			return Interval{from: p, openTo: open}, ok
		}
		items = items[1:]
	case itemBetween:
		and := indexItem(items, func(i *dateItem) bool { return i.kind == itemAnd || isTo(i) })
		if and < 0 {
			return Interval{}, false
		}
		return r.between(items[1:and], items[and+1:])
	}
	if at := indexItem(items, isTo); at >= 0 {
		return r.between(items[:at], items[at+1:])
	}
	if at := indexItem(items, func(i *dateItem) bool { return i.kind == itemAnd }); at > 0 {
		return r.between(items[:at], items[at+1:])
	}
	if at := indexItem(items, func(i *dateItem) bool { return i.kind == itemOr }); at > 0 {
		r.perhaps = true
		return r.between(items[:at], items[at+1:])
	}
	p, ok := r.whole(items)
	return single(p), ok
}

func isTo(i *dateItem) bool { return i.kind == itemTo || i.kind == itemUntil }

func indexItem(items []dateItem, is func(*dateItem) bool) int {
	for i := range items {
		if is(&items[i]) {
			return i
		}
	}
	return -1
}

// between makes an interval of two sides, each of which may take from the other what it leaves out:
// "7-9 June 1960", "1957 April-May", "18th-19th century".
func (r *dateReader) between(left, right []dateItem) (Interval, bool) {
	if len(right) == 1 && right[0].kind == itemNow {
		right = nil
	}
	switch {
	case len(left) == 0 && len(right) == 0:
		return Interval{}, false
	case len(right) == 0:
		p, ok := r.whole(left)
		return Interval{from: p, openTo: open}, ok
	case len(left) == 0:
		p, ok := r.whole(right)
		return Interval{openFrom: open, to: p}, ok
	}
	a, ok := r.side(left)
	if !ok {
		return Interval{}, false
	}
	b, ok := r.side(right)
	if !ok || !a.complete(&b) {
		return Interval{}, false
	}
	from, ok := a.point(r.julian)
	if !ok {
		return Interval{}, false
	}
	to, ok := b.point(r.julian)
	return Interval{from: from, to: to}, ok
}

// whole makes a date of items that have to say all of it.
func (r *dateReader) whole(items []dateItem) (point, bool) {
	s, ok := r.side(items)
	if !ok {
		return point{}, false
	}
	return s.point(r.julian)
}

// A side is one date, of which something may be left out.
type side struct {
	year, month, day, season, century int // 0 if left out
	lone                              int // a number of up to three digits that stands alone
	loneDigits                        int
	loneRoman                         bool
	pair                              bool // the year is a pair: 1640/41
	era                               int  // -1 before Christ, 1 after, 0 if left out
	decade                            bool
	done                              point // all of it, if it has a precision
}

// complete gives each side what only the other says; false if they don't fit.
func (a *side) complete(b *side) bool {
	if a.era == 0 && a.done.prec == NoPrecision {
		a.era = b.era
	}
	if a.loneRoman {
		switch {
		case b.century > 0:
			a.century = a.lone // XVIII-XIX в.
		case b.month > 0 && b.day == 0 && a.lone <= 12:
			a.month = a.lone // VI-VII 1960
		}
		a.lone, a.loneRoman = 0, false
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

// side sorts items into the parts of one date.
func (r *dateReader) side(items []dateItem) (side, bool) {
	var s side
	numbers := make([]dateItem, 0, 4)
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

// take sorts up to three numbers into year, month and day; monthAt is how many of them stood before
// the name of a month.
func (s *side) take(numbers []dateItem, monthAt int) bool {
	switch len(numbers) {
	case 0:
		return s.month > 0 || s.season > 0
	case 1:
		return s.takeOne(numbers[0])
	case 2:
		a, b := numbers[0], numbers[1]
		if a.n == b.n && a.digits == 4 && b.digits == 4 {
			return s.takeOne(a) // MDCCCL [1850]
		}
		if s.month == 0 && a.isRoman && !b.isRoman { // VI 1960
			s.month = a.n
			return s.month <= 12 && s.takeOne(b)
		}
		if s.season > 0 || a.isRoman || b.isRoman {
			return false
		}
		if s.month == 0 && !b.isYear(s.era) {
			return false
		}
		switch {
		case b.isYear(s.era) && a.isDay():
			s.day, s.year, s.pair = a.n, b.n, b.pair
			return true
		case a.isYear(0) && b.isDay() && monthAt >= 1: // 1957 April 15
			s.year, s.day, s.pair = a.n, b.n, a.pair
			return true
		}
		return false
	case 3:
		if s.month > 0 {
			return s.takeTwoDays(numbers[0], numbers[1], numbers[2])
		}
		return s.takeThree(numbers[0], numbers[1], numbers[2])
	}
	return false
}

func (s *side) takeOne(n dateItem) bool {
	switch {
	case n.isRoman:
		s.lone, s.loneDigits, s.loneRoman = n.n, 2, true
		return s.month == 0 && s.season == 0 && !s.decade
	case n.isYear(s.era):
		s.year, s.pair = n.n, n.pair
	case s.month > 0 && n.isDay():
		s.day = n.n
	case s.month == 0 && s.season == 0 && !s.decade && n.digits <= 3 && n.n > 0:
		s.lone, s.loneDigits = n.n, n.digits
	default:
		return false
	}
	return true
}

// takeThree sorts 15. 4. 1957, 15 IV 1957 and 1957. 4. 15.
func (s *side) takeThree(a, b, c dateItem) bool {
	if s.month > 0 || s.season > 0 || !b.isRoman && !(a.dotted && b.dotted) || b.n < 1 || b.n > 12 || b.digits > 2 {
		return false
	}
	s.month = b.n
	switch {
	case a.isDay() && c.isYear(s.era):
		s.day, s.year = a.n, c.n
		return true
	case a.isYear(0) && c.isDay():
		s.year, s.day = a.n, c.n
		return true
	}
	return false
}

// isYear reports whether a number can be a year: four digits, or any number beside an era.
func (i *dateItem) isYear(era int) bool {
	return !i.isRoman && i.n > 0 && (i.digits == 4 || era != 0 && i.digits <= 5)
}

func (i *dateItem) isDay() bool { return !i.isRoman && i.digits <= 2 && i.n >= 1 && i.n <= 31 }

// point makes the date of a side; false if it doesn't say a year or century, or can't be.
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
		p, ok := decadeOf(dateToken{number: year, digits: 4})
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

// secondOfPair says which year of a pair is meant, 0 or 1 years later. In England the year began on 25 March
// until 1752, so February 1640/41 is that of our 1641. A winter, or a southern summer, begins in the first.
func (s *side) secondOfPair() (int, bool) {
	switch {
	case s.season == 22 || s.season == 24:
		return 0, true
	case s.month == 1 || s.month == 2 || s.month == 3 && s.day <= 24:
		return 1, s.year >= 1100 && s.year <= 1751
	}
	return 0, false
}

// takeTwoDays reads a day in both calendars, 12 (24) May 1867, if the two are the same.
func (s *side) takeTwoDays(old, day, year dateItem) bool {
	if !old.isDay() || !day.isDay() || !year.isYear(0) || !isDay(year.n, s.month, day.n) ||
		julianDay(year.n, s.month, old.n) != dayPoint(year.n, s.month, day.n) {
		return false
	}
	s.day, s.year = day.n, year.n
	return true
}

// centuryPoint is the nth century: the 19th is 18XX, the 5th before Christ -04XX.
func centuryPoint(n, era int) point {
	if era < 0 {
		return unspecified(-(n-1)*100, Century, true)
	}
	return unspecified((n-1)*100, Century, false)
}
