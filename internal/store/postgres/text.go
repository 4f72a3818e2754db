package postgres

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// PostgreSQL keeps no zero byte in a text, and nothing that is not UTF-8. Sources may send either: in a cursor, in the key of
// an item that can't be used, in an error. A text that has such bytes, or one of the runes that stand for bytes here, is kept
// with a rune for each of these bytes, and read as it was.

// firstByte is the rune that stands for the byte 0. It and the 255 behind it are of plane 16, for private use, of which UTF-8
// begins with lead.
const (
	firstByte = 0x10FE00
	lead      = 0xF4
)

// keepable is a text in the form in which PostgreSQL keeps it.
func keepable(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 && strings.IndexByte(s, lead) < 0 {
		return s
	}
	out := make([]byte, 0, len(s)+16)
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if r == 0 || r == utf8.RuneError && n == 1 || r >= firstByte && r <= firstByte+0xFF {
			for i := range n {
				out = utf8.AppendRune(out, firstByte+rune(s[i]))
			}
		} else {
			out = append(out, s[:n]...)
		}
		s = s[n:]
	}
	return string(out)
}

// asGiven is the text of which b is the form that is kept; b itself if that is the same.
func asGiven(b []byte) []byte {
	if bytes.IndexByte(b, lead) < 0 {
		return b
	}
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r >= firstByte && r <= firstByte+0xFF {
			out = append(out, byte(r-firstByte))
		} else {
			out = append(out, b[:n]...)
		}
		b = b[n:]
	}
	return out
}
