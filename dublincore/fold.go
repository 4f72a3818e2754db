package dublincore

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold is s for looking up in tables: lower case, without accents, one space between words.
func fold(s string) string {
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

// foldedLetters are letters and marks that take no part in Unicode's decompositions.
var foldedLetters = map[rune]string{
	'ł': "l", 'ø': "o", 'đ': "d", 'ß': "ss", 'æ': "ae", 'œ': "oe", 'ı': "i", 'ς': "σ", 'þ': "th", 'ð': "d",
	'’': "'", 'ʼ': "'", '‘': "'", '`': "'", '´': "'",
	'０': "0", '１': "1", '２': "2", '３': "3", '４': "4", '５': "5", '６': "6", '７': "7", '８': "8", '９': "9",
	'‐': "-", '‑': "-", '−': "–", '‒': "–", '—': "–", '―': "–",
}
