package oaipmh

import (
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// plain marks the bytes that can stand in text and attribute values as they are.
var plain = func() (t [256]bool) {
	for c := 0x20; c < 0x80; c++ {
		t[c] = true
	}
	for _, c := range `<>&"` {
		t[c] = false
	}
	return t
}()

// appendEscaped appends s for use as text or in a double-quoted attribute. Code points that XML 1.0
// forbids, and bytes that are not UTF-8, become U+FFFD.
func appendEscaped[T string | []byte](dst []byte, s T) []byte {
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if plain[c] {
			i++
			continue
		}
		width, replacement := 1, ""
		switch c {
		case '<':
			replacement = "&lt;"
		case '>':
			replacement = "&gt;"
		case '&':
			replacement = "&amp;"
		case '"':
			replacement = "&#34;"
		case '\t':
			replacement = "&#9;"
		case '\n':
			replacement = "&#10;"
		case '\r':
			replacement = "&#13;"
		default:
			var r rune
			r, width = decodeRune(s[i:])
			if allowed(r, width) {
				i += width
				continue
			}
			replacement = "\uFFFD"
		}
		dst = append(dst, s[start:i]...)
		dst = append(dst, replacement...)
		i += width
		start = i
	}
	return append(dst, s[start:]...)
}

func decodeRune[T string | []byte](s T) (rune, int) {
	var head [utf8.UTFMax]byte
	return utf8.DecodeRune(head[:copy(head[:], s)])
}

// allowed reports whether a decoded rune may stand in an XML 1.0 document (production 2).
func allowed(r rune, width int) bool {
	return xmlscan.IsChar(r) && (r != utf8.RuneError || width > 1)
}
