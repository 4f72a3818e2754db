package dublincore

import "strings"

// A DateOrder says how to read a date in numbers alone, such as 03/04/1957.
type DateOrder uint8

const (
	AnyOrder   DateOrder = iota // only where one order is impossible, as in 15/04/1957
	DayFirst                    // 3 April
	MonthFirst                  // March 4
)

// ParseDate reads a date as people write it, in about twenty languages: "June 7, 1960", "April, 1957",
// "ca. 1957", "[1958?]", "1950s", "XIX век", "7.-9. Juni 1960", "44 BC", "between 1957 and 1961", "1957-61",
// "25 October (7 November) 1917", and everything that ParseW3CDTF and ParseEDTF read. At most 250 bytes.
//
// It is false for what is not wholly understood; one unknown word is enough. The interval is never
// narrower than what was written: where two readings are left, such as 1900s for the decade or the
// century, it spans both, and where that is no date any more (03/04/1957), it is not understood, unless
// order says so. Numbers between full stops (3.4.1957) are day first, as wherever they are used.
func ParseDate(text string, order DateOrder) (Interval, bool) {
	d, outcome := readDate(text, order)
	return d, outcome == dateRead
}

type dateOutcome uint8

const (
	dateUnknown dateOutcome = iota
	dateAmbiguous
	dateRead
)

func readDate(text string, order DateOrder) (Interval, dateOutcome) {
	if len(text) > maxDateText {
		return Interval{}, dateUnknown
	}
	text = strings.TrimSpace(text)
	if !isPairOfYears(text) {
		if d, ok := ParseEDTF(text); ok {
			return d, dateRead
		}
	}
	if d, ok := machineDate(text); ok {
		return d, dateRead
	}
	tokens, ok := dateTokens(plainDate(fold(text)))
	if !ok || len(tokens) == 0 {
		return Interval{}, dateUnknown
	}
	r := dateReader{tokens: tokens, order: order}
	d, ok := r.read()
	switch {
	case r.ambiguous:
		return Interval{}, dateAmbiguous
	case !ok || d.IsZero():
		return Interval{}, dateUnknown
	}
	return d, dateRead
}

// isPairOfYears tells 1921-22, which EDTF reads as the summer of 1921, but people mean as two years.
func isPairOfYears(text string) bool {
	from, rest, ok := cutDigits(text, 4)
	if !ok {
		return false
	}
	to, rest, ok := cutDashed(rest)
	return ok && rest == "" && to > from%100 && to >= 21
}

// cutLocalTime reads "1957-04-15 12:30:00", a day with a clock of unknown zone, as the day.
func cutLocalTime(text string) (Interval, bool) {
	if len(text) < 12 || text[10] != ' ' {
		return Interval{}, false
	}
	clock := strings.TrimSuffix(strings.TrimSuffix(text[11:], " UTC"), " GMT")
	if strings.Trim(clock, "0123456789:.+-Z") != "" {
		return Interval{}, false
	}
	p, ok := parsePlain(text[:10])
	return single(p), ok && p.prec == Day
}

// An itemKind is what a stretch of tokens is, one step before dates.
type itemKind uint8

const (
	itemNumber itemKind = iota
	itemMonth
	itemSeason
	itemCentury // the word
	itemDecade  // the word
	itemPoint   // all of a date
	itemEra
	itemTo
	itemUntil
	itemFrom
	itemSince
	itemBefore
	itemAfter
	itemBetween
	itemAnd
	itemOr
	itemNow
)

type dateItem struct {
	kind    itemKind
	n       int // number, month, or season
	digits  int
	dotted  bool // the number is followed by a full stop, or is an ordinal otherwise
	isRoman bool
	pair    bool  // a year and the next: 1640/41
	bc      bool  // of an era
	p       point // of a point
}

// A dateReader makes items of tokens, and dates of items.
type dateReader struct {
	tokens []dateToken
	order  DateOrder
	items  []dateItem

	about, perhaps, julian bool
	ambiguous              bool
	paired                 bool // a month or a season stands beside the numbers in hand
}

