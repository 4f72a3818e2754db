package crosswalk

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// Several values in one element are parted where each part is understood for itself, so that a name with a comma, or a
// remark behind a semicolon, stays whole.
var (
	listMarks = map[string]*regexp.Regexp{
		"identifier": regexp.MustCompile(`[;,\n]`),
		"type":       regexp.MustCompile(`[;,|/\n]`),
		"language":   regexp.MustCompile(`[;,|/&+\n]|\s(?:and|und|et|y|e|en|og|och|i|и|dhe)\s`),
	}
	understood = map[string]func(string) bool{
		"identifier": func(s string) bool { _, ok := dublincore.ParseIdentifier(s); return ok },
		"type":       func(s string) bool { t, ok := dublincore.ParseType(s); return ok && t.DCMI != "" },
		"language":   func(s string) bool { _, ok := dublincore.ParseLanguage(s); return ok },
	}
)

// maxList bounds a text that may be a list, in bytes.
const maxList = 1000

func buildEach(a *arguments) (stepFunc, error) {
	for kind, marks := range listMarks {
		if a.has(kind) {
			good := understood[kind]
			return func(_ *run, in []item) []item { return partLists(in, marks, good) }, nil
		}
	}
	return nil, fmt.Errorf("say of what: each identifier, each type or each language")
}

func partLists(in []item, marks *regexp.Regexp, good func(string) bool) []item {
	var out []item
	for i, it := range in {
		parts := listed(it.text, marks, good)
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
func listed(text string, marks *regexp.Regexp, good func(string) bool) (parts []string) {
	if len(text) > maxList || !strings.ContainsAny(text, ";,|/&+\n ") {
		return nil
	}
	for _, part := range marks.Split(text, -1) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if !good(part) {
			return nil
		}
		parts = append(parts, part)
	}
	if len(parts) < 2 {
		return nil
	}
	return parts
}
