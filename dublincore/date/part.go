package date

// A part is some of a century, a decade or a year: the second half, the early part. The zero part is the whole.
type part struct {
	of, which int  // the second of four
	vague     bool // it has no ends but those that a convention gives it: early, middle and late are a third each
}

// vagueParts stands in the code of a part for "how many there are", where nobody said.
const vagueParts = 9

func partOf(code int) part {
	p := part{of: code / 10, which: code % 10}
	if p.of == vagueParts {
		p.of, p.vague = 3, true
	}
	return p
}

// partCode is the code of the part that a word such as "half" names with the ordinal before it, which is taken from the items.
// A half without an ordinal is the middle: Czech "polovina 19. století". The code is 0 if there is no such part.
func (r *reader) partCode(of int) int {
	if last := len(r.items) - 1; last >= 0 && r.items[last].kind == itemNumber && (r.items[last].digits < 3 || r.items[last].isRoman) {
		which := r.items[last].n
		r.items = r.items[:last]
		if which < 1 || which > of {
			return 0
		}
		return 10*of + which
	}
	if of == 2 {
		return 10*vagueParts + 2
	}
	return 0
}

// ends are the two ends of a side: of its part, if it names one.
//
// Of a century any part can be said as years, of a year as EDTF's halves, thirds and quarters, of a decade the halves. Else the
// whole stands for its part, and so it does for the early or late part of a decade or a year.
func (s *side) ends(r *reader) (from, to point, ok bool) {
	p, ok := s.point(r.julian)
	switch part := s.part; {
	case !ok || part.of == 0:
	case s.century > 0:
		r.byConvention = r.byConvention || part.vague
		first := 100*s.century - 99
		if s.era < 0 {
			first = 1 - 100*s.century
		}
		from, to = part.years(first, 100)
		return from, to, true
	case part.vague:
	case p.prec == Year:
		p = point{year: p.year, prec: Season, month: uint8([...]int{2: 39, 3: 36, 4: 32}[part.of] + part.which)}
	case p.prec == Decade && part.of == 2:
		first, _ := p.years()
		from, to = part.years(first, 10)
		return from, to, true
	}
	return p, p, ok
}

// years are the first and the last year of the part of so many years.
func (p part) years(first, of int) (from, to point) {
	from, to = yearPoint(first+of*(p.which-1)/p.of), yearPoint(first+of*p.which/p.of-1)
	from.approximate, to.approximate = p.vague, p.vague
	return from, to
}

// completeParts gives a side that says nothing but which part it is what the other side says: "early to mid 19th century",
// "1st-2nd quarter of the 19th century".
func completeParts(a, b *side) {
	which := func(s, other *side) part {
		number := side{lone: s.lone, loneDigits: s.loneDigits, loneRoman: s.loneRoman}
		switch {
		case s.part.of > 0 && *s == side{part: s.part}:
			return s.part
		case s.lone > 0 && *s == number && !other.part.vague && s.lone < other.part.which:
			return part{of: other.part.of, which: s.lone}
		}
		return part{}
	}
	if part := which(a, b); part.of > 0 {
		*a = *b
		a.part = part
	} else if part := which(b, a); part.of > 0 {
		*b = *a
		b.part = part
	}
}
