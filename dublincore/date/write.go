package date

import "strconv"

// W3CDTF is the date in the W3C's date and time format. It is false if the format cannot say the date: it has
// years from 0001 to 9999, months, days, and times with a zone, but no ranges, decades, seasons or doubts.
func (d Date) W3CDTF() (string, bool) {
	if d.IsZero() || d.IsRange() || !d.from.isW3CDTF() {
		return "", false
	}
	return string(d.from.append(nil)), true
}

// ISO8601 is the date in the form of [Date.W3CDTF], or as a range of two such dates (1957/1961). It is false if
// that cannot say the date.
func (d Date) ISO8601() (string, bool) {
	if d.openFrom != closed || d.openTo != closed || !d.from.isW3CDTF() || !d.to.isW3CDTF() {
		return "", false
	}
	return d.EDTF(), true
}

// EDTF is the date in the Extended Date/Time Format (ISO 8601-2:2019), which can say every Date. It is empty for
// the zero Date.
func (d Date) EDTF() string {
	if d.IsZero() {
		return ""
	}
	dst := make([]byte, 0, 32)
	if !d.IsRange() {
		return string(d.from.append(dst))
	}
	dst = append(d.from.appendEnd(dst, d.openFrom), '/')
	return string(d.to.appendEnd(dst, d.openTo))
}

// String is the same as [Date.EDTF].
func (d Date) String() string { return d.EDTF() }

func (p point) isW3CDTF() bool {
	if p.approximate || p.doubtful || p.year < 1 || p.year > 9999 {
		return false
	}
	switch p.prec {
	case Year, Month, Day:
		return true
	case Minute, Second:
		return p.zone != noZone
	}
	return false
}

func (p point) appendEnd(dst []byte, o openness) []byte {
	switch o {
	case open:
		return append(dst, '.', '.')
	case unknown:
		return dst
	}
	return p.append(dst)
}

// append writes p in EDTF.
func (p point) append(dst []byte) []byte {
	dst = p.appendYear(dst)
	switch p.prec {
	case Season, Month:
		dst = append2(append(dst, '-'), p.month)
	case Day, Minute, Second:
		dst = append2(append(dst, '-'), p.month)
		dst = append2(append(dst, '-'), p.day)
	}
	if p.prec >= Minute {
		dst = append2(append(dst, 'T'), p.hour)
		dst = append2(append(dst, ':'), p.minute)
		if p.prec == Second {
			dst = append2(append(dst, ':'), p.second)
		}
		dst = p.appendZone(dst)
	}
	switch {
	case p.approximate && p.doubtful:
		dst = append(dst, '%')
	case p.approximate:
		dst = append(dst, '~')
	case p.doubtful:
		dst = append(dst, '?')
	}
	return dst
}

func (p point) appendYear(dst []byte) []byte {
	year := int(p.year)
	if year > 9999 || year < -9999 {
		dst = append(dst, 'Y')
	}
	if year < 0 || p.negative {
		dst = append(dst, '-')
		year = -year
	}
	digits := strconv.Itoa(year)
	for n := len(digits); n < 4; n++ {
		dst = append(dst, '0')
	}
	dst = append(dst, digits...)
	switch p.prec {
	case Decade:
		dst[len(dst)-1] = 'X'
	case Century:
		dst[len(dst)-1], dst[len(dst)-2] = 'X', 'X'
	}
	return dst
}

func (p point) appendZone(dst []byte) []byte {
	zone := int(p.zone)
	switch {
	case zone == noZone:
		return dst
	case zone == 0:
		return append(dst, 'Z')
	case zone < 0:
		dst, zone = append(dst, '-'), -zone
	default:
		dst = append(dst, '+')
	}
	dst = append2(dst, uint8(zone/60))
	return append2(append(dst, ':'), uint8(zone%60))
}

// append2 writes n, below 100, as two digits.
func append2(dst []byte, n uint8) []byte { return append(dst, '0'+n/10, '0'+n%10) }
