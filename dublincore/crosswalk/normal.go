package crosswalk

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// tidy is the last touch on every value: UTF-8 in NFC, single spaces, nothing that XML forbids.
func tidy(s string) string {
	if isTidy(s) {
		return s
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r < ' ' || r >= 0x7F && r <= 0x9F || r == utf8.RuneError || r == 0xFFFE || r == 0xFFFF:
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(strings.Join(strings.Fields(s), " "))
}

// isTidy says that s is plain ASCII without white space but single spaces inside: what most values are.
func isTidy(s string) bool {
	before := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && before == ' ' {
			return false
		}
		before = c
	}
	return before != ' '
}

func languageTag(s string) (string, error) {
	tag, err := language.Parse(s)
	if err != nil {
		return "", fmt.Errorf("%q is no language tag; write a tag such as en, sq or de-CH", s)
	}
	return tag.String(), nil
}

func normalLanguage(s string) normal { return normal{} }
func normalType(s string) normal     { return normal{} }
func normalRights(s string) normal   { return normal{} }
func normalURL(s string) normal      { return normal{text: s, scheme: "URI", ok: isWebURL(s)} }
func normalIdentifier(kind string) func(string) normal {
	return func(s string) normal { return normal{} }
}
func cleanText(s string) (string, []dublincore.NoteKind) { return tidy(s), nil }
