package wording

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLine(t *testing.T) {
	for in, want := range map[string]string{
		" plain ":                      "plain",
		"two\n\t lines":                "two lines",
		"\x1b[31mred\x1b[0m":           "[31mred[0m",
		"a\u202eb\u2066c\ufeffd\u2028": "abcd",
		"bad \xff byte":                "bad \uFFFD byte",
		"東の灯台":                         "東の灯台",
	} {
		if got := Line(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := ClipLine("東の灯台 is the east", 5); got != "東の灯台…" {
		t.Errorf("clipped: %q", got)
	}
}

func FuzzLine(f *testing.F) {
	f.Add("a\x1b[2J\u202e\r\n b")
	f.Fuzz(func(t *testing.T, s string) {
		got := Line(s)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, unseen) {
			t.Errorf("%q becomes %q", s, got)
		}
		if again := Line(got); again != got {
			t.Errorf("%q becomes %q and then %q", s, got, again)
		}
		if n := utf8.RuneCountInString(ClipLine(s, 10)); n > 11 {
			t.Errorf("%q is clipped to %d characters", s, n)
		}
	})
}
