package date

import (
	"strconv"
	"strings"
)

// parseLongYear reads a level 1 year of five or more digits (Y-170000002), and the exponential and
// significant-digit years of level 2 (Y17E7, 1950S2).
func parseLongYear(text string) (point, bool) {
	number, long := strings.CutPrefix(text, "Y")
	number, significant, estimated := strings.Cut(number, "S")
	if !long && !estimated {
		return point{}, false
	}
	mantissa, exponent, scaled := strings.Cut(number, "E")
	digits := strings.TrimPrefix(mantissa, "-")
	if digits == "" || len(digits) > 10 || strings.Trim(digits, "0123456789") != "" ||
		!long && (len(digits) != 4 || scaled) || long && !scaled && len(digits) < 5 {
		return point{}, false
	}
	year, err := strconv.Atoi(mantissa)
	if err != nil {
		return point{}, false
	}
	if scaled {
		e, rest, ok := cutDigits(exponent, len(exponent))
		if !ok || rest != "" || e > 9 {
			return point{}, false
		}
		for range e {
			year *= 10
		}
	}
	if year > maxYear || year < -maxYear {
		return point{}, false
	}
	if !estimated {
		return yearPoint(year), true
	}
	return significantYear(year, significant)
}

// significantYear reads a year of which only the first digits are significant, as the decade or the century
// around it. A year with fewer significant digits covers more than a point can hold, and is not read.
func significantYear(year int, digits string) (point, bool) {
	n, rest, ok := cutDigits(digits, len(digits))
	total := len(strconv.Itoa(max(year, -year)))
	if !ok || rest != "" || n < 1 || year < -9999 || year > 9999 {
		return point{}, false
	}
	switch total - n {
	case 1:
		return unspecified(year/10*10, Decade, year < 0), true
	case 2:
		return unspecified(year/100*100, Century, year < 0), true
	}
	if n >= total {
		return yearPoint(year), true
	}
	return point{}, false
}

func unspecified(year int, prec Precision, negative bool) point {
	return point{year: int32(year), prec: prec, negative: negative}
}

// parseUnspecified reads dates with the letter X for digits that are not known: the last one or two of the year,
// and then month and day are dropped; or the month, or the day.
func parseUnspecified(text string) (point, bool) {
	rest, negative := strings.CutPrefix(text, "-")
	if len(rest) < 4 || !strings.Contains(rest, "X") {
		return point{}, false
	}
	year, tail := rest[:4], rest[4:]
	if !isMonthDayPattern(tail) {
		return point{}, false
	}
	known := strings.TrimRight(year, "X")
	n, none, ok := cutDigits(known, len(known))
	if !ok || none != "" {
		return point{}, false
	}
	if negative {
		n = -n
	}
	switch len(known) {
	case 2:
		return unspecified(n*100, Century, negative), true
	case 3:
		return unspecified(n*10, Decade, negative), true
	case 4:
	default:
		return point{}, false
	}
	if negative && n == 0 || tail == "" {
		return point{}, false
	}
	if month, _, ok := cutDigits(tail[1:], 2); ok {
		return monthPoint(n, month), month >= 1 && month <= 12
	}
	return yearPoint(n), true
}

// isMonthDayPattern reports whether text is what may follow a year: nothing, -MM or -MM-DD, with
// digits or X.
func isMonthDayPattern(text string) bool {
	if len(text) != 0 && len(text) != 3 && len(text) != 6 {
		return false
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		if i%3 == 0 && c != '-' || i%3 != 0 && c != 'X' && !isDigit(c) {
			return false
		}
	}
	return true
}
