package date

// scanNumber reads the number at i with its suffix, or with the numbers that strokes or hyphens join to it.
// It returns how many tokens those are; 0 if they are not understood.
func (r *reader) scanNumber(i int) int {
	if n := r.scanJoined(i); n > 0 || r.ambiguous {
		return n
	}
	t := r.tokens[i]
	number := item{kind: itemNumber, n: t.number, digits: t.digits}
	used := 1
	suffix := t.text
	if suffix == "" && r.markAt(i+1, '-') && i+2 < len(r.tokens) && !r.tokens[i+2].spaced {
		// Russian 1950-е, Swedish 1950-talet.
		if word := r.tokens[i+2]; word.digits == 0 && isNumberSuffix(word.text) {
			suffix, used = word.text, 3
		}
	}
	switch suffix {
	case "":
		if p, ok := r.monthDotYear(i); ok {
			r.add(item{kind: itemPoint, p: p})
			return 3
		}
		if p, n, ok := r.scanDashes(i); ok {
			r.add(item{kind: itemPoint, p: p})
			return n
		}
		if t.digits == 8 {
			p, ok := compactDay(t.number)
			if !ok {
				return 0
			}
			r.add(item{kind: itemPoint, p: p})
			return used
		}
	case "s", "'s", "er", "ern", "е", "х", "ых", "ые", "talet", "tal", "tallet", "luvulla", "luvun", "luku":
		if t.number < 100 && (suffix == "er" || suffix == "е" || suffix == "х") {
			number.dotted = true // French 1er, Russian 7-е
			break
		}
		p, ok := decadeOf(t)
		if !ok {
			return 0
		}
		r.add(item{kind: itemPoint, p: p})
		return used
	case "u", "uu", "x", "xx":
		p, ok := incompleteYear(t.number, t.digits, len(suffix))
		if !ok {
			return 0
		}
		r.add(item{kind: itemPoint, p: p})
		return used
	case "st", "nd", "rd", "th", "re", "ere", "eme", "e", "o", "a", "°", "º", "ª", "го", "и", "я", "de", "ste", "te":
		number.dotted = true
	case "г", "r", "гг":
	default:
		return 0
	}
	r.add(number)
	return used
}

// monthDotYear reads 09.1972. (The month of 15.09.1972 has a number before it.)
func (r *reader) monthDotYear(i int) (point, bool) {
	if i+2 >= len(r.tokens) || !r.markAt(i+1, '.') || i > 1 && r.tokens[i-1].mark == '.' && r.tokens[i-2].digits > 0 {
		return point{}, false
	}
	month, year := r.tokens[i], r.tokens[i+2]
	if month.digits > 2 || month.number < 1 || month.number > 12 || year.digits != 4 || year.number == 0 || year.text != "" || year.spaced {
		return point{}, false
	}
	return monthPoint(year.number, month.number), true
}

func isNumberSuffix(word string) bool {
	switch word {
	case "е", "х", "ых", "ые", "го", "и", "я", "te", "talet", "tal", "tallet", "luvulla", "luvun", "luku":
		return true
	}
	return false
}

func (r *reader) markAt(i int, mark rune) bool {
	return i < len(r.tokens) && r.tokens[i].mark == mark && !r.tokens[i].spaced
}

// decadeOf reads 1950s as the decade. 1900s may mean the decade or the century, so it becomes the century, which
// holds both.
func decadeOf(t token) (point, bool) {
	switch {
	case t.digits != 4 || t.number%10 != 0 || t.number < 100:
		return point{}, false
	case t.number%100 == 0:
		return unspecified(t.number, Century, false), true
	}
	return unspecified(t.number, Decade, false), true
}

// incompleteYear is a year whose last digits were left open: 195u, 19uu.
func incompleteYear(number, digits, missing int) (point, bool) {
	switch {
	case digits == 3 && missing == 1:
		return unspecified(number*10, Decade, false), true
	case digits == 2 && missing == 2:
		return unspecified(number*100, Century, false), true
	}
	return point{}, false
}

// scanDashes reads what cataloguers write for a year whose last digits are not known: 195-, 19--, 195? and 19??. A
// word or a number that follows at once makes it something else.
func (r *reader) scanDashes(i int) (p point, tokens int, ok bool) {
	t := r.tokens[i]
	dashes := 0
	for r.markAt(i+1+dashes, '-') {
		dashes++
	}
	if t.digits == 3 && dashes == 0 && r.markAt(i+1, '?') {
		p, ok = incompleteYear(t.number, t.digits, 1)
		return p, 1, ok // the question mark stays, because it means doubt as well
	}
	if t.digits == 2 && dashes == 0 && r.markAt(i+1, '?') && r.markAt(i+2, '?') { // 19??: a question mark for each digit
		p, ok = incompleteYear(t.number, t.digits, 2)
		return p, 3, ok
	}
	if dashes == 0 {
		return point{}, 0, false
	}
	if after := i + 1 + dashes; after < len(r.tokens) && r.tokens[after].mark == 0 && !r.tokens[after].spaced {
		return point{}, 0, false
	}
	p, ok = incompleteYear(t.number, t.digits, dashes)
	return p, 1 + dashes, ok
}

