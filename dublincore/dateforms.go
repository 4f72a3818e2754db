package dublincore

import (
	"regexp"
	"strings"
	"time"
)

// machineDate reads what programs write and no standard has: a day with a clock of unknown zone, a day with
// a zone (as in XML Schema), a database's zeroes for what is not known (1957-00-00), MARC's u for the same, the
// dates of mail and of C's asctime, and East Asian dates. It is a day at the finest.
func machineDate(text string) (Interval, bool) {
	if len(text) < 7 || len(text) > 40 {
		return Interval{}, false
	}
	if !isDigit(text[0]) && !strings.Contains(text, ":") {
		return Interval{}, false
	}
	if d, ok := cutLocalTime(text); ok {
		return d, true
	}
	if p, ok := parsePlain(text[:min(10, len(text))]); ok && p.prec == Day && (len(text) == 11 || len(text) == 16) {
		var zone point
		return single(p), parseZone(&zone, text[10:])
	}
	if known, ok := strings.CutSuffix(text, "-00"); ok {
		p, ok := parsePlain(strings.TrimSuffix(known, "-00"))
		return single(p), ok && p.year > 0 && p.prec >= Year && p.prec <= Month
	}
	if strings.HasSuffix(text, "-uu") {
		return ParseEDTF(strings.ReplaceAll(text, "uu", "XX"))
	}
	if strings.Count(text, ":") == 2 {
		for _, layout := range []string{"Mon, 2 Jan 2006 15:04:05 MST", "Mon, 2 Jan 2006 15:04:05 -0700", time.ANSIC, time.UnixDate} {
			if t, err := time.Parse(layout, text); err == nil && t.Year() > 0 {
				return single(dayPoint(t.Year(), int(t.Month()), t.Day())), true
			}
		}
	}
	return eastAsianDate(text)
}

// eastAsianDate reads 1957年6月7日, of which day and month may be missing.
func eastAsianDate(text string) (Interval, bool) {
	if !strings.Contains(text, "年") {
		return Interval{}, false
	}
	parts := eastAsian.FindStringSubmatch(text)
	if parts == nil {
		return Interval{}, false
	}
	year, _, _ := cutDigits(parts[1], 4)
	month, _, _ := cutDigits(parts[2], len(parts[2]))
	day, _, _ := cutDigits(parts[3], len(parts[3]))
	switch {
	case parts[2] == "":
		return single(yearPoint(year)), year > 0
	case parts[3] == "":
		return single(monthPoint(year, month)), year > 0 && month >= 1 && month <= 12
	}
	return single(dayPoint(year, month, day)), year > 0 && isDay(year, month, day)
}

var eastAsian = regexp.MustCompile(`^(\d{4})年(?:(\d{1,2})月(?:(\d{1,2})日)?)?$`)

// plainDate takes out of folded text what cataloguers put around and into a date: brackets about supplied
// digits (19[57]), what was printed wrongly (1957 [i.e. 1958]), the copyright behind the year of
// publication (1957, c1956), and what most of a fonds is from (1920-1990, bulk 1950-1960).
func plainDate(text string) string {
	text = strings.TrimRight(text, " ;:,")
	digits := 0
	for i := range len(text) {
		if isDigit(text[i]) {
			digits++
		}
	}
	if digits < 8 && !strings.Contains(text, "[") && !strings.Contains(text, "bulk") {
		return text // one year, and nothing supplied
	}
	for _, mark := range []string{"i.e.", "i. e.", "recte"} {
		if at := strings.LastIndex(text, mark); at > 0 && strings.IndexByte(" [(,", text[at-1]) >= 0 {
			text = text[at+len(mark):]
		}
	}
	if at := strings.Index(text, "bulk"); at > 0 {
		text = strings.TrimRight(text[:at], " ,;([")
	}
	if strings.ContainsAny(text, "cp©℗") {
		if parts := beforeCopyright.FindStringSubmatch(text); parts != nil {
			text = parts[1]
		}
	}
	if !strings.ContainsAny(text, "[]") {
		return text
	}
	var b strings.Builder
	for i := range len(text) {
		inside := i > 0 && i+1 < len(text) && isDigit(text[i-1]) && isDigit(text[i+1])
		if !inside || text[i] != '[' && text[i] != ']' {
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

var beforeCopyright = regexp.MustCompile(`^(.*[\d\])?.])[ ,;(\[]+(?:c|p|©|℗|cop\.?|copyright) ?\d{4}[\])]*$`)

// romanYear reads the year of a title page, MDCCCL, from 1400 on: shorter numerals are words as well.
// 9 and 4 may be written with four strokes.
func romanYear(s string) int {
	total, last := 0, 0
	for i := len(s) - 1; i >= 0; i-- {
		v := map[byte]int{'i': 1, 'v': 5, 'x': 10, 'l': 50, 'c': 100, 'd': 500, 'm': 1000}[s[i]]
		switch {
		case v == 0 || len(s) > 20:
			return 0
		case v < last:
			total -= v
		default:
			total, last = total+v, v
		}
	}
	if total < 1400 || total > 2100 || s[0] != 'm' {
		return 0
	}
	return total
}
