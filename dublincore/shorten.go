package dublincore

import "strings"

// Shorten is text for showing: at most so many bytes of it, whole characters only, and "…" if there are more. The
// rest of a long text is not looked at.
func Shorten(text string, bytes int) string {
	if len(text) <= bytes {
		return text
	}
	return strings.ToValidUTF8(text[:bytes], "") + "…"
}
