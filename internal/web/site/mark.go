package site

import (
	"strings"
	"unicode"

	"github.com/sheaf-gateway/sheaf/dublincore/date"
	"github.com/sheaf-gateway/sheaf/internal/search"
)

// The words of a search are marked where they were found.

// A piece is a part of a text; Hit says that it was searched for.
type piece struct {
	Text string
	Hit  bool
}

// A sought is the words of a search: folded, and their stems by language.
type sought struct {
	words map[string]bool
	typed []string
	stems map[string]map[string]bool
}

func soughtIn(text string) *sought {
	s := &sought{words: map[string]bool{}, stems: map[string]map[string]bool{}, typed: strings.FieldsFunc(text, func(r rune) bool { return !inWord(r) })}
	for _, w := range s.typed {
		s.words[date.Fold(w)] = true
	}
	return s
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }

// marked cuts a text in a language into what was searched for and what was not.
func (s *sought) marked(text, language string) []piece {
	if len(s.words) == 0 {
		return []piece{{text, false}}
	}
	if s.stems[language] == nil {
		s.stems[language] = map[string]bool{}
		for _, w := range s.typed {
			s.stems[language][search.Stem(language, w)] = true
		}
	}
	var out []piece
	rest := 0
	hit := func(from, to int) {
		if s.has(text[from:to], language) {
			if from > rest {
				out = append(out, piece{text[rest:from], false})
			}
			out, rest = append(out, piece{text[from:to], true}), to
		}
	}
	start := -1
	for i, r := range text {
		in := inWord(r)
		if in && start < 0 {
			start = i
		}
		if !in && start >= 0 {
			hit(start, i)
			start = -1
		}
	}
	if start >= 0 {
		hit(start, len(text))
	}
	if rest < len(text) {
		out = append(out, piece{text[rest:], false})
	}
	return out
}

// has says whether a word was searched for: as it is, in another form, or by its beginning, which counts from three letters
// on.
func (s *sought) has(word, language string) bool {
	folded := date.Fold(word)
	if s.words[folded] || s.stems[language][search.Stem(language, word)] {
		return true
	}
	for w := range s.words {
		if len(w) > 2 && strings.HasPrefix(folded, w) {
			return true
		}
	}
	return false
}
