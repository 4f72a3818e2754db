package crosswalk

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/date"
)

// buildDate builds the transform "date".
func buildDate(a *arguments) (stepFunc, error) {
	order := date.AnyOrder
	if a.has("day_first") {
		order = date.DayFirst
	} else if a.has("month_first") {
		order = date.MonthFirst
	}
	people, err := recalling(func(s string) normal { return normalDate(s, order) })(a)
	if err != nil {
		return nil, err
	}
	declared := remembering(func(s string) normal { return normalOf(dublincore.NormalizeEDTF(s)) })
	return func(r *run, in []item) []item {
		out := in[:0]
		for i := range in {
			if in[i].scheme == "EDTF" && normalize(&in[i], declared, true) {
				out = append(out, in[i])
				continue
			}
			out = append(out, people(r, in[i:i+1])...)
		}
		return out
	}, nil
}

func normalDate(s string, order date.Order) normal {
	return normalOf(dublincore.NormalizeDate(s, order))
}

// modsInterval is the EDTF of an interval of MODS, which is written START/END;QUALIFIER;QUALIFIER, as far as it has them.
func modsInterval(s string) string {
	parts := strings.Split(s+";;", ";")
	start, end, _ := strings.Cut(parts[0], "/")
	return modsEnd(start, parts[1]) + "/" + modsEnd(end, parts[2])
}

// modsEnd is one end in EDTF: uuuu is an end that is not known, 9999 one that has not come yet, u an unknown digit.
func modsEnd(text, qualifier string) string {
	switch text = strings.TrimSpace(text); text {
	case "", "uuuu":
		return ""
	case "9999":
		return ".."
	}
	if year, ok := marcYear(text); ok {
		text = year
	}
	switch strings.TrimSpace(qualifier) {
	case "approximate":
		text += "~"
	case "questionable":
		text += "?"
	}
	return text
}

// normalPeriod reads a period in the DCMI Period Encoding Scheme.
func normalPeriod(s string) normal {
	if !strings.Contains(s, "start=") && !strings.Contains(s, "end=") {
		return normal{text: s}
	}
	return normalDate(s, date.AnyOrder)
}

// marcDates reads the kind of date and the two dates of 008/06-14, and what the item itself bears, behind a ¶. A digit that is not known ("195u")
// makes it a decade. Blanks, fill characters, 9999, and the kinds whose dates are not those of publication give
// nothing.
func (r *run) marcDates(in []item) []item {
	out := in[:0]
	for _, it := range in {
		coded, borne, _ := strings.Cut(it.text, "¶")
		text, ok := marcDate(coded)
		d, err := date.ParseEDTF(text)
		if ok = ok && err == nil; ok {
			it.original = strings.TrimRight(coded, " ")
		}
		if year, bears := bornYear(borne); bears && (!ok || givesWay(d, year, coded)) {
			d, ok, it.original = year, true, strings.TrimSpace(borne)
		}
		if !ok {
			r.trace(r.rule, &it, -1, "no date can be read from 008")
			continue
		}
		v := dublincore.DateValue(d)
		it.text, it.scheme = v.Text, v.Scheme
		if strings.TrimSpace(borne) == it.original && it.original != it.text {
			it.changes = append(it.changes, change{dublincore.Normalized, it.original})
		}
		out = append(out, it)
	}
	return out
}

// copyrightYear is how cataloguers write a year of copyright or of a recording: c1957, p1957.
var copyrightYear = regexp.MustCompile(`\b[cp](\d{4})`)

// bornYear is the year that an item bears in 260 or 264, if it is one year.
func bornYear(text string) (date.Date, bool) {
	text, _, _ = strings.Cut(text, "¶")
	d, err := date.Parse(copyrightYear.ReplaceAllString(isbd(text), "©$1"), date.AnyOrder)
	return d, err == nil && !d.IsRange() && d.Precision() == date.Year
}

// lastYear bounds the years that 008 can mean.
const lastYear = 2100

// givesWay reports whether the date of 008 gives way to the year that the item bears: it lies in a future that nobody
// catalogues, or says less, or is that of a reprint whose two years stand the wrong way round.
func givesWay(d, year date.Date, coded string) bool {
	switch {
	case d.Start().Year() > lastYear:
		return true
	case d.Precision() < date.Year:
		return d.Contains(year)
	}
	return coded[0] == 'r' && len(coded) >= 9 && coded[5:9] == year.EDTF()
}

