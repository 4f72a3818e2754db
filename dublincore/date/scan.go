package date

import (
	"slices"
	"strings"
)

// An itemKind says what one or more tokens mean in a date.
type itemKind uint8

const (
	itemNumber itemKind = iota
	itemMonth
	itemSeason
	itemCentury // the word
	itemDecade  // the word
	itemPoint   // a whole date
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
	itemPart // n is a part's code
)

type item struct {
	kind    itemKind
	n       int // number, month, or season
	digits  int
	dotted  bool // the number is an ordinal: a full stop or an ending such as "th" follows
	isRoman bool
	pair    bool  // a year and the next: 1640/41
	bc      bool  // of an era
	p       point // of an itemPoint
	marks
}

// marks are what is said of a date beside it: that it is only near the truth, and that it is in doubt.
type marks struct{ about, perhaps bool }

func (m *marks) add(more marks) {
	m.about, m.perhaps = m.about || more.about, m.perhaps || more.perhaps
}

// add adds an item. A mark that waits is its own, unless it only stands between two dates.
func (r *reader) add(i item) {
	if i.kind <= itemEra {
		i.marks, r.waiting = r.waiting, marks{}
	}
	r.items = append(r.items, i)
}

// mark takes a mark: of the whole if nothing stands before it ("ca. 1650-1700"), else of what it follows (1650?) or of what
// comes next ("1921 - circa 1970s").
func (r *reader) mark(m marks, follows bool) {
	last := len(r.items) - 1
	switch {
	case last < 0:
		r.marks.add(m)
	case follows && r.items[last].kind <= itemEra:
		r.items[last].marks.add(m)
	default:
		r.waiting.add(m)
	}
}

// scan turns all tokens into items. It is false if one is not understood.
func (r *reader) scan() bool {
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
	if len(r.items) == 0 {
		return false
	}
	r.items[len(r.items)-1].marks.add(r.waiting) // "1957 approx."
	return true
}

func (r *reader) scanMark(i int) int {
	t := &r.tokens[i]
	switch t.mark {
	case '?':
		r.mark(marks{perhaps: true}, true)
	case '~', '±':
		r.mark(marks{about: true}, !t.spaced && t.mark == '~')
	case '%':
		r.mark(marks{true, true}, true)
	case '.':
		if last := len(r.items) - 1; last >= 0 && !t.spaced && i > 0 && r.tokens[i-1].digits > 0 {
			r.items[last].dotted = true
		}
	case '–', '-', '/':
		if t.mark != '-' || !r.isJoint(i) {
			r.add(item{kind: itemTo})
		}
	case '&':
		r.add(item{kind: itemAnd})
	case ']', ')':
		r.close(i)
	case ',', '[', '(', '©', '℗', '"', '\'', '<', '>', '«', '»', '“', '”':
	default:
		return 0
	}
	return 1
}

// close ends a pair of brackets. A mark in them is of what they hold, if there are other dates behind: [ca. 1880]-1890.
func (r *reader) close(i int) {
	behind := slices.ContainsFunc(r.tokens[i:], func(t token) bool { return t.digits > 0 })
	if opens := r.tokens[0].mark; behind && len(r.items) > 0 && (opens == '[' || opens == '(') {
		r.items[len(r.items)-1].marks.add(r.marks)
		r.marks = marks{}
	}
}

// isJoint reports whether the hyphen at i joins the parts of one date: 3-Apr-1957, mid-1950s, mid-19th,
// 19th-century. If what follows is a part that the date has already, the hyphen stands between two dates:
// 1957 June 7-July 9.
func (r *reader) isJoint(i int) bool {
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
		return word.kind == wordSkipped || word.kind == wordParted
	case before.digits == 0 && after.digits == 0:
		was, _ := dateWordAt(r.tokens, i-1)
		next, _ := dateWordAt(r.tokens, i+1)
		return was.kind == wordTo || next.kind == wordTo // mid-to-late
	}
	return false
}

// sideHas reports whether the date that is being read has such an item already. An item that means "to" ends a date.
func (r *reader) sideHas(is func(*item) bool) bool {
	for i := len(r.items) - 1; i >= 0 && !isTo(&r.items[i]); i-- {
		if is(&r.items[i]) {
			return true
		}
	}
	return false
}

