package web

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Clean removes what can't be seen but can do harm: control characters, which become blanks, and the marks that turn the
// direction of the text around them. A page isolates each text instead of using such marks.
func Clean(s string) string {
	if !strings.ContainsFunc(s, Unseen) && utf8.ValidString(s) {
		return strings.TrimSpace(s)
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || unicode.IsControl(r):
			return ' '
		case Unseen(r):
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// Unseen reports whether a character can do harm without being seen.
func Unseen(r rune) bool {
	switch {
	case r == '\n':
		return false
	case unicode.IsControl(r):
		return true
	}
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0xFEFF
}

// Clip shortens s to at most n bytes, at the end of a word if there is one near, and reports whether it did. It never
// looks at the rest of a long text.
func Clip(s string, n int) (string, bool) {
	if len(s) <= n {
		return Clean(s), false
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	s = s[:n]
	if i := strings.LastIndexAny(s, " \n\t"); i > n-n/8 {
		s = s[:i]
	}
	return strings.TrimRight(Clean(s), " .,;:") + "…", true
}

// Clipped is [Clip] without the report.
func Clipped(s string, n int) string {
	s, _ = Clip(s, n)
	return s
}

// Count writes a number with commas between the thousands.
func Count(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// stamp writes a time for machines.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
