package wording

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestShorten(t *testing.T) {
	for _, test := range []struct {
		text  string
		bytes int
		want  string
	}{
		{"short", 5, "short"},
		{"longer", 5, "longe…"},
		{"ëë", 4, "ëë"},
		{"ëëë", 5, "ëë…"},
		{"", 5, ""},
	} {
		if got := Shorten(test.text, test.bytes); got != test.want {
			t.Errorf("%q to %d bytes is %q, want %q", test.text, test.bytes, got, test.want)
		}
	}
}

func TestNearest(t *testing.T) {
	words := []string{"title", "creator", "timeout", "every"}
	for word, want := range map[string]string{
		"titel": "title", "TITLE": "title", "creater": "creator", "time": "timeout", "evry": "every", "dc:title": "title", "dc:": "",
		"publisher": "", "": "", "x": "", strings.Repeat("title", 20): "",
	} {
		if got := Nearest(word, words); got != want {
			t.Errorf("%q is taken for %q, want %q", word, got, want)
		}
	}
	if got := Nearest("x", []string{"y"}); got != "" {
		t.Errorf("x is taken for %q", got)
	}
}

func TestAddOnce(t *testing.T) {
	var list []string
	for _, s := range []string{"a", "b", "a"} {
		list = AddOnce(list, s)
	}
	if !slices.Equal(list, []string{"a", "b"}) {
		t.Errorf("the list is %q", list)
	}
}

// Both forms are JSON and say the same; that for web pages is the very form of encoding/json, for what encoding/json
// writes in a short way.
func TestAppendJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
			rapid.StringOf(rapid.SampledFrom([]rune("a\"\\<>&\x7f\x00\n\r\t\u2028\u2029\ufffd")))).Draw(t, "text")
		want := ""
		for i := 0; i < len(s); { // strings.ToValidUTF8 makes one U+FFFD of a run of bytes, JSON one of each
			r, n := utf8.DecodeRuneInString(s[i:])
			want += string(r)
			i += n
		}
		for name, b := range map[string][]byte{"plain": AppendJSON([]byte("["), s), "for HTML": AppendJSONForHTML([]byte("["), s)} {
			var got []string
			if err := json.Unmarshal(append(b, ']'), &got); err != nil || got[0] != want {
				t.Fatalf("%s: %q is written as %s and read as %q: %v", name, s, b, got, err)
			}
			if name == "for HTML" && strings.ContainsAny(string(b), "<>&\x7f\u2028\u2029") {
				t.Fatalf("%q is written as %s", s, b)
			}
		}
	})
}
