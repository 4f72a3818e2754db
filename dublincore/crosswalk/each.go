package crosswalk

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// Several values in one element are parted where each part is understood for itself, so that a name with a comma, or a
// remark behind a semicolon, stays whole.
var listKinds = map[string]listKind{
	"identifier": {";,\n", nil, func(s string) bool { _, ok := dublincore.ParseIdentifier(s); return ok }},
	"type":       {";,|/\n", nil, func(s string) bool { t, ok := dublincore.ParseType(s); return ok && t.DCMI != "" }},
	"language": {
		";,|/&+\n", regexp.MustCompile(`\s(?:and|und|et|y|e|en|og|och|i|и|dhe)\s`),
		func(s string) bool { _, ok := dublincore.ParseLanguage(s); return ok },
	},
}

// A listKind is a kind of values that are listed in one element.
type listKind struct {
	marks string         // characters between values
	words *regexp.Regexp // words between values; nil if there are none
	good  func(string) bool
}

// maxList bounds a text that may be a list, in bytes.
const maxList = 1000

func buildEach(a *arguments) (stepFunc, error) {
	for name, kind := range listKinds {
		if a.has(name) {
			return func(_ *run, in []item) []item { return kind.partLists(in) }, nil
		}
	}
	return nil, fmt.Errorf("say of what: each identifier, each type or each language")
}

func (k *listKind) partLists(in []item) []item {
	var out []item
	for i, it := range in {
		parts := k.listed(it.text)
		if parts == nil {
			if out != nil {
				out = append(out, it)
			}
			continue
		}
		if out == nil {
			out = append(out, in[:i]...)
		}
		for _, part := range parts {
			one := it
			one.text = part
			out = append(out, one)
			it.changes = nil // noted once
		}
	}
	if out == nil {
		return in
	}
	return out[:min(len(out), maxValues)]
}

// listed are the parts of a text that is a list; nil if it is none.
func (k *listKind) listed(text string) (parts []string) {
	if len(text) > maxList {
		return nil
	}
	if k.words != nil && strings.ContainsAny(text, " \t") {
		text = k.words.ReplaceAllLiteralString(text, k.marks[:1])
	}
	if !strings.ContainsAny(text, k.marks) {
		return nil
	}
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(k.marks, r) }) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if !k.good(part) {
			return nil
		}
		parts = append(parts, part)
	}
	if len(parts) < 2 {
		return nil
	}
	return parts
}
