package crosswalk

import (
	"fmt"
	"strings"

	"golang.org/x/text/language"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }

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
