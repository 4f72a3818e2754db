package marc

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MARC-8 is the encoding of "MARC 21 Specifications for Record Structure, Character Sets, and Exchange Media".
// All of its character sets are here: the small ones in marc8sets.go, the one of East Asian characters (EACC) in
// eacc.txt. Both were generated from the code tables that the Library of Congress publishes (codetables.xml, with
// its updates of 2004). Where these give a character of the private use area, the alternative that they name
// stands in its place.
//
// Nothing is guessed. A byte that its set does not have means that the text is in another encoding, so the
// record is refused. An East Asian code without an equivalent, one that is cut short, and a byte among such codes that can't
// be part of one become U+FFFD, one for each, as far as the codes beside it are beyond doubt.

// DecodeMARC8 is a text of MARC-8 in Unicode, in normalisation form C.
func DecodeMARC8(text []byte) (string, error) {
	out, err := MARC8(nil, text)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return string(out), nil
}

// escape begins the sequences by which MARC-8 changes its character sets.
const escape = 0x1B

// maxMarks bounds the diacritics on one letter.
const maxMarks = 16

// marc8State says which set is designated in each half of the code table.
type marc8State struct{ low, high byte }

// MARC8 is the [Decoder] of MARC-8. It appends a text in NFC: in MARC-8 a diacritic stands before its letter, in Unicode
// after it.
func MARC8(dst, text []byte) ([]byte, error) {
	start := len(dst)
	state := marc8State{low: 'B', high: 'E'}
	var marks []rune
	for i := 0; i < len(text); {
		if text[i] == escape {
			n, err := state.escape(text[i:])
			if err != nil {
				return dst, err
			}
			i += n
			continue
		}
		if n := state.eaccRun(text[i:]); n > 0 {
			dst = appendMarks(dst, &marks)
			dst = appendEACC(dst, text[i:i+n])
			i += n
			continue
		}
		c, err := state.char(text[i])
		if err != nil && state.low != eacc && state.high != eacc {
			return dst, err
		}
		if err != nil { // among East Asian codes it is damage, which costs that one character
			c = utf8.RuneError
		}
		i++
		switch {
		case c == 0:
		case isMarc8Mark(c):
			if len(marks) == maxMarks {
				return dst, fmt.Errorf("more than %d diacritics on one letter", maxMarks)
			}
			marks = append(marks, c)
		default:
			dst = utf8.AppendRune(dst, c)
			for _, m := range marks {
				dst = utf8.AppendRune(dst, m)
			}
			marks = marks[:0]
		}
	}
	dst = appendMarks(dst, &marks)
	if !norm.NFC.IsNormal(dst[start:]) {
		dst = append(dst[:start], norm.NFC.Bytes(dst[start:])...)
	}
	return dst, nil
}

// appendMarks appends diacritics that have no letter. They are kept, on a blank.
func appendMarks(dst []byte, marks *[]rune) []byte {
	if len(*marks) == 0 {
		return dst
	}
	dst = append(dst, ' ')
	for _, m := range *marks {
		dst = utf8.AppendRune(dst, m)
	}
	*marks = (*marks)[:0]
	return dst
}

// isMarc8Mark reports whether MARC-8 writes c before its letter: diacritics, and the points of Hebrew and Arabic.
func isMarc8Mark(c rune) bool {
	return c >= 0x300 && c <= 0x36F || c >= 0x5B0 && c <= 0x5C1 && c != 0x5BE && c != 0x5C0 || c == 0xFB1E || c >= 0x64B && c <= 0x652
}

// escape reads an escape sequence, and returns how many bytes it has.
func (s *marc8State) escape(text []byte) (int, error) {
	if len(text) < 2 {
		return 0, errEscapeCut
	}
	switch c := text[1]; c {
	case 'g', 'b', 'p':
		s.low = c
		return 2, nil
	case 's':
		s.low = 'B'
		return 2, nil
	case '(', ',', ')', '-':
		n := 2
		if len(text) > n && text[n] == '!' {
			n++
		}
		if len(text) <= n {
			return 0, errEscapeCut
		}
		set := text[n]
		if set != 'B' && marc8Sets[set] == nil {
			return 0, fmt.Errorf("the character set %q, which MARC-8 does not have", string(rune(set)))
		}
		s.designate(c, set)
		return n + 1, nil
	case '$':
		n := 2
		if len(text) > n && strings.IndexByte("(,)-", text[n]) >= 0 {
			n++
		}
		if len(text) <= n {
			return 0, errEscapeCut
		}
		if text[n] != eacc {
			return 0, fmt.Errorf("the character set %q of several bytes, which MARC-8 does not have", string(rune(text[n])))
		}
		s.designate(text[n-1], eacc)
		return n + 1, nil
	}
	return 0, fmt.Errorf("an escape sequence that MARC-8 does not have: ESC %q", text[1])
}

var errEscapeCut = errors.New("the text ends within an escape sequence")

// designate puts a set into the half of the code table that the intermediate character names.
func (s *marc8State) designate(intermediate, set byte) {
	if intermediate == ')' || intermediate == '-' {
		s.high = set
	} else {
		s.low = set
	}
}

// marc8Sets are the sets whose characters have one byte, except ASCII, by the last byte of their escape sequences.
var marc8Sets = map[byte]*marc8Set{'E': &ansel, 'N': &marc8Cyrillic, 'Q': &marc8ExtendedCyrillic, '2': &marc8Hebrew,
	'3': &marc8Arabic, '4': &marc8ExtendedArabic, 'S': &marc8Greek}

// char reads one character in the sets that are designated. It is 0 for a sign that has no text of its own.
func (s *marc8State) char(c byte) (rune, error) {
	set, low := s.low, c
	if c >= 0xA0 {
		set, low = s.high, c&0x7F
	} else if c >= utf8.RuneSelf {
		switch c {
		case 0x88, 0x89: // around an article that sorting leaves out
			return 0, nil
		case 0x8D:
			return 0x200D, nil
		case 0x8E:
			return 0x200C, nil
		}
		return 0, fmt.Errorf("the byte %#x, which MARC-8 does not have", c)
	}
	if low <= ' ' {
		return rune(low), nil
	}
	var r rune
	switch set {
	case 'B':
		r = rune(low)
	case 'g':
		r = map[byte]rune{'a': 'α', 'b': 'β', 'c': 'γ'}[low]
	case 'b', 'p':
		r = marc8Script(set, low)
	default:
		if table := marc8Sets[set]; table != nil {
			r = table[low]
		}
		if secondHalf := set == 'E' && (low == 0x6C || low == 0x7B); secondHalf {
			return 0, nil // the first half has become the mark for both
		}
	}
	if r == 0 {
		return 0, fmt.Errorf("the byte %#x, which this MARC-8 character set does not have", c)
	}
	return r, nil
}

func marc8Script(set, c byte) rune {
	if set == 'b' {
		if c >= '0' && c <= '9' {
			return 0x2080 + rune(c-'0')
		}
		return map[byte]rune{'(': 0x208D, ')': 0x208E, '+': 0x208A, '-': 0x208B}[c]
	}
	switch c {
	case '1':
		return 0xB9
	case '2', '3':
		return 0xB0 + rune(c-'0')
	}
	if c >= '0' && c <= '9' {
		return 0x2070 + rune(c-'0')
	}
	return map[byte]rune{'(': 0x207D, ')': 0x207E, '+': 0x207A, '-': 0x207B}[c]
}
