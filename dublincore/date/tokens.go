package date

import (
	"strings"
	"unicode"
)

// A token is a number, a word, or a mark, of folded text.
type token struct {
	text   string // a word; of a number, the letters that follow it at once ("s", "th", "xx")
	number int
	digits int  // how many the number has; 0 for words and marks
	mark   rune // 0 for numbers and words
	spaced bool // white space stands before it
}

// maxTokens bounds the work. No date needs more.
const maxTokens = 40

// tokenize cuts folded text into tokens. It is false if there are too many, or if a number has more digits than
// dates have.
func tokenize(s string) ([]token, bool) {
	tokens := make([]token, 0, 16)
	runes := []rune(s)
	spaced := false
	for i := 0; i < len(runes); {
		r := runes[i]
		if r == ' ' {
			spaced = true
			i++
			continue
		}
		t := token{spaced: spaced}
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
		if tokens = append(tokens, t); len(tokens) > maxTokens {
			return nil, false
		}
	}
	return tokens, true
}

// maxPhrase is how many words the longest phrase of dateWords has.
const maxPhrase = 4

// dateWordAt finds the longest phrase that begins with the token at i. Full stops within it are passed over, and
// hyphens join its words. n is how many tokens the phrase has; 0 if there is none.
func dateWordAt(tokens []token, i int) (word dateWord, n int) {
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
