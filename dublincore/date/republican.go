package date

import (
	"regexp"
	"strings"
	"time"
)

// parseRepublican reads a date of the calendar of the French Republic, in folded text: "an ii", "12 vendemiaire an iv",
// "floreal an 3", "an ii-an iv". Archives add the date of our calendar in brackets, "an ii (1793-1794)"; then that is read.
func parseRepublican(text string) (Date, bool) {
	if !strings.Contains(text, "an ") {
		return Date{}, false
	}
	parts := republican.FindStringSubmatch(text)
	if parts == nil {
		return Date{}, false
	}
	if gregorian := parts[5]; gregorian != "" {
		d, err := parseFolded(gregorian, DayFirst)
		return d, err == nil
	}
	year := republicanYear(parts[3])
	if year == 0 {
		return Date{}, false
	}
	if parts[2] == "" {
		last := year
		if parts[4] != "" {
			last = republicanYear(parts[4])
		}
		return Date{from: yearPoint(1791 + year), to: yearPoint(1792 + last)}, parts[1] == "" && last >= year
	}
	month := 0
	for i, stem := range republicanMonths {
		if strings.HasPrefix(parts[2], stem) {
			month = i
		}
	}
	first := republicanStarts[year-1].AddDate(0, 0, 30*month)
	if parts[4] != "" {
		return Date{}, false
	}
	if parts[1] == "" {
		last := first.AddDate(0, 0, 29)
		return Date{from: dayOf(first), to: dayOf(last)}, true
	}
	day, _, _ := cutDigits(parts[1], len(parts[1]))
	return single(dayOf(first.AddDate(0, 0, day-1))), day >= 1 && day <= 30
}

func dayOf(t time.Time) point { return dayPoint(t.Year(), int(t.Month()), t.Day()) }

// republicanYear is a year of the Republic, in Roman or other numerals; 0 if there was none.
func republicanYear(text string) int {
	n := roman(text)
	if n == 0 {
		n, _, _ = cutDigits(text, len(text))
	}
	if n > len(republicanStarts) {
		return 0
	}
	return n
}

var republican = regexp.MustCompile(`^(?:(\d{1,2})(?:er)? )?(?:(vend[a-z]*|brum[a-z]*|frim[a-z]*|niv[a-z]*|pluv[a-z]*|vent[a-z]*|germ[a-z]*|flor[a-z]*|prair[a-z]*|mess[a-z]*|therm[a-z]*|fruct[a-z]*)\.? )?(?:l')?an ([ivx]+|\d{1,2})(?: ?[-–à] ?(?:l')?(?:an )?([ivx]+|\d{1,2}))?(?: ?[(\[]([^()\[\]]*\d{4}[^()\[\]]*)[)\]])?$`)

var republicanMonths = []string{"vend", "brum", "frim", "niv", "pluv", "vent", "germ", "flor", "prair", "mess", "therm", "fruct"}

// republicanStarts are the days on which the years of the Republic began: those of the autumnal equinox in Paris.
var republicanStarts = func() (starts [14]time.Time) {
	for i, day := range [14]int{22, 22, 22, 23, 22, 22, 22, 23, 23, 23, 23, 24, 23, 23} {
		starts[i] = time.Date(1792+i, time.September, day, 0, 0, 0, 0, time.UTC)
	}
	return starts
}()
