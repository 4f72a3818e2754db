package listing

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// A Count is what a page says of itself: that it has the rows From to To of Total. From and To are 0 if the page gives
// only the total, or the listing is empty.
type Count struct {
	From, To, Total int
}

// rows returns how many rows the page should have; -1 if the count doesn't say.
func (c Count) rows() int {
	if c.To == 0 {
		if c.Total == 0 {
			return 0
		}
		return -1
	}
	return c.To - c.From + 1
}

func (c Count) String() string {
	if c.To == 0 && c.Total > 0 {
		return strconv.Itoa(c.Total)
	}
	return strconv.Itoa(c.From) + " - " + strconv.Itoa(c.To) + " of " + strconv.Itoa(c.Total)
}

// number matches digits, or groups of three with a comma, a full stop, an apostrophe or a (thin) space between.
const number = `\d{1,9}(?:[.,'’\x{a0}\x{2009}\x{202f}]\d{3}){0,3}`

// dash matches what stands between the first row and the last: "1 - 500", "1 bis 500", "1 à 500".
const dash = `(?:-|‐|‑|‒|–|—|―|−|to|bis|à|a|al|tot|til|do|deri)`

// of matches the words for "of" in the languages whose months are known.
const of = `(?:of|out of|von|sur|de|di|van|af|av|nga|из|z)`

var (
	// countRange is "a - b of n" wherever it stands in running text.
	countRange = regexp.MustCompile(`(?i)(?:^|[^\d.,\pL])(` + number + `)\s*` + dash + `\s*(` + number + `)\s+` + of + `\s+(?:about\s+)?(` + number + `)(?:$|[^\d\pL])`)
	// countLine is a line that is nothing but a count.
	countLine = regexp.MustCompile(`(?i)^(?:(?:search )?results:?|showing|displaying|viewing|items|records)?\s*(?:results|items|records)?\s*` +
		`(` + number + `)\s*` + dash + `\s*(` + number + `)\s+` + of + `\s+(?:about\s+)?(` + number + `)\s*(?:results|items|records|documents|hits|entries)?\.?$`)
	countTotal = regexp.MustCompile(number)
)

// countsIn returns the different counts in running text, in their order. An impossible one (5 - 3 of 2) is returned only
// if there is no other, so that a garbled count is not taken for the lack of one.
func countsIn(text string) []Count {
	var counts, garbled []Count
	for _, m := range countRange.FindAllStringSubmatch(text, -1) {
		c, ok := newCount(m[1], m[2], m[3])
		switch {
		case !ok:
		case c.possible():
			counts = addCount(counts, c)
		default:
			garbled = addCount(garbled, c)
		}
	}
	if len(counts) == 0 {
		return garbled
	}
	return counts
}

// countOfLine reads a line that is nothing but a count.
func countOfLine(line string) (Count, bool) {
	// Most lines are paragraphs, and trying the expression on each of them would take most of the time.
	if len(line) > 80 || strings.IndexFunc(line, unicode.IsDigit) < 0 {
		return Count{}, false
	}
	m := countLine.FindStringSubmatch(line)
	if m == nil {
		return Count{}, false
	}
	return newCount(m[1], m[2], m[3])
}

// countOfElement reads the text of the element that the configuration points to: "1 - 9 of 9", or
// just a total ("9 results").
func countOfElement(text string) (Count, bool) {
	if counts := countsIn(text); len(counts) > 0 {
		return counts[0], len(counts) == 1
	}
	numbers := countTotal.FindAllString(text, 2)
	if len(numbers) != 1 {
		return Count{}, false
	}
	n, err := parseNumber(numbers[0])
	return Count{Total: n}, err == nil
}

func addCount(counts []Count, c Count) []Count {
	for _, have := range counts {
		if have == c {
			return counts
		}
	}
	return append(counts, c)
}

func newCount(from, to, total string) (Count, bool) {
	a, errA := parseNumber(from)
	b, errB := parseNumber(to)
	n, errN := parseNumber(total)
	if n == 0 && b == 0 {
		a = 0 // "0 - 0 of 0", "1 - 0 of 0"
	}
	return Count{a, b, n}, errA == nil && errB == nil && errN == nil
}

// possible reports whether there can be such a page.
func (c Count) possible() bool {
	return c.From == 0 && c.To == 0 || 1 <= c.From && c.From <= c.To && c.To <= c.Total
}

// parseNumber reads digits, whatever stands between them.
func parseNumber(s string) (int, error) {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	if len(digits) > 9 {
		return 0, strconv.ErrRange
	}
	return strconv.Atoi(digits)
}
