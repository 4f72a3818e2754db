package date

// interval makes a Date of items: of one date, of two with a word or a dash between them, or of one with an open end.
func (r *reader) interval(items []item) (Date, bool) {
	if items[0].kind == itemAnd && len(items) > 1 {
		items = items[1:] // Dutch "en" is "and"; French and Spanish "en 1957" is "in"
	}
	switch items[0].kind {
	case itemBefore, itemUntil:
		_, to, ok := r.whole(items[1:])
		return Date{openFrom: open, to: to}, ok
	case itemAfter:
		from, _, ok := r.whole(items[1:])
		return Date{from: from, openTo: open}, ok
	case itemSince:
		if indexItem(items, isTo) < 0 {
			from, _, ok := r.whole(items[1:])
			return Date{from: from, openTo: open}, ok
		}
		items = items[1:]
	case itemBetween:
		and := indexItem(items, func(i *item) bool { return i.kind == itemAnd || isTo(i) })
		if and < 0 {
			return Date{}, false
		}
		return r.between(items[1:and], items[and+1:])
	}
	if at := indexItem(items, isTo); at >= 0 {
		return r.between(items[:at], items[at+1:])
	}
	if at := indexItem(items, func(i *item) bool { return i.kind == itemAnd }); at > 0 {
		return r.between(items[:at], items[at+1:])
	}
	if at := indexItem(items, func(i *item) bool { return i.kind == itemOr }); at > 0 {
		r.perhaps = true
		return r.between(items[:at], items[at+1:])
	}
	from, to, ok := r.whole(items)
	return Date{from: from, to: to}, ok
}

func isTo(i *item) bool { return i.kind == itemTo || i.kind == itemUntil }

func indexItem(items []item, is func(*item) bool) int {
	for i := range items {
		if is(&items[i]) {
			return i
		}
	}
	return -1
}

// between makes a Date of two sides. Each may leave out what the other says: "7-9 June 1960", "1957 April-May",
// "18th-19th century".
func (r *reader) between(left, right []item) (Date, bool) {
	if len(right) == 1 && right[0].kind == itemNow {
		right = nil
	}
	switch {
	case len(left) == 0 && len(right) == 0:
		return Date{}, false
	case len(right) == 0:
		from, _, ok := r.whole(left)
		return Date{from: from, openTo: open}, ok
	case len(left) == 0:
		_, to, ok := r.whole(right)
		return Date{openFrom: open, to: to}, ok
	}
	a, ok := r.side(left)
	if !ok {
		return Date{}, false
	}
	b, ok := r.side(right)
	if !ok || !a.complete(&b) {
		return Date{}, false
	}
	besideDecade(&a, &b)
	from, _, ok := a.ends(r)
	if !ok {
		return Date{}, false
	}
	_, to, ok := b.ends(r)
	return Date{from: from.marked(left), to: to.marked(right)}, ok
}

// besideDecade makes a decade of one side that could be a century or a decade if the other is a decade: 1900s-1920s, 1890s-1900s.
// 1800s-1920s begins with a century.
func besideDecade(a, b *side) {
	switch {
	case a.done.prec == Century && b.done.prec == Decade && a.done.year/100 == b.done.year/100:
		a.done = unspecified(int(a.done.year), Decade, false)
	case a.done.prec == Decade && b.done.prec == Century:
		b.done = unspecified(int(b.done.year), Decade, false)
	}
}

// about is the date with the mark of what is only near the truth.
func (d Date) about() Date {
	d.from.approximate, d.to.approximate = d.openFrom == closed, d.openTo == closed
	return d
}

// marked is the point with the marks of the items that it is made of.
func (p point) marked(items []item) point {
	for i := range items {
		p.approximate, p.doubtful = p.approximate || items[i].about, p.doubtful || items[i].perhaps
	}
	return p
}

// whole makes the two ends of items that leave nothing out; mostly they are equal.
func (r *reader) whole(items []item) (from, to point, ok bool) {
	s, ok := r.side(items)
	if !ok {
		return from, to, false
	}
	from, to, ok = s.ends(r)
	return from.marked(items), to.marked(items), ok
}
