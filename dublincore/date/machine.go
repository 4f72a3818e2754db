package date

import (
	"regexp"
	"strings"
	"time"
)

// parseMachine reads what programs write outside W3CDTF and EDTF: a day with a time whose zone is not known, a
// day with a zone (as in XML Schema), the zeroes that databases keep for what is not known (1957-00-00), the
// letter u that MARC has for the same, the dates of mail and of C's asctime, and East Asian dates. The Date is
// a day or coarser, because such times are those of a program, not of what is described.
func parseMachine(text string) (Date, bool) {
	if d, ok := parsePeriod(text); ok {
		return d, true
	}
	if d, ok := parseDraft(text); ok {
		return d, true
	}
	if d, ok := parseAbbreviated(text); ok {
		return d, true
	}
	if d, ok := parseReign(text); ok {
		return d, true
	}
	if p, ok := parsePlain(strings.TrimSuffix(text, "-?")); ok && p.prec == Month && strings.HasSuffix(text, "-?") { // 1931-05-?
		return single(p), true
	}
	if len(text) < 7 || len(text) > 60 {
		return Date{}, false
	}
	if !isDigit(text[0]) && !strings.Contains(text, ":") {
		return Date{}, false
	}
	if d, ok := cutLocalTime(text); ok {
		return d, true
	}
	if plain := javaTimes.ReplaceAllString(text, "$1$2:$3"); plain != text {
		return parseEDTF(withoutMidnights(plain))
	}
	if strings.Contains(text, "?") && unknownDigits.MatchString(text) {
		return parseEDTF(strings.ReplaceAll(text, "?", "X"))
	}
	if (text[4] == ' ' || text[4] == '-') && spacedDays.MatchString(text) {
		return parseEDTF(strings.Replace(strings.ReplaceAll(spacedInside.ReplaceAllString(text, "$1-$2-$3"), "  ", " "), " ", "/", 1))
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
		return parseEDTF(strings.ReplaceAll(text, "uu", "XX"))
	}
	if strings.Count(text, ":") == 2 {
		for _, layout := range []string{"Mon, 2 Jan 2006 15:04:05 MST", "Mon, 2 Jan 2006 15:04:05 -0700", time.ANSIC, time.UnixDate} {
			if t, err := time.Parse(layout, text); err == nil && t.Year() > 0 {
				return single(dayPoint(t.Year(), int(t.Month()), t.Day())), true
			}
		}
	}
	return parseEastAsian(text)
}

// parseDraft reads an interval whose open or unknown end is written as in the draft of EDTF of 2012 (1985/open, unknown/2006),
// which many repositories still have, or with the two dots of a set (..1950).
func parseDraft(text string) (Date, bool) {
	from, to, ok := strings.Cut(text, "/")
	switch {
	case from == "unknown" || to == "unknown" || to == "open":
		return parseInterval(strings.TrimPrefix(from, "unknown"), strings.TrimPrefix(strings.Replace(to, "open", "..", 1), "unknown"))
	case !ok && !strings.Contains(text, "...") && (strings.HasPrefix(text, "..") || strings.HasSuffix(text, "..")):
		return parseMember(text)
	}
	return Date{}, false
}

// parseAbbreviated reads an interval whose end leaves out what its start says, as ISO 8601 allows it: 1957-05-15/16,
// 1957-05-30/06-02, 1957-05/06. (1957/58 are two years, as people write them.)
func parseAbbreviated(text string) (Date, bool) {
	from, to, ok := strings.Cut(text, "/")
	if !ok || len(from) != len("1957-05") && len(from) != len("1957-05-15") || len(to) != 2 && (len(to) != 5 || len(from) != len("1957-05-15")) {
		return Date{}, false
	}
	start, ok := parsePlain(from)
	end, too := parsePlain(from[:len(from)-len(to)] + to)
	d := Date{from: start, to: end}
	return d, ok && too && start.prec == end.prec && start.prec >= Month && !d.End().Before(d.Start())
}

// parseEastAsian reads 1957年6月7日, of which day and month may be missing.
func parseEastAsian(text string) (Date, bool) {
	if !strings.Contains(text, "年") {
		return Date{}, false
	}
	parts := eastAsian.FindStringSubmatch(text)
	if parts == nil {
		return Date{}, false
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

// cutLocalTime reads "1957-04-15 12:30:00", a day with a time whose zone is not known, as the day.
func cutLocalTime(text string) (Date, bool) {
	if len(text) < 12 || text[10] != ' ' {
		return Date{}, false
	}
	clock := strings.TrimSuffix(strings.TrimSuffix(text[11:], " UTC"), " GMT")
	if strings.Trim(clock, "0123456789:.+-Z") != "" || !strings.Contains(clock, ":") {
		return Date{}, false
	}
	p, ok := parsePlain(text[:10])
	return single(p), ok && p.prec == Day
}

// unknownDigits matches a day or a month with question marks for what is not known: 1931-05-??, 1931-05-1?. Each stands for a
// digit, so that it is not the doubt of 1931-05?.
var unknownDigits = regexp.MustCompile(`^(?:\d{4}|\d{3}\?|\d\d\?\?)-(?:\?\?|\d\?|\d\d-(?:\?\?|\d\?)|\?\?-\?\?)$`)

// spacedDays matches a day with blanks for hyphens (1905 09 01), and two days side by side, which are the time from the first
// to the second: 1921-03-11 1921-03-14.
var (
	spacedDays   = regexp.MustCompile(`^(?:\d{4} \d{2} \d{2}|\d{4}-\d{2}-\d{2} +\d{4}-\d{2}-\d{2})$`)
	spacedInside = regexp.MustCompile(`^(\d{4}) (\d{2}) (\d{2})$`)
)

// parsePeriod reads a period as the DCMI Period Encoding Scheme writes it: "name=…; start=1929; end=1939;". One that has only
// one side is open on the other. What its name says is not looked at.
func parsePeriod(text string) (Date, bool) {
	if !strings.Contains(text, "=") {
		return Date{}, false
	}
	ends := map[string]string{"start": "..", "end": ".."}
	met := false
	for part := range strings.SplitSeq(text, ";") {
		key, value, ok := strings.Cut(part, "=")
		key, value = strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
		if _, is := ends[key]; ok && is && value != "" {
			ends[key], met = value, true
		}
	}
	if !met {
		return Date{}, false
	}
	return parseEDTF(ends["start"] + "/" + ends["end"])
}

// javaTimes matches times as Java writes them: 00:00:00.000+0000.
var javaTimes = regexp.MustCompile(`(T\d{2}:\d{2}:\d{2})(?:\.\d+)?([+-]\d{2})(\d{2})\b`)

// withoutMidnights makes days of the two ends of an interval that begin at midnight: no such program knows the second.
func withoutMidnights(text string) string {
	from, to, interval := strings.Cut(text, "/")
	day, _, ok := strings.Cut(from, "T00:00:00")
	last, _, too := strings.Cut(to, "T00:00:00")
	if !interval || !ok || !too {
		return text
	}
	return day + "/" + last
}
