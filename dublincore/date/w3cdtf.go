package date

import "strings"

// ParseW3CDTF reads a date in the W3C's date and time format (NOTE-datetime), strictly: YYYY, YYYY-MM,
// YYYY-MM-DD, or YYYY-MM-DDThh:mm with or without seconds, and with a zone (Z or +hh:mm). Years are 0001
// to 9999. Fractions of a second are read and dropped. The error is [ErrNotUnderstood].
func ParseW3CDTF(text string) (Date, error) {
	p, ok := parsePlain(text)
	if !ok || !p.isW3CDTF() {
		return Date{}, ErrNotUnderstood
	}
	if sign := len(text) - 3; sign > 10 && (text[sign] == '+' || text[sign] == '-') {
		return Date{}, ErrNotUnderstood // EDTF allows a zone of hours alone, W3CDTF does not
	}
	return single(p), nil
}

// parsePlain reads level 0 dates, years before zero, and seasons.
func parsePlain(text string) (point, bool) {
	rest, negative := strings.CutPrefix(text, "-")
	year, rest, ok := cutDigits(rest, 4)
	if !ok {
		return point{}, false
	}
	if negative {
		if year == 0 {
			return point{}, false
		}
		year = -year
	}
	if rest == "" {
		return yearPoint(year), true
	}
	month, rest, ok := cutDashed(rest)
	if !ok {
		return point{}, false
	}
	if rest == "" {
		if month >= 21 && month <= 41 {
			return point{year: int32(year), prec: Season, month: uint8(month)}, true
		}
		return monthPoint(year, month), month >= 1 && month <= 12
	}
	day, rest, ok := cutDashed(rest)
	if !ok || !isDay(year, month, day) {
		return point{}, false
	}
	p := dayPoint(year, month, day)
	if rest == "" {
		return p, true
	}
	return p, parseClock(&p, rest)
}

// parseClock reads Thh:mm, seconds, a fraction and a zone into p.
func parseClock(p *point, text string) bool {
	if text[0] != 'T' {
		return false
	}
	hour, rest, ok := cutDigits(text[1:], 2)
	if !ok || hour > 23 || rest == "" || rest[0] != ':' {
		return false
	}
	minute, rest, ok := cutDigits(rest[1:], 2)
	if !ok || minute > 59 {
		return false
	}
	p.prec, p.hour, p.minute = Minute, uint8(hour), uint8(minute)
	if strings.HasPrefix(rest, ":") {
		var second int
		if second, rest, ok = cutDigits(rest[1:], 2); !ok || second > 59 {
			return false
		}
		p.prec, p.second = Second, uint8(second)
		if fraction, found := strings.CutPrefix(rest, "."); found {
			rest = strings.TrimLeft(fraction, "0123456789")
			if rest == fraction {
				return false
			}
		}
	}
	return parseZone(p, rest)
}

func parseZone(p *point, text string) bool {
	switch {
	case text == "":
		p.zone = noZone
		return true
	case text == "Z":
		return true
	case text[0] != '+' && text[0] != '-':
		return false
	}
	hours, rest, ok := cutDigits(text[1:], 2)
	if !ok || hours > 14 {
		return false
	}
	minutes := 0
	if rest != "" {
		if rest[0] != ':' {
			return false
		}
		if minutes, rest, ok = cutDigits(rest[1:], 2); !ok || minutes > 59 || rest != "" {
			return false
		}
	}
	p.zone = int16(hours*60 + minutes)
	if text[0] == '-' {
		p.zone = -p.zone
	}
	return true
}

// cutDigits takes exactly n digits from the start of text.
func cutDigits(text string, n int) (number int, rest string, ok bool) {
	if n == 0 || n > 9 || len(text) < n {
		return 0, text, false
	}
	for i := range n {
		if !isDigit(text[i]) {
			return 0, text, false
		}
		number = number*10 + int(text[i]-'0')
	}
	return number, text[n:], true
}

// cutDashed takes a dash and two digits.
func cutDashed(text string) (number int, rest string, ok bool) {
	if text == "" || text[0] != '-' {
		return 0, text, false
	}
	return cutDigits(text[1:], 2)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
