package dublincore

import (
	"errors"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore/date"
)

// The normalisers take a value as the source wrote it, and return it in its standard form. A value in its standard
// form stays as it is. Where the form differs, Original keeps what was written, and the note is Normalized,
// Repaired or ByConvention. Where the text is not understood, the value is the text as it came, the note says why, and ok is
// false. The caller sets the Term of the value.

// NormalizeDate brings a date into W3CDTF if that can say it, else into EDTF. What it understands, [date.Parse] says.
func NormalizeDate(text string, order date.Order) (v Value, note NoteKind, ok bool) {
	switch d, err := date.Parse(text, order); {
	case err == nil && isSetOfDates(text):
		return NormalizeEDTF(text)
	case err == nil:
		v, how := DateValue(d), Normalized
		if d.Approximate() && date.ByConvention(text) {
			how = ByConvention
		}
		return normalized(text, v.Text, v.Scheme, how)
	case errors.Is(err, date.ErrAmbiguous):
		return asItCame(text, Ambiguous)
	}
	return asItCame(text, NotUnderstood)
}

// isSetOfDates reports whether a date that was understood is a set in EDTF, {1960,1961-12}, which a [date.Date] holds as the
// time from its first member to its last. (One date in brackets is one that a cataloguer supplied.)
func isSetOfDates(text string) bool {
	text = strings.TrimSpace(text)
	if text == "" || text[0] != '{' && text[0] != '[' || !strings.ContainsAny(text, ",.") {
		return false
	}
	_, err := date.ParseEDTF(text)
	return err == nil
}

// NormalizeEDTF brings a date that its source declares to be in EDTF into W3CDTF if that can say it. Any other valid date
// stays as it was written: 2015-24 is a winter here, and a set of dates stays a set. What is no EDTF is not understood.
func NormalizeEDTF(text string) (v Value, note NoteKind, ok bool) {
	d, err := date.ParseEDTF(text)
	if err != nil {
		return asItCame(text, NotUnderstood)
	}
	if s, ok := d.W3CDTF(); ok {
		return normalized(text, s, "W3CDTF", Normalized)
	}
	return normalized(text, text, "EDTF", Normalized)
}

// DateValue is a date as a value: in W3CDTF if that can say it, else in EDTF.
func DateValue(d date.Date) Value {
	if s, ok := d.W3CDTF(); ok {
		return Value{Text: s, Scheme: "W3CDTF"}
	}
	return Value{Text: d.EDTF(), Scheme: "EDTF"}
}

// NormalizeLanguage brings a language into its code of ISO 639-3. The few codes of ISO 639-2 for groups of
// languages, which ISO 639-3 does not have, stay. What it understands, [ParseLanguage] says.
func NormalizeLanguage(text string) (v Value, note NoteKind, ok bool) {
	l, ok := ParseLanguage(text)
	switch {
	case !ok:
		return asItCame(text, NotUnderstood)
	case l.ISO6393 == "":
		return normalized(text, l.ISO6392, "ISO639-2", Normalized)
	}
	return normalized(text, l.ISO6393, "ISO639-3", Normalized)
}

// NormalizeType brings a type into a class of the DCMI Type Vocabulary. What it understands, [ParseType] says.
func NormalizeType(text string) (v Value, note NoteKind, ok bool) {
	t, ok := ParseType(text)
	if !ok || t.DCMI == "" {
		return asItCame(text, NotUnderstood)
	}
	return normalized(text, t.DCMI, "DCMIType", Normalized)
}

// NormalizeIdentifier brings an identifier into its usual form: a URI, or the digits of an ISBN-13 or an ISSN. What
// it understands, [ParseIdentifier] says.
func NormalizeIdentifier(text string) (v Value, note NoteKind, ok bool) {
	id, note := readIdentifier(text)
	switch {
	case note != NoNote:
		return asItCame(text, note)
	case id.URI == "":
		return normalized(text, id.Value, id.Kind.String(), Normalized)
	}
	return normalized(text, id.URI, "URI", Normalized)
}

func normalized(original, text, scheme string, note NoteKind) (Value, NoteKind, bool) {
	v := Value{Text: text, Scheme: scheme}
	if text == original {
		return v, NoNote, true
	}
	v.Original = original
	return v, note, true
}

func asItCame(text string, why NoteKind) (Value, NoteKind, bool) {
	return Value{Text: text}, why, false
}
