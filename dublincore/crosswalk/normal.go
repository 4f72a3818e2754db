package crosswalk

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// tidy cleans every value at last: it is UTF-8 in NFC, with single spaces, without what XML forbids. Bytes that are
// not UTF-8 become U+FFFD, which stays among other text because it says that something was lost.
func tidy(s string) string {
	if dublincore.IsTidy(s) || isTidy(s) {
		return s
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r < ' ' || r >= 0x7F && r <= 0x9F || r == 0xFFFE || r == 0xFFFF:
			return -1
		}
		return r
	}, s)
	if strings.Trim(s, " \ufffd.,:;/-[]()") == "" && strings.Contains(s, "\ufffd") {
		return "" // all of it was lost
	}
	return norm.NFC.String(strings.Join(strings.Fields(s), " "))
}

// isTidy reports whether s is plain ASCII whose only white space is single spaces within it, as most values are.
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

// normalOf makes a normal of what a normaliser of package dublincore returned.
func normalOf(v dublincore.Value, note dublincore.NoteKind, ok bool) normal {
	return normal{text: v.Text, scheme: v.Scheme, kind: note, ok: ok}
}

func normalLanguage(s string) normal { return normalOf(dublincore.NormalizeLanguage(s)) }
func normalType(s string) normal     { return normalOf(dublincore.NormalizeType(s)) }
func normalRights(s string) normal   { return normalOf(dublincore.NormalizeRights(s)) }

// normalIdentifier normalises an identifier of any kind.
func normalIdentifier(s string) normal { return normalOf(dublincore.NormalizeIdentifier(s)) }

// normalOfKind normalises identifiers of one kind. The rule names the kind, so the source need not.
func normalOfKind(kind dublincore.IdentifierKind) func(string) normal {
	return func(s string) normal {
		id, ok := kind.Parse(s)
		if !ok {
			if _, note, _ := dublincore.NormalizeIdentifier(kind.String() + " " + s); note == dublincore.BadCheckDigit {
				return normal{kind: note}
			}
			return normal{kind: dublincore.NotUnderstood}
		}
		n := normal{text: id.URI, scheme: "URI", kind: dublincore.Normalized, ok: true}
		if id.URI == "" {
			n.text, n.scheme = id.Value, kind.String()
		}
		if n.text == s {
			n.kind = dublincore.NoNote
		}
		return n
	}
}
