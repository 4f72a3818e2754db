package dublincore

import (
	"strings"

	"golang.org/x/text/language"

	"github.com/sheaf-gateway/sheaf/dublincore/date"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// LanguageCodes are the codes of one language.
type LanguageCodes struct {
	ISO6393 string // "sqi"; empty for a group of languages, which ISO 639-3 does not have
	ISO6392 string // the terminological code of ISO 639-2, "sqi"; empty if it has none
	BCP47   string // "sq", "zh-Hant"
}

// maxLanguageText bounds the text of a language, in bytes.
const maxLanguageText = 100

// ParseLanguage recognises a language by its code in ISO 639-1, 639-2 (bibliographic or
// terminological), or 639-3, by its BCP 47 tag (also with underscores), or by its name: in the language itself,
// or in English, German, French, Spanish, Italian, Portuguese, Dutch, Russian, Polish, Albanian, Czech,
// Swedish and others. It is false for a text that names no language, and for "undetermined".
func ParseLanguage(text string) (LanguageCodes, bool) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxLanguageText {
		return LanguageCodes{}, false
	}
	if l, ok := languageOfTag(strings.ReplaceAll(text, "_", "-")); ok {
		return l, true
	}
	name := date.Fold(strings.Trim(text, "., :;[]"))
	for _, prefix := range languageURIs {
		if code, ok := strings.CutPrefix(name, prefix); ok {
			return languageOfTag(code)
		}
	}
	if l, ok := languageNamed(name); ok {
		return l, true
	}
	if l, ok := languageOfTag(name); ok {
		return l, true // "[eng]"
	}
	for _, word := range languageWords {
		if plain, ok := strings.CutSuffix(name, " "+word); ok {
			return languageNamed(plain)
		}
		if plain, ok := strings.CutPrefix(name, word+" "); ok {
			return languageNamed(plain)
		}
	}
	return LanguageCodes{}, false
}

// languageURIs are the beginnings of URIs that end with the code of a language, in the form of [date.Fold].
var languageURIs = []string{"http://id.loc.gov/vocabulary/iso639-2/", "http://id.loc.gov/vocabulary/iso639-1/",
	"http://id.loc.gov/vocabulary/languages/", "https://id.loc.gov/vocabulary/iso639-2/", "https://id.loc.gov/vocabulary/iso639-1/",
	"https://id.loc.gov/vocabulary/languages/", "http://lexvo.org/id/iso639-3/", "http://www.lexvo.org/id/iso639-3/",
	"https://iso639-3.sil.org/code/", "http://publications.europa.eu/resource/authority/language/"}

// languageWords are the words for "language" that stand before or after its name, in the form of [date.Fold].
var languageWords = []string{"language", "sprache", "langue", "idioma", "lingua", "taal", "jezyk", "язык", "мова", "gjuha", "jazyk", "spraket"}

// languageNamed finds a language by its name in the form of [date.Fold].
func languageNamed(name string) (LanguageCodes, bool) {
	if code, ok := languageNames()[name]; ok {
		return languageOfTag(code)
	}
	if before, _, ok := strings.Cut(name, "("); ok {
		name = strings.TrimSpace(before) // "Greek (modern)", "Albanian (sqi)"
		if code, ok := languageNames()[name]; ok {
			return languageOfTag(code)
		}
	}
	return LanguageCodes{}, false
}

// languageOfTag reads a code or a BCP 47 tag.
func languageOfTag(tag string) (LanguageCodes, bool) {
	primary, rest, _ := strings.Cut(strings.ToLower(tag), "-")
	if len(primary) < 2 || len(primary) > 3 || !xmlscan.IsLanguage(tag) {
		return LanguageCodes{}, false
	}
	if t, ok := iso6392().bibliographic[primary]; ok {
		primary = t
	} else if t, ok := retired[primary]; ok {
		primary = t
	}
	switch primary {
	case "und", "mis", "zzz", "xxx":
		return LanguageCodes{}, false
	}
	base, err := language.ParseBase(primary)
	if err != nil || base.IsPrivateUse() {
		return LanguageCodes{}, false
	}
	l := LanguageCodes{ISO6393: base.ISO3(), BCP47: base.String()}
	if isISO6392(l.ISO6393) {
		l.ISO6392 = l.ISO6393
	}
	if iso6392().known[l.ISO6393] {
		l.ISO6393 = "" // a group
	}
	if now, ok := today[l.BCP47]; ok {
		l.BCP47 = now
	}
	if rest != "" {
		full, err := language.Raw.Parse(base.String() + "-" + rest)
		if err != nil {
			return LanguageCodes{}, false
		}
		l.BCP47 = full.String()
		if old, rest, _ := strings.Cut(l.BCP47, "-"); today[old] != "" {
			l.BCP47 = today[old] + "-" + rest
		}
	}
	return l, true
}
