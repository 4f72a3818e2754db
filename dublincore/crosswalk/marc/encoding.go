package marc

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// A Decoder appends a text in UTF-8. Its error says what can't be read.
type Decoder func(dst, text []byte) ([]byte, error)

// Charmap is the Decoder of an encoding with one byte for each character. A byte that the encoding does not have is an
// error.
func Charmap(m *charmap.Charmap) Decoder {
	return func(dst, text []byte) ([]byte, error) {
		for _, c := range text {
			r := m.DecodeByte(c)
			if r == utf8.RuneError {
				return dst, fmt.Errorf("the byte %#x, which %s does not have", c, m)
			}
			dst = utf8.AppendRune(dst, r)
		}
		return dst, nil
	}
}

func appendUTF8(dst, text []byte) ([]byte, error) { return append(dst, text...), nil }

// appendLossy puts U+FFFD for bytes that are not UTF-8.
func appendLossy(dst, text []byte) ([]byte, error) {
	return append(dst, bytes.ToValidUTF8(text, []byte(string(utf8.RuneError)))...), nil
}

// partlyUTF8 reads texts as UTF-8, and those that are not UTF-8 otherwise.
func partlyUTF8(otherwise Decoder) Decoder {
	return func(dst, text []byte) ([]byte, error) {
		if utf8.Valid(text) {
			return appendUTF8(dst, text)
		}
		return otherwise(dst, text)
	}
}

// mostlyUTF8 reports whether bytes that are not all UTF-8 have more characters of several bytes than bytes that are part
// of none. Then they are UTF-8 with a few damaged letters, or with a field that was copied from elsewhere: text in MARC-8
// or Latin-1 has the bytes of such a character side by side only by a rare chance, and then not more often than others.
func mostlyUTF8(b []byte) bool {
	whole, stray := 0, 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1:
			stray++
		case n > 1:
			whole++
		}
		b = b[n:]
	}
	return whole > stray
}
