package xmlscan

import (
	"strings"
	"unicode/utf8"
)

// Clean is s without what XML 1.0 forbids, and without white space around it. Bytes that are not UTF-8 become U+FFFD. If
// nothing is wrong, it is a part of s and not a copy.
func Clean(s string) string {
	if !IsClean(s) {
		s = strings.Map(func(r rune) rune {
			if !IsChar(r) {
				return -1
			}
			return r
		}, s)
	}
	return strings.TrimSpace(s)
}

// IsClean reports whether s is UTF-8 that XML 1.0 allows.
func IsClean(s string) bool {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !IsChar(r) || r == utf8.RuneError && n == 1 {
			return false
		}
		i += n
	}
	return true
}

// IsLanguage reports whether the schemas allow tag in xml:lang (xs:language).
func IsLanguage(tag string) bool {
	run, first := 0, true
	for i := 0; i < len(tag); i++ {
		c := tag[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		switch {
		case letter || !first && c >= '0' && c <= '9':
			if run++; run > 8 {
				return false
			}
		case c == '-' && run > 0:
			run, first = 0, false
		default:
			return false
		}
	}
	return run > 0
}
