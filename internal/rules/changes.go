package rules

import (
	"slices"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// changedTerms returns the terms under which the two records have different values. The values of both records must be in
// canonical order, and so is the result.
func changedTerms(before, after *dublincore.Record) (out []pipeline.ChangedTerm) {
	was, is := before.Values, after.Values
	for len(was) > 0 || len(is) > 0 {
		var t dublincore.Term
		if len(is) == 0 || len(was) > 0 && was[0].Term < is[0].Term {
			t = was[0].Term
		} else {
			t = is[0].Term
		}
		b, a := under(t, was), under(t, is)
		if !slices.EqualFunc(was[:b], is[:a], sameValue) {
			out = append(out, pipeline.ChangedTerm{Term: t.String(), Order: int(t), Texts: func() ([]string, []string) {
				return texts(before.All(t)), texts(after.All(t))
			}})
		}
		was, is = was[b:], is[a:]
	}
	return out
}

// under counts how many values at the beginning are under the term.
func under(t dublincore.Term, values []dublincore.Value) (n int) {
	for n < len(values) && values[n].Term == t {
		n++
	}
	return n
}

// sameValue reports whether the same is served for two values.
func sameValue(a, b dublincore.Value) bool {
	return a.Text == b.Text && a.Lang == b.Lang && a.Scheme == b.Scheme
}

// texts returns values as people read them, with language and encoding scheme.
func texts(values []dublincore.Value) []string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		text := v.Text
		if v.Lang != "" {
			text += " [" + v.Lang + "]"
		}
		if v.Scheme != "" {
			text += " [" + v.Scheme + "]"
		}
		out = append(out, text)
	}
	return out
}
