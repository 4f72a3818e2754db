package site

import (
	"strings"
	"testing"
)

// What a search finds is marked: the word, its other forms in the language of the text, words that begin so.
func TestMarked(t *testing.T) {
	for _, test := range []struct{ typed, text, language, want string }{
		{"letter", "Letters, letterhead", "en", "[Letters], [letterhead]"},
		{"letters", "A letter of Lettering", "en", "A [letter] of [Lettering]"},
		{"letters", "A letter", "sq", "A letter"},
		{"vertrages", "Die Verträge", "deu", "Die [Verträge]"},
		{"çam", "Çamëria", "", "[Çamëria]"},
		{"", "A letter", "en", "A letter"},
	} {
		var b strings.Builder
		for _, p := range soughtIn(test.typed).marked(test.text, test.language) {
			if p.Hit {
				p.Text = "[" + p.Text + "]"
			}
			b.WriteString(p.Text)
		}
		if b.String() != test.want {
			t.Errorf("%s: %s, want %s", test.typed, b.String(), test.want)
		}
	}
}
