package marc

import (
	_ "embed" // the table of East Asian characters
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// eacc is the only set whose characters have three bytes.
const eacc = '1'

// eaccRun is how many bytes at the start of text are East Asian codes, with the blanks between them.
func (s *marc8State) eaccRun(text []byte) int {
	n := 0
	for n < len(text) && text[n] != escape {
		c := text[n]
		if !(c > 0x20 && c < 0x7F && s.low == eacc || c > 0xA0 && c < 0xFF && s.high == eacc || n > 0 && c == ' ') {
			break
		}
		n++
	}
	return n
}

// appendEACC appends a run of East Asian codes. A code without a character, and one that lacks bytes, become U+FFFD.
func appendEACC(dst, text []byte) []byte {
	for len(text) > 0 {
		if text[0] == ' ' {
			dst, text = append(dst, ' '), text[1:]
			continue
		}
		n := eaccWord(text)
		word := text[:n]
		text = text[n:]
		if n%3 == 0 {
			dst = appendCodes(dst, word)
			continue
		}
		from, to := broken(word)
		dst = appendCodes(dst, word[:from])
		dst = utf8.AppendRune(dst, utf8.RuneError)
		dst = appendCodes(dst, word[to:])
	}
	return dst
}

// eaccWord is how many bytes there are up to the next blank that is not part of a code.
func eaccWord(text []byte) int {
	n := 0
	for n < len(text) && text[n] != ' ' {
		if n%3 == 0 && n+3 <= len(text) && text[n+2] == ' ' && isEACCBlank(text[n:]) {
			n += 3
		} else {
			n++
		}
	}
	return n
}

// broken finds the bytes of a word which a code that lacks bytes, or has too many, makes unreadable. From the start of the
// word the codes are right up to that place at most, and from its end back to it, because there they are read by the other
// count. Wherever both may be right, neither is believed: a code that is read from a wrong byte is another letter.
func broken(word []byte) (from, to int) {
	right, over := 0, len(word)%3
	for right+3 <= len(word) && hasEACC(word[right:]) {
		right += 3
	}
	left := len(word)
	for left >= 3 && hasEACC(word[left-3:]) {
		left -= 3
	}
	if left-over > right {
		return right, left
	}
	from = max(0, (left-over+2)/3*3)
	return from, min(len(word), right+over)
}

func hasEACC(code []byte) bool { return eaccRune(code[0], code[1], code[2]) != utf8.RuneError }

func appendCodes(dst, codes []byte) []byte {
	for ; len(codes) >= 3; codes = codes[3:] {
		dst = utf8.AppendRune(dst, eaccRune(codes[0], codes[1], codes[2]))
	}
	return dst
}

func isEACCBlank(text []byte) bool { return text[0]&0x7F == 0x21 && text[1]&0x7F == 0x23 }

// eaccRune is the character of an East Asian code; U+FFFD if the code has none.
func eaccRune(a, b, c byte) rune {
	a, b, c = a&0x7F, b&0x7F, c&0x7F
	if c == ' ' {
		return 0x3000
	}
	if row := eaccRows()[[2]byte{a, b}]; row != nil && c > ' ' && c < 0x7F && row[c-0x21] != 0 {
		return row[c-0x21]
	}
	return utf8.RuneError
}

//go:embed eacc.txt
var eaccText string

// eaccRows are the East Asian characters by the first two bytes of their codes. The file has a line for each
// such pair, in hexadecimal, with the characters for the third bytes 21 to 7E, and a blank where there is none.
var eaccRows = sync.OnceValue(func() map[[2]byte]*[94]rune {
	rows := make(map[[2]byte]*[94]rune, 1000)
	for line := range strings.Lines(eaccText) {
		pair, chars, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		code, err := strconv.ParseUint(pair, 16, 16)
		if err != nil {
			panic("marc: eacc.txt: " + err.Error())
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
