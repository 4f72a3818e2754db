package date

import (
	"errors"
	"strings"
)

// An Order says how to read a date in numbers alone, such as 03/04/1957.
type Order uint8

const (
	AnyOrder   Order = iota // read it only if one of the two orders is impossible, as in 15/04/1957
	DayFirst                // 3 April
	MonthFirst              // March 4
)

var (
	// ErrNotUnderstood means that some part of a text is not known to belong to a date.
	ErrNotUnderstood = errors.New("the text is not understood as a date")
	// ErrAmbiguous means that a date in numbers alone has two readings. Parse reads it if it is given an [Order].
	ErrAmbiguous = errors.New("the date can be read with the day first or with the month first")
)

// Parse reads a date as people write it, in about twenty languages: "June 7, 1960", "April, 1957",
// "ca. 1957", "[1958?]", "1950s", "XIX век", "7.-9. Juni 1960", "44 BC", "between 1957 and 1961", "1957-61",
// "25 October (7 November) 1917", and everything that [ParseW3CDTF] and [ParseEDTF] read. The text may have
// 250 bytes.
//
// Every word has to be understood: one unknown word makes the error [ErrNotUnderstood]. The Date is never
// narrower than what was written, except where a convention says so ([ByConvention]). Where two readings are left, such as 1900s for the decade or for the
// century, it spans both. Where the two readings have nothing in common (03/04/1957), the error is
// [ErrAmbiguous], unless order decides. Numbers with full stops between them (3.4.1957) have the day first,
// because that is the order in all countries that write dates so.
func Parse(text string, order Order) (Date, error) {
	if len(text) > maxText {
		return Date{}, ErrNotUnderstood
	}
	text = strings.TrimSpace(text)
	if !isPairOfYears(text) {
		if d, ok := parseEDTF(text); ok {
			return d, nil
		}
	}
	if d, ok := parseMachine(text); ok {
		return d, nil
	}
	return parseWords(text, order)
}

// ByConvention reports whether Parse takes a text for less than all that it may mean, because a convention says so: the early, the
// middle and the late part of a century are taken for its thirds. Such an end is approximate.
func ByConvention(text string) bool {
	tokens, ok := tokenize(trimCataloguing(Fold(text)))
	if !ok {
		return false
	}
	r := reader{tokens: tokens}
	_, ok = r.read()
	return ok && r.byConvention
}

// parseWords reads what no standard and no program writes: words, numbers and marks of people.
func parseWords(text string, order Order) (Date, error) {
	text = Fold(text)
	if d, ok := parseRepublican(text); ok {
		return d, nil
	}
	if rest, ok := cutBulk(text); ok {
		d, err := parseWords(rest, order)
		return d.about(), err
	}
	text = trimCataloguing(text)
	d, err := parseFolded(text, order)
	if !errors.Is(err, ErrNotUnderstood) {
		return d, err
	}
	if rest, ok := cutRemark(text); ok {
		return parseFolded(rest, order)
	}
	if d, ok := parseList(text, order); ok {
		return d, nil
	}
	return d, err
}

// parseList reads several dates one after the other, as the time from the first to the last: "1900-1905, 1910, 1912-1920". Each
// of them has to say its year, and to come behind the one before it.
func parseList(text string, order Order) (span Date, ok bool) {
	list := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' })
	if len(list) < 2 {
		return Date{}, false
	}
	for i, one := range list {
		d, err := parseFolded(strings.TrimPrefix(strings.TrimSpace(one), "and "), order)
		switch {
		case err != nil || d.openFrom != closed || d.openTo != closed:
			return Date{}, false
		case i == 0:
			span = d
		case !span.End().Before(d.Start()):
			return Date{}, false
		}
		span.to = d.to
	}
	return span, true
}

func parseFolded(text string, order Order) (Date, error) {
	tokens, ok := tokenize(text)
	if !ok || len(tokens) == 0 {
		return Date{}, ErrNotUnderstood
	}
	r := reader{tokens: tokens, order: order}
	d, ok := r.read()
	switch {
	case r.ambiguous:
		return Date{}, ErrAmbiguous
	case !ok || d.IsZero():
		return Date{}, ErrNotUnderstood
	}
	return d, nil
}

// isPairOfYears reports whether text is such as 1921-22. EDTF reads that as the summer of 1921, but people
// mean two years.
func isPairOfYears(text string) bool {
	from, rest, ok := cutDigits(text, 4)
	if !ok {
		return false
	}
	to, rest, ok := cutDashed(rest)
	return ok && rest == "" && to > from%100 && to >= 21
}

// A reader turns the tokens of a text into items, and the items into a Date.
type reader struct {
	tokens []token
	order  Order
	items  []item

	marks              // of the whole text
	waiting      marks // for the next item
	julian       bool  // a word for it was met anywhere in the text
	ambiguous    bool  // numbers were met that have two readings
	byConvention bool  // an end is where a convention puts it (ByConvention)
	paired       bool  // a month or a season stands beside the numbers that are being read, so 1640/41 is one year
}

func (r *reader) read() (Date, bool) {
	if !r.scan() {
		return Date{}, false
	}
	d, ok := r.interval(r.items)
	if !ok {
		return Date{}, false
	}
	if r.julian {
		if d, ok = fromJulian(d); !ok {
			return Date{}, false
		}
	}
	if d.openFrom == closed {
		d.from.approximate = d.from.approximate || r.about
		d.from.doubtful = d.from.doubtful || r.perhaps
	}
	if d.openTo == closed {
		d.to.approximate = d.to.approximate || r.about
		d.to.doubtful = d.to.doubtful || r.perhaps
	}
	return d, !d.End().Before(d.Start())
}
