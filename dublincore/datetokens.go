package dublincore

import (
	"strings"
	"unicode"
)

// A dateToken is a number, a word, or a mark, of folded text.
type dateToken struct {
	text   string // a word; the letters that follow a number at once ("s", "th", "xx")
	number int
	digits int  // how many the number has; 0 for words and marks
	mark   rune // 0 for numbers and words
	spaced bool // white space stands before it
}

// maxDateTokens bounds what is looked at; no date needs more.
const maxDateTokens = 40

// dateTokens cuts folded text up; false if there is too much, or a number that is none of a date.
func dateTokens(s string) ([]dateToken, bool) {
	tokens := make([]dateToken, 0, 16)
	runes := []rune(s)
	spaced := false
	for i := 0; i < len(runes); {
		r := runes[i]
		if r == ' ' {
			spaced = true
			i++
			continue
		}
		t := dateToken{spaced: spaced}
		spaced = false
		start := i
		switch {
		case r >= '0' && r <= '9':
			for ; i < len(runes) && runes[i] >= '0' && runes[i] <= '9'; i++ {
				t.number = t.number*10 + int(runes[i]-'0')
				if t.digits++; t.digits > 8 {
					return nil, false
				}
			}
			start = i
			if i+1 < len(runes) && runes[i] == '\'' && runes[i+1] == 's' {
				i++
				start++
			}
			for ; i < len(runes) && (unicode.IsLetter(runes[i]) || runes[i] == '°'); i++ {
			}
			t.text = string(runes[start:i])
		case unicode.IsLetter(r):
			for i < len(runes) && (unicode.IsLetter(runes[i]) || runes[i] == '\'' && i+1 < len(runes) && unicode.IsLetter(runes[i+1])) {
				i++
			}
			t.text = string(runes[start:i])
		default:
			t.mark = r
			i++
		}
		if tokens = append(tokens, t); len(tokens) > maxDateTokens {
			return nil, false
		}
	}
	return tokens, true
}

// maxPhrase is how many words the longest of dateWords has.
const maxPhrase = 4

// dateWordAt finds the longest phrase that begins with the token at i, passing over full stops, and
// hyphens within words; n is how many tokens it is.
func dateWordAt(tokens []dateToken, i int) (word dateWord, n int) {
	var phrase strings.Builder
	words := 0
	for j := i; j < len(tokens) && words < maxPhrase; j++ {
		t := &tokens[j]
		switch {
		case t.digits > 0:
			return word, n
		case t.mark == '.':
			continue
		case t.mark == '-' && !t.spaced && j+1 < len(tokens) && !tokens[j+1].spaced && tokens[j+1].text != "" && tokens[j+1].digits == 0:
			phrase.WriteByte('-')
			continue
		case t.mark == '&':
			phrase.WriteByte('&')
		case t.mark != 0:
			return word, n
		default:
			if s := phrase.String(); s != "" && s[len(s)-1] != '-' {
				phrase.WriteByte(' ')
			}
			phrase.WriteString(t.text)
		}
		words++
		if w, ok := dateWords()[phrase.String()]; ok {
			word, n = w, j-i+1
		}
	}
	return word, n
}

// roman reads a Roman numeral up to 39, in lower case: months and centuries need no more.
func roman(s string) int {
	total := 0
	for i := 0; i < len(s); i++ {
		v := romanDigit(s[i])
		if v == 0 {
			return 0
		}
		if i+1 < len(s) && romanDigit(s[i+1]) > v {
			v = -v
		}
		total += v
	}
	if total < 1 || total > 39 || toRoman(total) != s {
		return 0
	}
	return total
}

func romanDigit(c byte) int {
	switch c {
	case 'i':
		return 1
	case 'v':
		return 5
	case 'x':
		return 10
	}
	return 0
}

func toRoman(n int) string {
	ones := [...]string{"", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"}
	return strings.Repeat("x", n/10) + ones[n%10]
}
