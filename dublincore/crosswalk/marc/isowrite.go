package marc

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// What the numbers of ISO 2709 can say.
const (
	maxISOField  = 9_999  // bytes of a field, with its end mark
	maxISORecord = 99_999 // bytes of a record
)

// AppendISO2709 appends the record in ISO 2709, in UTF-8. The leader gets the lengths and the marks that the form
// demands; its other positions stay. A data field without subfields is left out, because ISO 2709 cannot tell it
// from a control field.
//
// The error wraps [ErrTooLarge] if a field has more than 9,999 bytes or the record more than 99,999, which MARCXML
// can hold; or [ErrMalformed] as in [Record.AppendMARCXML]. Then dst is returned as it was.
func (r *Record) AppendISO2709(dst []byte) ([]byte, error) {
	return r.appendRecord(dst, 'a', fitsISO, func(dst []byte, text string) []byte { return append(dst, text...) })
}

// appendRecord appends the record with its texts, which must be good, as encode writes them. The mark in the leader
// names the encoding.
func (r *Record) appendRecord(dst []byte, mark byte, good func(string) bool, encode func(dst []byte, text string) []byte) ([]byte, error) {
	if err := r.check(good); err != nil {
		return dst, err
	}
	var directory, body []byte
	for i := range r.Fields {
		f, start := &r.Fields[i], len(body)
		if !f.IsControl() && len(f.Subfields) == 0 {
			continue
		}
		var err error
		if body, err = f.appendISO(body, encode); err != nil {
			return dst, fmt.Errorf("%w: field %s of the MARC record: %w", ErrMalformed, f.Tag, err)
		}
		if n := len(body) - start; n > maxISOField {
			return dst, fmt.Errorf("%w: field %s of the MARC record has %d bytes, ISO 2709 has room for %d; write MARCXML", ErrTooLarge, f.Tag, n, maxISOField)
		}
		directory = fmt.Appendf(directory, "%s%04d%05d", f.Tag, len(body)-start, start)
	}
	if len(body) == 0 {
		return dst, fmt.Errorf("%w: the MARC record has no fields", ErrMalformed)
	}
	base := leaderLength + len(directory) + 1
	whole := base + len(body) + 1
	if whole > maxISORecord {
		return dst, fmt.Errorf("%w: the MARC record has %d bytes, ISO 2709 has room for %d; write MARCXML", ErrTooLarge, whole, maxISORecord)
	}
	dst = appendLeader(slices.Grow(dst, whole), r.Leader, mark, whole, base)
	dst = append(append(dst, directory...), fieldEnd)
	return append(append(dst, body...), recordEnd), nil
}

const leaderLength = 24

// appendLeader appends a leader with the positions that ISO 2709 computes: the length of the record (00-04), the
// encoding (09: a is UTF-8, a blank MARC-8), the numbers of indicators and of signs of a code (10-11), where the fields begin
// (12-16), and the form of the directory (20-23).
func appendLeader(dst []byte, leader string, mark byte, whole, base int) []byte {
	l := asciiOnly([]byte((leader + strings.Repeat(" ", leaderLength))[:leaderLength]))
	return fmt.Appendf(dst, "%05d%s%c22%05d%s4500", whole, l[5:9], mark, base, l[17:20])
}

func (f *Field) appendISO(dst []byte, encode func(dst []byte, text string) []byte) ([]byte, error) {
	if f.IsControl() {
		return append(encode(dst, f.Data), fieldEnd), nil
	}
	if f.Tag[:2] == "00" {
		return dst, errors.New("it has subfields, which the fields from 001 to 009 cannot have")
	}
	dst = append(dst, indicator(f.Ind1), indicator(f.Ind2))
	for _, s := range f.Subfields {
		dst = encode(append(dst, subfieldStart, s.Code), s.Text)
	}
	return append(dst, fieldEnd), nil
}

// fitsISO reports whether text can stand in a field: it is UTF-8, without the marks of ISO 2709 and without the
// escape by which MARC-8 is known.
func fitsISO(text string) bool {
	return utf8.ValidString(text) && strings.IndexFunc(text, func(r rune) bool { return r >= escape && r <= subfieldStart }) < 0
}
