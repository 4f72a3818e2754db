package search

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/arabic"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/hungarian"
	"github.com/blevesearch/snowballstem/irish"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/romanian"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"
	"github.com/blevesearch/snowballstem/tamil"
	"github.com/blevesearch/snowballstem/turkish"
	"golang.org/x/text/unicode/norm"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/date"
)

// Words are found in their other forms too: "letters" finds "letter", in texts in English. The stems of a text's words stand
// behind the words, in the same column. Each has a sign before it that no word has, and its language. Of the words that are
// their own stems, as most are, there is only the language, once:
//
//	letters to the committee ⟨en⟩ ⟨en⟩committe ⟨en⟩letter
//
// So words, phrases and beginnings of words find what they would find without stems, and the stem of a word in one language
// is never taken for one in another (unless a record has both languages). "lettering" asks for ⟨en⟩letter, or letter and ⟨en⟩.

// stemSign is before each stem. It is of a private area of Unicode, which the index takes for a letter.
const stemSign = "\uE000"

// A tongue is a language that has stems (Snowball's).
type tongue struct {
	code  string // of two letters
	names string // its other codes (ISO 639), between spaces
	stem  func(*snowballstem.Env) bool
}

var tongues = []tongue{
	{"ar", " ara ", arabic.Stem},
	{"da", " dan ", danish.Stem},
	{"de", " deu ger ", german.Stem},
	{"en", " eng ", english.Stem},
	{"es", " spa ", spanish.Stem},
	{"fi", " fin ", finnish.Stem},
	{"fr", " fra fre ", french.Stem},
	{"ga", " gle ", irish.Stem},
	{"hu", " hun ", hungarian.Stem},
	{"it", " ita ", italian.Stem},
	{"nl", " nld dut ", dutch.Stem},
	{"no", " nor nb nob nn nno ", norwegian.Stem},
	{"pt", " por ", portuguese.Stem},
	{"ro", " ron rum ", romanian.Stem},
	{"ru", " rus ", russian.Stem},
	{"sv", " swe ", swedish.Stem},
	{"ta", " tam ", tamil.Stem},
	{"tr", " tur ", turkish.Stem},
}

// tongueOf is the language of a tag ("en-GB", "eng"); nil if it has no stems.
func tongueOf(tag string) *tongue {
	code, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if len(code) < 2 {
		return nil
	}
	for i := range tongues {
		if t := &tongues[i]; t.code == code || strings.Contains(t.names, " "+code+" ") {
			return t
		}
	}
	return nil
}

// of is the stem of a word, folded as the index folds words.
func (t *tongue) of(word string) string {
	env := snowballstem.NewEnv(word)
	t.stem(env)
	return date.Fold(env.Current())
}

// stems are those of a word: of what stands there and, where that is another one, of the word without its accents, because
// readers leave them out.
func (t *tongue) stems(word string) []string {
	first := t.of(word)
	if folded := date.Fold(word); folded != word {
		if second := t.of(folded); second != first {
			return []string{first, second}
		}
	}
	return []string{first}
}

// Stem is what the forms of a word have in common, in a language (a tag as "en"); of a language that has no stems, the word
// without capitals and accents.
func Stem(language, word string) string {
	if t := tongueOf(language); t != nil && stemmable(word) {
		return t.of(composed(word))
	}
	return date.Fold(word)
}

// stemmable says whether a word has a stem beside itself.
func stemmable(word string) bool {
	return utf8.RuneCountInString(word) >= 3 && !strings.ContainsFunc(word, noLetter)
}

func noLetter(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }

// composed is a text as stemmers want it.
func composed(text string) string { return norm.NFC.String(strings.ToLower(text)) }

// maxTongues bounds in how many languages a text without a language of its own may be.
const maxTongues = 2

// tonguesOf are the languages of a value: its own or, if it has none, those of the record.
func tonguesOf(v *dublincore.Value, dc *dublincore.Record) (out []*tongue) {
	if v.Lang != "" {
		if t := tongueOf(v.Lang); t != nil {
			return []*tongue{t}
		}
		return nil
	}
	for i := range dc.Values {
		if dc.Values[i].Term != dublincore.Language {
			continue
		}
		if t := tongueOf(dc.Values[i].Text); t != nil && !slices.Contains(out, t) && len(out) < maxTongues {
			out = append(out, t)
		}
	}
	return out
}

// A stemmer keeps the stems of words that come again and again.
type stemmer map[string][]string

const maxStemmed = 50_000

func (s stemmer) stems(t *tongue, word string) []string {
	key := t.code + word
	out, known := s[key]
	if !known {
		for _, stem := range t.stems(word) {
			if stem == word {
				stem = ""
			}
			out = append(out, stemSign+t.code+stem)
		}
		if len(s) >= maxStemmed {
			clear(s)
		}
		s[key] = out
	}
	return out
}

// add adds the stems of a text to those of a column, and its languages to those of the record.
func (s stemmer) add(to map[string]bool, of *tongueSet, text string, in []*tongue) {
	if len(in) == 0 || len(text) > maxText {
		return
	}
	for i := range tongues {
		if slices.Contains(in, &tongues[i]) {
			*of |= 1 << i
		}
	}
	for word := range strings.FieldsFuncSeq(composed(text), func(r rune) bool { return noLetter(r) && !unicode.IsNumber(r) }) {
		if !stemmable(word) { // "mp3" neither, of which "mp" is no word
			continue
		}
		for _, t := range in {
			for _, stem := range s.stems(t, word) {
				to[stem] = true
			}
		}
	}
}

// stemmed is what finds a word, as match does, in its other forms too, in each of the languages.
func (in tongueSet) stemmed(match, word string) string {
	if !stemmable(word) {
		return match
	}
	word = composed(word)
	forms, own := match, map[string]string{} // own are the languages in which a word is the stem of this one
	for t := range in.all() {
		stem := t.of(word)
		forms += " OR " + t.sign(stem)
		if stem == word { // match finds it
			continue
		}
		if own[stem] != "" {
			own[stem] += " OR "
		}
		own[stem] += t.sign("")
	}
	for _, stem := range slices.Sorted(maps.Keys(own)) {
		forms += ` OR {title subject abstract} : ("` + stem + `" AND (` + own[stem] + "))"
	}
	return "(" + forms + ")"
}

// sign is a stem as the index is asked for it.
func (t *tongue) sign(stem string) string { return `"` + stemSign + t.code + stem + `"` }

// A tongueSet is a set of languages, a bit for each.
type tongueSet uint32

func (in tongueSet) all() iter.Seq[*tongue] {
	return func(yield func(*tongue) bool) {
		for i := range tongues {
			if in>>i&1 != 0 && !yield(&tongues[i]) {
				return
			}
		}
	}
}
