package crosswalk

import (
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MARC-8 as in "MARC 21 Specifications for Record Structure, Character Sets, and Exchange Media":
// ASCII and extended Latin (ANSEL), basic Cyrillic, basic Hebrew letters, Greek symbols, sub- and
// superscripts. The sets of East Asian, Arabic, Greek and extended Cyrillic characters are refused
// by name: their records go to quarantine with their bytes, and nothing is made up.

// marc8State is which set is designated in each half of the code table.
type marc8State struct{ low, high byte }

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
	if len(marks) > 0 { // the letter is missing: they stay alone
		dst = append(dst, ' ')
	}
	for _, m := range marks {
		dst = utf8.AppendRune(dst, m)
	}
	if !norm.NFC.IsNormal(dst[start:]) {
		dst = append(dst[:start], norm.NFC.Bytes(dst[start:])...)
	}
	return dst, nil
}

func isMarc8Mark(c rune) bool { return c >= 0x300 && c <= 0x36F || c >= 0xFE20 && c <= 0xFE2F }

// escape reads an escape sequence, and says how long it is.
func (s *marc8State) escape(text []byte) (int, error) {
	if len(text) < 2 {
		return 0, fmt.Errorf("the text ends within an escape sequence")
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
			return 0, fmt.Errorf("the text ends within an escape sequence")
		}
		set := text[n]
		if set != 'B' && set != 'E' && set != 'N' && set != '2' {
			return 0, fmt.Errorf("the MARC-8 character set %q (%s) is not supported", string(rune(set)), marc8Sets[set])
		}
		if c == '(' || c == ',' {
			s.low = set
		} else {
			s.high = set
		}
		return n + 1, nil
	case '$':
		return 0, fmt.Errorf("the MARC-8 character set of East Asian characters (EACC) is not supported")
	}
	return 0, fmt.Errorf("an escape sequence that MARC-8 does not have: ESC %q", text[1])
}

var marc8Sets = map[byte]string{'Q': "extended Cyrillic", 'S': "basic Greek", '3': "basic Arabic", '4': "extended Arabic", '1': "East Asian"}

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
	case 'E':
		r = ansel[low]
	case 'N':
		r = marc8Cyrillic(low)
	case '2':
		if r = rune(low); low >= 0x60 && low <= 0x7A {
			r = 0x5D0 + rune(low) - 0x60
		}
	case 'g':
		r = map[byte]rune{'a': 'α', 'b': 'β', 'c': 'γ'}[low]
	case 'b', 'p':
		r = marc8Script(set, low)
	}
	if r == 0 {
		return 0, fmt.Errorf("the byte %#x, which this MARC-8 character set does not have", c)
	}
	return r, nil
}

// marc8Cyrillic is the order of KOI.
func marc8Cyrillic(c byte) rune {
	if c < 0x40 {
		return rune(c)
	}
	letters := []rune("юабцдефгхийклмнопярстужвьызшэщчъЮАБЦДЕФГХИЙКЛМНОПЯРСТУЖВЬЫЗШЭЩЧЪ")
	return letters[c-0x40]
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

// ansel is extended Latin, by the lower seven bits.
var ansel = [128]rune{
	0x21: 'Ł', 'Ø', 'Đ', 'Þ', 'Æ', 'Œ', 'ʹ', '·', '♭', '®', '±', 'Ơ', 'Ư', 'ʼ',
	0x30: 'ʻ', 'ł', 'ø', 'đ', 'þ', 'æ', 'œ', 'ʺ', 'ı', '£', 'ð',
	0x3C: 'ơ', 'ư',
	0x40: '°', 'ℓ', '℗', '©', '♯', '¿', '¡', 'ß', '€',
	0x60: 0x309, 0x300, 0x301, 0x302, 0x303, 0x304, 0x306, 0x307, 0x308, 0x30C, 0x30A, 0xFE20, 0xFE21, 0x315, 0x30B, 0x310,
	0x70: 0x327, 0x328, 0x323, 0x324, 0x325, 0x333, 0x332, 0x326, 0x31C, 0x32E, 0xFE22, 0xFE23,
	0x7E: 0x313,
}
