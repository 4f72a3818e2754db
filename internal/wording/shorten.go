package wording

import (
	"slices"
	"strings"
)

// Shorten is s for showing: at most so many bytes of it, whole characters only, and "…" if there are more. The
// rest of a long text is not looked at.
func Shorten(s string, bytes int) string {
	if len(s) <= bytes {
		return s
	}
	return strings.ToValidUTF8(s[:bytes], "") + "…"
}

// AddOnce adds a sentence to a list that does not have it yet, so that a reader is told each thing once.
func AddOnce(list []string, sentence string) []string {
	if slices.Contains(list, sentence) {
		return list
	}
	return append(list, sentence)
}
