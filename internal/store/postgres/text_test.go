package postgres

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Whatever bytes a text has, PostgreSQL can keep it, and it is read as it was.
func TestKeepable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOf(rapid.OneOf(
			rapid.StringN(0, 5, 20),
			rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 5), func(b []byte) string { return string(b) }),
			rapid.Map(rapid.IntRange(0, 0x1FF), func(n int) string { return string(rune(0x10FE00 + n)) }),
		)).Draw(t, "parts"), "")
		kept := keepable(s)
		if !utf8.ValidString(kept) || strings.Contains(kept, "\x00") {
			t.Fatalf("%q is kept as %q", s, kept)
		}
		if got := string(asGiven([]byte(kept))); got != s {
			t.Fatalf("%q is kept as %q, and read as %q", s, kept, got)
		}
	})
}
