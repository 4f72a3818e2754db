package date

import "strings"

// maxText bounds the text of a date, in bytes. No date needs more.
const maxText = 250

// ParseEDTF reads a date in the Extended Date/Time Format of the Library of Congress and ISO 8601-2:2019:
// levels 0 and 1, and of level 2 seasons by hemisphere, quarters, sets, years with an exponent or with
// significant digits, and components that are qualified or unspecified. What a [Date] cannot hold becomes the
// smallest Date around it: a set becomes the time from its first to its last member (in doubt, if one of the
// members is meant), 156X-12-25 the decade, 1985-04-XX the month. The error is [ErrNotUnderstood].
func ParseEDTF(text string) (Date, error) {
	if d, ok := parseEDTF(text); ok {
		return d, nil
	}
	return Date{}, ErrNotUnderstood
}

func parseEDTF(text string) (Date, bool) {
	if text == "" || len(text) > maxText {
		return Date{}, false
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
		return Date{}, false
	}
	return single(p), true
}

// parseInterval reads the two ends of an EDTF interval, either of them ".." or empty.
func parseInterval(from, to string) (Date, bool) {
	var d Date
	var ok bool
	if d.openFrom, d.from, ok = parseEnd(from); !ok {
		return Date{}, false
	}
	if d.openTo, d.to, ok = parseEnd(to); !ok {
		return Date{}, false
	}
	if d.openFrom != closed && d.openTo != closed || d.End().Before(d.Start()) {
		return Date{}, false
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

// parseSet reads the inside of a set of level 2 as the time from its earliest to its latest member. If one of
// several members is meant, both ends are in doubt.
func parseSet(text string, oneOf bool) (Date, bool) {
	var span Date
	for i, member := range strings.Split(text, ",") {
		d, ok := parseMember(strings.TrimSpace(member))
		if !ok {
			return Date{}, false
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
		return Date{}, false
	}
	if oneOf && strings.Contains(text, ",") && span.IsRange() {
		span.from.doubtful = span.openFrom == closed
		span.to.doubtful = span.openTo == closed
	}
	return span, true
}

// parseMember reads one member of a set: a date, or a range such as 1670..1672, ..1984 or 1984.. .
func parseMember(text string) (Date, bool) {
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

// cutQualifiers removes "?", "~" and "%" from the end of a date, and from its components, where level 2 puts
// them. A qualified component makes the whole date approximate or doubtful.
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
				return "", false, false // it stands between digits, or alone
			}
			approximate = approximate || c != '?'
			doubtful = doubtful || c != '~'
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), approximate, doubtful
}
