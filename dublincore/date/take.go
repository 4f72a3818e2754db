package date

// take decides which of up to three numbers are year, month and day. monthAt is how many of them stood before
// the name of a month.
func (s *side) take(numbers []item, monthAt int) bool {
	switch len(numbers) {
	case 0:
		return s.month > 0 || s.season > 0 || s.part.of > 0
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

func (s *side) takeOne(n item) bool {
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

// takeThree reads 15. 4. 1957, 15 IV 1957 and 1957. 4. 15.
func (s *side) takeThree(a, b, c item) bool {
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
func (i *item) isYear(era int) bool {
	return !i.isRoman && i.n > 0 && (i.digits == 4 || era != 0 && i.digits <= 5)
}

func (i *item) isDay() bool { return !i.isRoman && i.digits <= 2 && i.n >= 1 && i.n <= 31 }

// takeTwoDays reads a day in both calendars, 12 (24) May 1867, if the two are the same day.
func (s *side) takeTwoDays(old, day, year item) bool {
	if !old.isDay() || !day.isDay() || !year.isYear(0) || !isDay(year.n, s.month, day.n) ||
		julianDay(year.n, s.month, old.n) != dayPoint(year.n, s.month, day.n) {
		return false
	}
	s.day, s.year = day.n, year.n
	return true
}