// marcDate gives the dates of 008/06-14 in EDTF.
func marcDate(s string) (string, bool) {
	if len(s) < 5 || len(s) > 9 {
		return "", false
	}
	s = (s + "         ")[:9]
	first, ok1 := marcYear(s[1:5])
	second, ok2 := marcYear(s[5:9])
	switch s[0] {
	case 's', 'r', 't', 'p': // one date; reprint, copyright and recording have another in the second place
		return first, ok1
	case 'e': // in detail: the second is month and day
		if month, day := s[5:7], s[7:9]; ok1 && validDate(first+"-"+month+"-"+day) {
			return first + "-" + month + "-" + day, true
		} else if ok1 && validDate(first+"-"+month) {
			return first + "-" + month, true
		}
		return first, ok1
	case 'q', 'm', 'd', 'i', 'k': // from the first to the second
		if !ok1 {
			return "", false
		}
		if !ok2 || first == second {
			return first, true
		}
		return first + "/" + second, true
	case 'c', 'u': // a serial that goes on, or whose end is unknown
		if !ok1 {
			return "", false
		}
		if s[0] == 'c' && s[5:9] == "9999" {
			return first + "/..", true
		}
		return first + "/", true
	}
	return "", false
}

func validDate(s string) bool {
	_, err := date.ParseW3CDTF(s)
	return err == nil
}

// marcYear reads four digits of which the last may be unknown (u).
func marcYear(s string) (string, bool) {
	if s == "9999" || s == "uuuu" || s == "0000" {
		return "", false
	}
	known := strings.TrimRight(s, "u")
	if len(s) != 4 || len(known) < 2 {
		return "", false
	}
	for i := range len(known) {
		if known[i] < '0' || known[i] > '9' {
			return "", false
		}
	}
	return known + strings.Repeat("X", 4-len(known)), true
}

// mention finds what may be a date within a text: an English month with a year, a day as programs write it, or a year
// alone.
var mention = regexp.MustCompile(`(?i)\b(?:(?:\d{1,2}(?:st|nd|rd|th)?(?: of)? )?(?:` + englishMonths() + `)(?: \d{1,2}(?:st|nd|rd|th)?)?,? \d{4}|\d{4}-\d{2}(?:-\d{2})?|(?:1[5-9]|20)\d{2})\b`)

// englishMonths are the names of the months, as alternatives of a regular expression.
func englishMonths() string {
	var names []string
	for m := time.January; m <= time.December; m++ {
		names = append(names, m.String())
	}
	return strings.Join(names, "|")
}

var ordinal = regexp.MustCompile(`(?i)(\d)(?:st|nd|rd|th)\b`)

// laterDate warns if a text mentions a date that begins after the date of the record ends. A report cannot be older
// than the events in it, so one of the two dates is probably wrong. The record stays as it is.
func laterDate(rec *dublincore.Record, _, texts []string) string {
	own, end := ownDate(rec)
	if end.IsZero() {
		return ""
	}
	for _, s := range texts {
		if !namesYear(s, end.Year()) {
			continue
		}
		for _, m := range mention.FindAllString(s[:min(len(s), maxMatched)], 64) {
			d, err := date.Parse(strings.ReplaceAll(ordinal.ReplaceAllString(m, "$1"), " of ", " "), date.AnyOrder)
			if err == nil && !d.OpenStart() && d.Start().After(end) {
				return fmt.Sprintf("%q is later than the record's date %s", m, own)
			}
		}
	}
	return ""
}

// namesYear reports whether a text has four digits that may be the given year or a later one. It is a quick look that
// saves the slow search for dates in most texts.
func namesYear(s string, from int) bool {
	for i := 0; i+4 <= len(s); i++ {
		if n, ok := year4(s[i : i+4]); ok && n >= from && n < 2100 {
			return true
		}
	}
	return false
}

func year4(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = 10*n + int(s[i]-'0')
	}
	return n, true
}

// ownDate is the date of the record as it is written there, and the last second of that date.
func ownDate(rec *dublincore.Record) (text string, end time.Time) {
	for _, t := range []dublincore.Term{dublincore.Created, dublincore.Issued, dublincore.Date} {
		for i := range rec.Values {
			v := &rec.Values[i]
			if v.Term != t {
				continue
			}
			if d, err := date.ParseEDTF(v.Text); err == nil && !d.OpenEnd() && (end.IsZero() || d.End().After(end)) {
				text, end = v.Text, d.End()
			}
		}
		if !end.IsZero() {
			return text, end
		}
	}
	return "", time.Time{}
}