// compactDay reads YYYYMMDD, the basic format of ISO 8601.
func compactDay(n int) (point, bool) {
	year, month, day := n/10000, n/100%100, n%100
	return dayPoint(year, month, day), year > 0 && isDay(year, month, day)
}

// scanJoined reads two or three numbers joined by strokes or hyphens without spaces.
func (r *reader) scanJoined(i int) int {
	sep := rune(0)
	group := make([]token, 0, 3)
	for j := i; len(group) < 3; j += 2 {
		if j >= len(r.tokens) || r.tokens[j].digits == 0 || r.tokens[j].text != "" || len(group) > 0 && r.tokens[j].spaced {
			break
		}
		group = append(group, r.tokens[j])
		if !r.markAt(j+1, '/') && !r.markAt(j+1, '-') || sep != 0 && r.tokens[j+1].mark != sep {
			break
		}
		sep = r.tokens[j+1].mark
	}
	switch len(group) {
	case 3:
		if r.joined3(group) {
			return 5
		}
	case 2:
		monthBefore, monthAfter := r.sideHas(isMonthItem), r.wordAt(i+3, wordMonth)
		if monthBefore && (group[0].digits <= 2 && group[1].digits == 4 || group[0].digits == 4 && monthAfter) {
			return 0 // 1957 June 7-1958 July 9, 19 Dec. 1866/1 Jan. 1867
		}
		r.paired = monthBefore || monthAfter || r.sideHas(isSeasonItem) || r.wordAt(i+3, wordSeason)
		if r.joined2(group) {
			return 3
		}
	}
	return 0
}

// wordAt reports whether the token at i begins a word of that kind.
func (r *reader) wordAt(i int, kind wordKind) bool {
	if i >= len(r.tokens) || r.tokens[i].digits > 0 || r.tokens[i].mark != 0 {
		return false
	}
	word, n := dateWordAt(r.tokens, i)
	return n > 0 && word.kind == kind
}

func (r *reader) joined3(g []token) bool {
	a, b, c := g[0].number, g[1].number, g[2].number
	if g[1].digits > 2 {
		return false
	}
	switch {
	case g[0].digits == 4 && g[2].digits <= 2:
		return r.addDay(a, b, c)
	case g[0].digits > 2 || g[2].digits != 4:
		return false
	}
	return r.addNumericDay(a, b, c)
}

// addNumericDay adds the day that a year and two numbers in unknown order name.
func (r *reader) addNumericDay(a, b, year int) bool {
	dayFirst, monthFirst := isDay(year, b, a), isDay(year, a, b)
	switch {
	case dayFirst && (!monthFirst || a == b || r.order == DayFirst):
		return r.addDay(year, b, a)
	case monthFirst && (!dayFirst || r.order == MonthFirst):
		return r.addDay(year, a, b)
	}
	r.ambiguous = dayFirst && monthFirst
	return false
}

func (r *reader) addDay(year, month, day int) bool {
	if year == 0 || !isDay(year, month, day) {
		return false
	}
	r.add(item{kind: itemPoint, p: dayPoint(year, month, day)})
	return true
}

func (r *reader) joined2(g []token) bool {
	a, b := g[0].number, g[1].number
	plain := func(t token) item { return item{kind: itemNumber, n: t.number, digits: t.digits} }
	point := func(p point) bool {
		r.add(item{kind: itemPoint, p: p})
		return p.year != 0
	}
	switch da, db := g[0].digits, g[1].digits; {
	case da == 4 && db == 4 && b == a+1 && r.paired:
		r.add(item{kind: itemNumber, n: a, digits: 4, pair: true})
		return true
	case da == 4 && db == 4:
		r.items = append(r.items, plain(g[0]), item{kind: itemTo}, plain(g[1]))
		return true
	case da == 4 && db <= 2:
		// 1957-61, 1957/58, 1957-8: years. 1903/04 could be April 1903, which lies in the two years; 1957-4
		// is a month.
		if year, ok := laterYear(a, b, db); ok && year == a+1 && r.paired {
			r.add(item{kind: itemNumber, n: a, digits: 4, pair: true})
			return true
		} else if ok {
			r.items = append(r.items, plain(g[0]), item{kind: itemTo},
				item{kind: itemNumber, n: year, digits: 4})
			return true
		}
		return b >= 1 && b <= 12 && point(monthPoint(a, b))
	case da <= 2 && db == 4:
		return a >= 1 && a <= 12 && point(monthPoint(b, a))
	case da <= 3 && db <= 3: // days, or years of an era
		r.items = append(r.items, plain(g[0]), item{kind: itemTo}, plain(g[1]))
		return true
	}
	return false
}

// laterYear completes the year that short stands for after year: 1957, 61 is 1961.
func laterYear(year, short, digits int) (int, bool) {
	span := 10
	if digits == 2 {
		span = 100
	}
	full := year - year%span + short
	if digits == 2 && short == 0 {
		full += span // 1999/00; a month is never 00
	}
	return full, full > year
}
