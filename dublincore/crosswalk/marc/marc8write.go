package marc

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// EncodeMARC8 writes a text in MARC-8, for systems that read nothing else. [DecodeMARC8] makes the same text of it,
// in normalisation form C. A character that MARC-8 does not have becomes a reference such as &#x10D0; which is how
// MARC 21 wants it; [Parse] reads references, and so does every system that knows that rule. A text that is not
// UTF-8, or has one of the marks of ISO 2709 or U+0000, is an error.
func EncodeMARC8(text string) ([]byte, error) {
	if !fitsMARC8(text) {
		return nil, fmt.Errorf("%w: %.80q has characters that cannot be written", ErrMalformed, text)
	}
	return appendAsMARC8(nil, text), nil
}

// AppendMARC8 appends the record in ISO 2709 as [Record.AppendISO2709] does, but in MARC-8 instead of UTF-8.
// [EncodeMARC8] says what becomes of characters that MARC-8 does not have.
func (r *Record) AppendMARC8(dst []byte) ([]byte, error) {
	out, err := r.appendRecord(dst, ' ', fitsMARC8, appendAsMARC8)
	if err == nil && looksLikeUTF8(out[len(dst):]) {
		// Readers that look at the bytes before the leader, as this package does, would take it for UTF-8. No text
		// of UTF-8 has an escape sequence.
		return r.appendRecord(dst, ' ', fitsMARC8, appendMarked)
	}
	return out, err
}

// fitsMARC8 reports whether text can be written. Readers of MARC-8 pass over the character U+0000.
func fitsMARC8(text string) bool { return fitsISO(text) && strings.IndexByte(text, 0) < 0 }

func looksLikeUTF8(record []byte) bool { return !isASCII(record) && utf8.Valid(record) }

// appendMarked appends a text in MARC-8, with an escape sequence that changes nothing if it is not plain ASCII.
func appendMarked(dst []byte, text string) []byte {
	if !isASCII([]byte(text)) {
		dst = append(dst, escape, '(', 'B')
	}
	return appendAsMARC8(dst, text)
}

// appendAsMARC8 appends a text, which must be UTF-8, in MARC-8. It begins and ends in ASCII.
func appendAsMARC8(dst []byte, text string) []byte {
	w := marc8Writer{out: dst, set: 'B'}
	for text = norm.NFC.String(text); text != ""; {
		n := norm.NFC.NextBoundaryInString(text, true)
		w.letter([]rune(text[:n]))
		text = text[n:]
	}
	w.designate('B')
	return w.out
}

// A marc8Writer writes MARC-8. The upper half of the code table always has extended Latin, as at the start of a
// text; the lower half changes.
type marc8Writer struct {
	out  []byte
	set  byte // in the lower half
	half byte // the second half of a ligature or of a double tilde, which stands before the next letter
}

// letter writes a letter with its diacritics, which MARC-8 writes first. What it lacks follows as references.
func (w *marc8Writer) letter(runes []rune) {
	half := w.half
	w.half = 0
	base, marks := runes[0], runes[1:]
	at, ok := w.find(base)
	if !ok {
		// The letter as one character is unknown; the letter and its diacritic may be there apart.
		apart := []rune(norm.NFD.String(string(runes)))
		base, marks = apart[0], apart[1:]
		at, ok = w.find(base)
	}
	if !ok || isMarc8Mark(base) {
		w.behind(runes)
		return
	}
	if half != 0 {
		w.out = append(w.out, half)
	}
	n := 0
	for n < min(len(marks), maxMarks) && w.mark(marks[n], at) {
		n++
	}
	w.write(at)
	w.behind(marks[n:])
}

// mark writes a diacritic before its letter, if MARC-8 can have it there.
func (w *marc8Writer) mark(r rune, letter marc8Place) bool {
	at, ok := w.find(r)
	if !ok || !isMarc8Mark(r) || letter.set == eacc {
		return false
	}
	w.write(at)
	switch r {
	case 0x361:
		w.half = 0xEC
	case 0x360:
		w.half = 0xFB
	}
	return true
}

// behind writes what stands in its own place: characters that are no diacritics, and references for all others.
func (w *marc8Writer) behind(runes []rune) {
	for _, r := range runes {
		if at, ok := w.find(r); ok && !isMarc8Mark(r) {
			w.write(at)
			continue
		}
		w.designate('B')
		w.out = fmt.Appendf(w.out, "&#x%X;", r)
	}
}

// write writes a character.
func (w *marc8Writer) write(at marc8Place) {
	switch at.set {
	case 0: // the same in every set
	case 'E':
		at.code[0] |= 0x80
	default:
		w.designate(at.set)
	}
	w.out = append(w.out, at.code[:at.length]...)
}

// designate puts a set into the lower half.
func (w *marc8Writer) designate(set byte) {
	if set == w.set {
		return
	}
	if w.set == 'b' || w.set == 'p' {
		w.out = append(w.out, escape, 's') // these two must be left before anything else
	}
	switch {
	case set == 'b' || set == 'p':
		w.out = append(w.out, escape, set)
	case set == eacc:
		w.out = append(w.out, escape, '$', set)
	case set != 'B' || w.set != 'b' && w.set != 'p':
		w.out = append(w.out, escape, '(', set)
	}
	w.set = set
}

// A marc8Place is where a character is in MARC-8: in which set, and its code there. The set 0 is every set.
type marc8Place struct {
	set    byte
	code   [3]byte
	length int
}

func placeIn(set byte, code ...byte) marc8Place {
	p := marc8Place{set: set, length: len(code)}
	copy(p.code[:], code)
	return p
}

// find says where a character is. If it is in the set that is designated, that one is it.
func (w *marc8Writer) find(r rune) (marc8Place, bool) {
	switch {
	case r <= ' ':
		return placeIn(0, byte(r)), true
	case r == 0x200D:
		return placeIn(0, 0x8D), true
	case r == 0x200C:
		return placeIn(0, 0x8E), true
	case r < utf8.RuneSelf:
		return placeIn('B', byte(r)), true
	}
	var first marc8Place
	for _, p := range marc8Places()[r] {
		if p.set == w.set {
			return p, true
		}
		if first.length == 0 {
			first = p
		}
	}
	return first, first.length > 0
}

// marc8Places are the places of all characters but those of ASCII, the best first: one of the small sets before the
// East Asian one.
var marc8Places = sync.OnceValue(func() map[rune][]marc8Place {
	places := make(map[rune][]marc8Place, 17_000)
	add := func(r rune, p marc8Place) {
		if r >= utf8.RuneSelf {
			places[r] = append(places[r], p)
		}
	}
	for _, set := range []byte("ENQ234S") {
		for code, r := range marc8Sets[set] {
			add(r, placeIn(set, byte(code)))
		}
	}
	for _, set := range []byte("bp") {
		for code := byte('!'); code < 0x7F; code++ {
			add(marc8Script(set, code), placeIn(set, code))
		}
	}
	rows := eaccRows()
	for _, pair := range slices.SortedFunc(maps.Keys(rows), func(a, b [2]byte) int { return bytes.Compare(a[:], b[:]) }) {
		for i, r := range rows[pair] {
			add(r, placeIn(eacc, pair[0], pair[1], byte(0x21+i)))
		}
	}
	return places
})
