package date

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold is the form of a text in which [Parse] looks up its words: in lower case, without accents, with one space
// between words, and with one sign each for apostrophes and dashes. It serves other tables of words in many
// languages as well.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case unicode.IsSpace(r):
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		if plain, ok := foldedLetters[r]; ok {
			b.WriteString(plain)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// foldedLetters are the letters and marks that Unicode does not decompose into a plain letter and an accent.
var foldedLetters = map[rune]string{
	'ł': "l", 'ø': "o", 'đ': "d", 'ß': "ss", 'æ': "ae", 'œ': "oe", 'ı': "i", 'ς': "σ", 'þ': "th", 'ð': "d",
	'’': "'", 'ʼ': "'", '‘': "'", '`': "'", '´': "'",
	'０': "0", '１': "1", '２': "2", '３': "3", '４': "4", '５': "5", '６': "6", '７': "7", '８': "8", '９': "9",
	'‐': "-", '‑': "-", '−': "–", '‒': "–", '—': "–", '―': "–",
}
