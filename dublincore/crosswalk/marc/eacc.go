package marc

import (
	"bytes"
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

// appendEACC appends a run of East Asian codes. If one of them is cut short, U+FFFD stands for all codes since
// the last blank: a byte is missing somewhere among them, so each of them may be wrong.
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

// eaccRune is the character of an East Asian code; U+FFFD if the code has none.
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