func (r *dateReader) read() (Interval, bool) {
	if !r.scan() {
		return Interval{}, false
	}
	d, ok := r.interval(r.items)
	if !ok {
		return Interval{}, false
	}
	if r.julian {
		if d, ok = fromJulian(d); !ok {
			return Interval{}, false
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

func (r *dateReader) add(i dateItem) { r.items = append(r.items, i) }

// scan makes items of all tokens; false if one is not understood.
func (r *dateReader) scan() bool {
	for i := 0; i < len(r.tokens); {
		n := 0
		switch t := &r.tokens[i]; {
		case t.digits > 0:
			n = r.scanNumber(i)
		case t.mark != 0:
			n = r.scanMark(i)
		default:
			n = r.scanWord(i)
		}
		if n == 0 {
			return false
		}
		i += n
	}
	return len(r.items) > 0
}

func (r *dateReader) scanMark(i int) int {
	t := &r.tokens[i]
	switch t.mark {
	case '?':
		r.perhaps = true
	case '~', '±':
		r.about = true
	case '%':
		r.about, r.perhaps = true, true
	case '.':
		if last := len(r.items) - 1; last >= 0 && !t.spaced && i > 0 && r.tokens[i-1].digits > 0 {
			r.items[last].dotted = true
		}
	case '–', '-', '/':
		if t.mark != '-' || !r.isJoint(i) {
			r.add(dateItem{kind: itemTo})
		}
	case '&':
		r.add(dateItem{kind: itemAnd})
	case ',', '[', ']', '(', ')', '©', '℗', '"', '\'', '<', '>', '«', '»', '“', '”':
	default:
		return 0
	}
	return 1
}

// isJoint reports whether the hyphen at i joins the parts of one date: 3-Apr-1957, mid-1950s, mid-19th,
// 19th-century. Before what the date has already, it parts two dates: 1957 June 7-July 9.
func (r *dateReader) isJoint(i int) bool {
	if i == 0 || i+1 >= len(r.tokens) || r.tokens[i].spaced || r.tokens[i+1].spaced {
		return false
	}
	before, after := &r.tokens[i-1], &r.tokens[i+1]
	switch {
	case before.mark != 0 || after.mark != 0:
		return false
	case before.digits > 0 && before.digits <= 2 && after.digits == 0:
		word, _ := dateWordAt(r.tokens, i+1)
		month := word.kind == wordMonth || word.kind == noWord && roman(after.text) > 0
		return month && !r.sideHas(isMonthItem) || word.kind == wordCentury || word.kind == wordDecade || word.kind == wordPart
	case before.digits == 0 && after.digits == 4:
		return !r.sideHas(isYearItem)
	case before.digits == 0 && after.digits > 0 && after.text != "":
		word, _ := dateWordAt(r.tokens, i-1)
		return word.kind == wordSkipped
	}
	return false
}

// sideHas reports whether there is such an item since the last that parts two dates.
func (r *dateReader) sideHas(is func(*dateItem) bool) bool {
	for i := len(r.items) - 1; i >= 0 && !isTo(&r.items[i]); i-- {
		if is(&r.items[i]) {
			return true
		}
	}
	return false
}

func isMonthItem(i *dateItem) bool  { return i.kind == itemMonth }
func isSeasonItem(i *dateItem) bool { return i.kind == itemSeason }
func isYearItem(i *dateItem) bool {
	return i.kind == itemNumber && i.digits == 4 || i.kind == itemPoint
}

// scanWord takes the longest phrase at i.
func (r *dateReader) scanWord(i int) int {
	word, n := dateWordAt(r.tokens, i)
	if word.kind == noWord || n == 1 {
		if n, ok := r.scanRoman(i); ok {
			return n
		}
	}
	if n == 0 {
		if year := romanYear(r.tokens[i].text); year > 0 {
			r.add(dateItem{kind: itemNumber, n: year, digits: 4})
			return 1
		}
		if q := i + 1; r.tokens[i].text == "q" && q < len(r.tokens) && !r.tokens[q].spaced && r.tokens[q].digits == 1 && r.tokens[q].number >= 1 && r.tokens[q].number <= 4 {
			r.add(dateItem{kind: itemSeason, n: 32 + r.tokens[q].number})
			return 2
		}
		// Russian в. and Polish w. are "century" behind its number, else "in".
		if text := r.tokens[i].text; text != "в" && text != "w" {
			return 0
		} else if r.afterOrdinal() {
			r.add(dateItem{kind: itemCentury})
		}
		return 1
	}
	switch word.kind {
	case wordMonth:
		r.add(dateItem{kind: itemMonth, n: int(word.n)})
	case wordSeason:
		r.add(dateItem{kind: itemSeason, n: int(word.n)})
	case wordCentury:
		r.add(dateItem{kind: itemCentury})
	case wordDecade:
		r.add(dateItem{kind: itemDecade})
	case wordAbout:
		if r.tokens[i].text == "c" && r.afterOrdinal() {
			r.add(dateItem{kind: itemCentury}) // 19th c.
			break
		}
		r.about = true
	case wordPerhaps:
		r.perhaps = true
	case wordJulian:
		r.julian = true
	case wordBC, wordAD:
		r.add(dateItem{kind: itemEra, bc: word.kind == wordBC})
	case wordTo, wordUntil, wordFrom, wordSince, wordBefore, wordAfter, wordBetween, wordAnd, wordOr:
		r.add(dateItem{kind: itemTo + itemKind(word.kind-wordTo)}) // the two lists run in parallel
	case wordOrdinal:
		r.add(dateItem{kind: itemNumber, n: int(word.n), digits: 2, dotted: true})
	case wordPart:
		// The second half: the whole stands for it.
		if last := len(r.items) - 1; last >= 0 && r.items[last].kind == itemNumber && (r.items[last].digits < 3 || r.items[last].isRoman) {
			r.items = r.items[:last]
		}
	case wordNow:
		r.add(dateItem{kind: itemNow})
	case wordSkipped:
		if r.tokens[i].text == "d" && r.nextDigits(i+1) == 4 {
			return 0 // "d. 1960" is who died; "d. 7. Juni" is German
		}
	default:
		return 0
	}
	return n
}

// nextDigits is how many digits the token at i or behind full stops there has.
func (r *dateReader) nextDigits(i int) int {
	for i < len(r.tokens) && r.tokens[i].mark == '.' {
		i++
	}
	if i == len(r.tokens) {
		return 0
	}
	return r.tokens[i].digits
}

// scanRoman takes a Roman numeral where one can stand: a month between numbers (7.VI.1960), or a
// century (XIX). Single letters that are words too count only beside what makes them numerals.
func (r *dateReader) scanRoman(i int) (int, bool) {
	text := r.tokens[i].text
	n := roman(text)
	if n == 0 {
		for _, ending := range []string{"e", "eme", "o"} {
			if stem, ok := strings.CutSuffix(text, ending); ok {
				n = roman(stem)
			}
			if n > 0 {
				break
			}
		}
	}
	if n == 0 || len(text) == 1 && !r.besideNumber(i) {
		return 0, false
	}
	r.add(dateItem{kind: itemNumber, n: n, isRoman: true})
	return 1, true
}

// besideNumber reports whether the token at i has a number or a word for a century on a side.
func (r *dateReader) besideNumber(i int) bool {
	next := i + 1
	for next < len(r.tokens) && (r.tokens[next].mark == '.' || r.tokens[next].mark == '/' || r.tokens[next].mark == '-') {
		next++
	}
	if next < len(r.tokens) && r.tokens[next].digits == 4 && r.tokens[i].text != "c" {
		return i > 0
	}
	word, n := dateWordAt(r.tokens, min(next, len(r.tokens)-1))
	return n > 0 && word.kind == wordCentury && next < len(r.tokens) ||
		len(r.items) > 0 && r.items[len(r.items)-1].kind == itemCentury
}

func (r *dateReader) afterOrdinal() bool {
	if len(r.items) == 0 {
		return false
	}
	last := r.items[len(r.items)-1]
	return last.kind == itemNumber && last.digits < 3 && (last.dotted || last.isRoman)
}
