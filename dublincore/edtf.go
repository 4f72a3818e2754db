package dublincore

import (
	"strconv"
	"strings"
)

// maxDateText bounds a date's text, in bytes. What is longer is no date.
const maxDateText = 250

// ParseW3CDTF reads a date in the W3C's date and time format (NOTE-datetime), strictly: YYYY, YYYY-MM,
// YYYY-MM-DD, or YYYY-MM-DDThh:mm with seconds or not, and with a zone (Z or +hh:mm). Years are 0001
// to 9999. Fractions of a second are read and dropped.
func ParseW3CDTF(text string) (Interval, bool) {
	p, ok := parsePlain(text)
	if !ok || !p.isW3CDTF() {
		return Interval{}, false
	}
	if sign := len(text) - 3; sign > 10 && (text[sign] == '+' || text[sign] == '-') {
		return Interval{}, false // EDTF's zone of hours alone
	}
	return single(p), true
}

// ParseEDTF reads a date in the Extended Date/Time Format (Library of Congress, ISO 8601-2:2019):
// levels 0 and 1, and of level 2 what is met: seasons by hemisphere and quarters, sets, years with
// exponent or significant digits, qualified and unspecified components. What an Interval can't hold in full
// becomes the smallest one that holds it: a set its span (doubtful, if it is one of them), 156X-12-25
// the decade, 1985-04-XX the month.
func ParseEDTF(text string) (Interval, bool) {
	if text == "" || len(text) > maxDateText {
		return Interval{}, false
	}
	switch first, last := text[0], text[len(text)-1]; {
	case first == '[' && last == ']':
		return parseSet(text[1:len(text)-1], true)
	case first == '{' && last == '}':
		return parseSet(text[1:len(text)-1], false)
	}
	from, to, interval := strings.Cut(text, "/")
	if interval {
		return parseInterval(from, to)
	}
	p, ok := parsePoint(text)
	if !ok {
		return Interval{}, false
	}
	return single(p), true
}

// parseInterval reads the two ends of an EDTF interval, either of them ".." or empty.
func parseInterval(from, to string) (Interval, bool) {
	var d Interval
	var ok bool
	if d.openFrom, d.from, ok = parseEnd(from); !ok {
		return Interval{}, false
	}
	if d.openTo, d.to, ok = parseEnd(to); !ok {
		return Interval{}, false
	}
	if d.openFrom != closed && d.openTo != closed || d.End().Before(d.Start()) {
		return Interval{}, false
	}
	return d, true
}

func parseEnd(text string) (openness, point, bool) {
	switch text {
	case "..":
		return open, point{}, true
	case "":
		return unknown, point{}, true
	}
	p, ok := parsePoint(text)
	return closed, p, ok
}

// parseSet reads the inside of a set of level 2 as the span from its earliest to its latest member.
// One of several is doubtful.
func parseSet(text string, oneOf bool) (Interval, bool) {
	var span Interval
	for i, member := range strings.Split(text, ",") {
		d, ok := parseMember(strings.TrimSpace(member))
		if !ok {
			return Interval{}, false
		}
		if i == 0 {
			span = d
			continue
		}
		if d.Start().Before(span.Start()) {
			span.from, span.openFrom = d.from, d.openFrom
		}
		if d.End().After(span.End()) {
			span.to, span.openTo = d.to, d.openTo
		}
	}
	if span.openFrom != closed && span.openTo != closed {
		return Interval{}, false
	}
	if oneOf && strings.Contains(text, ",") && span.IsRange() {
		span.from.doubtful = span.openFrom == closed
		span.to.doubtful = span.openTo == closed
	}
	return span, true
}

// parseMember reads one member of a set: a date, or a stretch such as 1670..1672, ..1984 or 1984.. .
func parseMember(text string) (Interval, bool) {
	from, to, stretch := strings.Cut(text, "..")
	if !stretch {
		p, ok := parsePoint(text)
		return single(p), ok
	}
	if from == "" {
		from = ".."
	}
	if to == "" {
		to = ".."
	}
	return parseInterval(from, to)
}

// parsePoint reads one date of EDTF.
func parsePoint(text string) (point, bool) {
	if p, ok := parsePlain(text); ok {
		return p, true
	}
	text, approximate, doubtful := cutQualifiers(text)
	p, ok := parsePlain(text)
	if !ok {
		p, ok = parseLongYear(text)
	}
	if !ok {
		p, ok = parseUnspecified(text)
	}
	p.approximate, p.doubtful = approximate, doubtful
	return p, ok
}

// cutQualifiers takes "?", "~" and "%" from the end of a date and from its components, where level 2
// has them; they then hold for the whole.
func cutQualifiers(text string) (plain string, approximate, doubtful bool) {
	if !strings.ContainsAny(text, "?~%") {
		return text, false, false
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch c {
		case '?', '~', '%':
			atStart := i == 0 || text[i-1] == '-'
			atEnd := i == len(text)-1 || text[i+1] == '-'
			if atStart == atEnd {
				return "", false, false // between digits, or a component of its own
			}
			approximate = approximate || c != '?'
			doubtful = doubtful || c != '~'
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), approximate, doubtful
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

// significantYear is a year of which only the first digits are significant: the century or decade
// around it. Fewer significant digits make a span that no point can hold.
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

// parseUnspecified reads dates with X for digits: the year's last one or two, and then whatever
// follows is dropped; or the month, or the day.
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

// isSchemaDate reports whether text is W3CDTF that the DCMI schemas take as well: they have times in
// the form of xs:dateTime, with seconds.
func isSchemaDate(text string) bool {
	d, ok := ParseW3CDTF(text)
	return ok && d.from.prec != Minute
}
