package crosswalk

import (
	"bytes"
	_ "embed" // the table of East Asian characters
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MARC-8 as in "MARC 21 Specifications for Record Structure, Character Sets, and Exchange Media", all of
// its sets: marc8sets.go has the small ones, marc8/eacc.txt that of East Asian characters (EACC). Both were
// generated from the code tables that the Library of Congress publishes (codetables.xml, with its updates of
// 2004), whose alternatives stand for what it gives to the private use area.
//
// What can't be read is never guessed. A byte that its set does not have means that the text is in
// another encoding: the record is refused. An East Asian code without an equivalent, and codes that are not
// whole, become U+FFFD, which leaves a note.

// marc8State is which set is designated in each half of the code table.
type marc8State struct{ low, high byte }

// eacc is the only set whose characters have three bytes.
const eacc = '1'

// appendMARC8 appends a text of MARC-8 in UTF-8, in NFC. In MARC-8 a diacritic stands before its letter.
func appendMARC8(dst, text []byte) ([]byte, error) {
	start := len(dst)
	state := marc8State{low: 'B', high: 'E'}
	var marks []rune
	for i := 0; i < len(text); {
		if text[i] == 0x1B {
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
		if err != nil {
			return dst, err
		}
		i++
		switch {
		case c == 0:
		case isMarc8Mark(c):
			if len(marks) == 16 {
				return dst, fmt.Errorf("more than 16 diacritics on one letter")
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

// appendMarks appends diacritics whose letter is missing: they stay, on a blank.
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

// isMarc8Mark tells the marks that MARC-8 writes before their letter: diacritics, and the points of Hebrew
// and Arabic.
func isMarc8Mark(c rune) bool {
	return c >= 0x300 && c <= 0x36F || c >= 0x5B0 && c <= 0x5C1 && c != 0x5BE && c != 0x5C0 || c == 0xFB1E || c >= 0x64B && c <= 0x652
}

// escape reads an escape sequence, and says how long it is.
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

// marc8Sets are the sets of one byte but ASCII, by the last byte of their escape sequences.
var marc8Sets = map[byte]*marc8Set{'E': &ansel, 'N': &marc8Cyrillic, 'Q': &marc8ExtendedCyrillic, '2': &marc8Hebrew,
	'3': &marc8Arabic, '4': &marc8ExtendedArabic, 'S': &marc8Greek}

// eaccRun is how many bytes from here on are East Asian codes, with the blanks between them.
func (s *marc8State) eaccRun(text []byte) int {
	n := 0
	for n < len(text) && text[n] != 0x1B {
		c := text[n]
		if !(c > 0x20 && c < 0x7F && s.low == eacc || c > 0xA0 && c < 0xFF && s.high == eacc || n > 0 && c == ' ') {
			break
		}
		n++
	}
	return n
}

// appendEACC appends a run of East Asian codes. Where they are not whole, one sign for what is lost stands
// for all since the last blank: with a byte missing somewhere, each code may be a wrong one.
func appendEACC(dst, text []byte) []byte {
	start := len(dst)
	for i := 0; i < len(text); {
		if text[i] == ' ' {
			dst = append(dst, ' ')
			i++
			start = len(dst)
			continue
		}
		if i+3 > len(text) || text[i+1] == ' ' || text[i+2] == ' ' && !isEACCBlank(text[i:]) {
			dst = utf8.AppendRune(dst[:start], utf8.RuneError)
			blank := bytes.IndexByte(text[i:], ' ')
			if blank < 0 {
				return dst
			}
			i += blank
			continue
		}
		dst = utf8.AppendRune(dst, eaccRune(text[i], text[i+1], text[i+2]))
		i += 3
	}
	return dst
}

func isEACCBlank(text []byte) bool { return text[0]&0x7F == 0x21 && text[1]&0x7F == 0x23 }

// eaccRune is the character of an East Asian code, U+FFFD if it has none.
func eaccRune(a, b, c byte) rune {
	a, b, c = a&0x7F, b&0x7F, c&0x7F
	if c == ' ' {
		return 0x3000
	}
	if row := eaccRows()[[2]byte{a, b}]; row != nil && row[c-0x21] != 0 {
		return row[c-0x21]
	}
	return utf8.RuneError
}

//go:embed marc8/eacc.txt
var eaccText string

// eaccRows has the East Asian characters by the first two bytes of their codes. The file has a line for each
// such pair, in hexadecimal, with the characters for the third bytes 21 to 7E, and blanks where there is none.
var eaccRows = sync.OnceValue(func() map[[2]byte]*[94]rune {
	rows := make(map[[2]byte]*[94]rune, 1000)
	for line := range strings.Lines(eaccText) {
		pair, chars, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		code, err := strconv.ParseUint(pair, 16, 16)
		if err != nil {
			panic("crosswalk: marc8/eacc.txt: " + err.Error())
		}
		row, i := new([94]rune), 0
		for _, r := range chars {
			if r != ' ' {
				row[i] = r
			}
			i++
		}
		rows[[2]byte{byte(code >> 8), byte(code)}] = row
	}
	return rows
})

// char reads one character by the sets in force; 0 for what has no text of its own.
func (s *marc8State) char(c byte) (rune, error) {
	set, low := s.low, c
	if c >= 0xA0 {
		set, low = s.high, c&0x7F
	} else if c >= utf8.RuneSelf {
		switch c {
		case 0x88, 0x89: // around what sorting leaves out
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
