package quality

import (
	"strings"

	dc "github.com/sheaf-gateway/sheaf/dublincore"
)

// Aggregators that index texts as they come first take off what cataloguing left around them. What they
// would have to mend is told here; each function gives the first value that shows it, and "" if none does.

// phrased are the terms whose values are short texts that are shown as they are.
var phrased = setOf(dc.Title, dc.Alternative, dc.Creator, dc.Contributor, dc.Publisher, dc.Subject, dc.Type, dc.Format, dc.Medium, dc.Extent,
	dc.Coverage, dc.Spatial, dc.Temporal, dc.Language)

// looseEnd is a value in brackets, or one that ends in punctuation which led to a next part.
func looseEnd(f *facts) string {
	for i := range f.values {
		text := f.values[i].Text
		if !phrased.has(f.values[i].Term) {
			continue
		}
		switch last := text[len(text)-1]; {
		case last == ',', last == ';', last == ':', last == '/', last == '=':
			if !isWebAddress(text) {
				return text
			}
		case last == ']' && text[0] == '[':
			return text
		}
	}
	return ""
}

// listed are the terms of which each value stands for one thing.
var listed = setOf(dc.Creator, dc.Contributor, dc.Subject, dc.Type, dc.Format, dc.Language, dc.Coverage, dc.Spatial)

// joined is a value that holds several, with semicolons between.
func joined(f *facts) string {
	for i := range f.values {
		text := f.values[i].Text
		if !listed.has(f.values[i].Term) || isWebAddress(text) {
			continue
		}
		if at := strings.IndexByte(text, ';'); at > 0 && !isBlank(text[at+1:]) {
			return text
		}
	}
	return ""
}

// maxTwice is how many values of a record are compared with each other.
const maxTwice = 64

// twice is a value that a term has two times, letter case aside, in one language.
func twice(f *facts) string {
	values := f.values[:min(len(f.values), maxTwice)]
	for i := range values {
		for j := range values[:i] {
			a, b := &values[i], &values[j]
			if a.Term == b.Term && len(a.Text) == len(b.Text) && a.Lang == b.Lang && strings.EqualFold(a.Text, b.Text) {
				return a.Text
			}
		}
	}
	return ""
}

// none makes a rule of what shows that it is broken.
func none(broken func(*facts) string) func(*facts) bool {
	return func(f *facts) bool { return broken(f) == "" }
}
