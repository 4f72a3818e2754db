package wording

import (
	"strconv"
	"strings"
	"unicode"
)

// Line makes what a source wrote fit for one line of a terminal. White space becomes a blank. What can't be seen but can
// do harm is removed: control characters, and marks that turn the direction of the text.
func Line(s string) string {
	if !strings.ContainsFunc(s, unseen) {
		return strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD"))
	}
	s = strings.Map(func(r rune) rune {
		if unseen(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}

func unseen(r rune) bool {
	return unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0x2028 || r == 0x2029 || r == 0xFEFF
}

// ClipLine is [Line] shortened to at most n characters.
func ClipLine(s string, n int) string {
	s = Line(s)
	for i := range s {
		if n--; n < 0 {
			return strings.TrimRight(s[:i], " ") + "…"
		}
	}
	return s
}

// Count returns "1 record" or "2 records".
func Count(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.FormatInt(n, 10) + " " + more
}
