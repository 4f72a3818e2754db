package words

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// maxCode bounds the code of a language, in bytes.
const maxCode = 35

// Tongue is what a language is called, by its code (ISO 639, BCP 47): "Albanian" for "sqi" and for "sq". It is empty if code is not
// that of a language which has a name. Where this language has no name for it, the name is English.
func (l *Language) Tongue(code string) string {
	if len(code) > maxCode {
		return ""
	}
	tag, err := language.Parse(code)
	if base, _, _ := tag.Raw(); err != nil || base.String() == "und" { // "und" says only that nobody knows
		return ""
	}
	return l.called(func(in language.Tag) string { return display.Languages(in).Name(tag) })
}

// Country is what a country is called, by its code (ISO 3166): "Albania" for "AL". It is empty if there is no such country.
func (l *Language) Country(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil || !region.IsCountry() {
		return ""
	}
	return l.called(func(in language.Tag) string { return display.Regions(in).Name(region) })
}

// called begins a name with a capital letter, because it stands alone: in a list, or behind a label.
func (l *Language) called(in func(language.Tag) string) string {
	name := in(language.Make(l.Code))
	if name == "" {
		name = in(language.English)
	}
	first, size := utf8.DecodeRuneInString(name)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + name[size:]
}