func isMonthItem(i *item) bool  { return i.kind == itemMonth }
func isSeasonItem(i *item) bool { return i.kind == itemSeason }
func isYearItem(i *item) bool {
	return i.kind == itemNumber && i.digits == 4 || i.kind == itemPoint
}

// scanWord reads the longest known phrase at i, and returns how many tokens it has; 0 if it is not understood.
func (r *reader) scanWord(i int) int {
	word, n := dateWordAt(r.tokens, i)
	if word.kind == noWord || n == 1 {
		if n, ok := r.scanRoman(i); ok {
			return n
		}
	}
	if n == 0 {
		if year := romanYear(r.tokens[i].text); year > 0 {
			r.add(item{kind: itemNumber, n: year, digits: 4})
			return 1
		}
		if q := i + 1; r.tokens[i].text == "q" && q < len(r.tokens) && !r.tokens[q].spaced && r.tokens[q].digits == 1 && r.tokens[q].number >= 1 && r.tokens[q].number <= 4 {
			r.add(item{kind: itemSeason, n: 32 + r.tokens[q].number})
			return 2
		}
		// Russian в. and Polish w. are "century" behind its number, else "in".
		if text := r.tokens[i].text; text != "в" && text != "w" {
			return 0
		} else if r.afterOrdinal() {
			r.add(item{kind: itemCentury})
		}
		return 1
	}
	switch word.kind {
	case wordMonth:
		r.add(item{kind: itemMonth, n: int(word.n)})
	case wordSeason:
		r.add(item{kind: itemSeason, n: int(word.n)})
	case wordCentury:
		r.add(item{kind: itemCentury})
	case wordDecade:
		r.add(item{kind: itemDecade})
	case wordAbout:
		if r.tokens[i].text == "c" && r.afterOrdinal() {
			r.add(item{kind: itemCentury}) // 19th c.
			break
		}
		if r.markAt(i+1, ')') && i > 0 && r.tokens[i-1].mark == '(' {
			break // (c) is the sign of copyright, as typewriters had it
		}
		r.mark(marks{about: true}, false)
	case wordPerhaps:
		r.mark(marks{perhaps: true}, false)
	case wordJulian:
		r.julian = true
	case wordBC, wordAD:
		r.add(item{kind: itemEra, bc: word.kind == wordBC})
	case wordTo, wordUntil, wordFrom, wordSince, wordBefore, wordAfter, wordBetween, wordAnd, wordOr:
		r.add(item{kind: itemTo + itemKind(word.kind-wordTo)}) // the two lists run in parallel
	case wordOrdinal:
		r.add(item{kind: itemNumber, n: int(word.n), digits: 2, dotted: true})
	case wordPart:
		r.add(item{kind: itemPart, n: r.partCode(int(word.n))})
	case wordParted:
		r.add(item{kind: itemPart, n: int(word.n)})
	case wordNow:
		r.add(item{kind: itemNow})
	case wordSkipped:
		if r.tokens[i].text == "d" && r.nextDigits(i+1) == 4 {
			return 0 // "d. 1960" tells when somebody died; "d. 7. Juni" is the German article
		}
	default:
		return 0
	}
	return n
}

// nextDigits is how many digits the token at i has. Full stops at i are passed over.
func (r *reader) nextDigits(i int) int {
	for i < len(r.tokens) && r.tokens[i].mark == '.' {
		i++
	}
	if i == len(r.tokens) {
		return 0
	}
	return r.tokens[i].digits
}

// scanRoman reads a Roman numeral: a month between numbers (7.VI.1960), or a century (XIX). A single letter
// may be a word as well, so it is read as a numeral only beside a number or a word for a century.
func (r *reader) scanRoman(i int) (int, bool) {
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
	r.add(item{kind: itemNumber, n: n, isRoman: true})
	return 1, true
}

// besideNumber reports whether a number or a word for a century stands before or after the token at i.
func (r *reader) besideNumber(i int) bool {
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

func (r *reader) afterOrdinal() bool {
	if len(r.items) == 0 {
		return false
	}
	last := r.items[len(r.items)-1]
	return last.kind == itemNumber && last.digits < 3 && (last.dotted || last.isRoman)
}
