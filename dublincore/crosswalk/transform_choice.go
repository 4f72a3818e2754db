package crosswalk

import (
	"fmt"
	"slices"
	"strings"
)

// choiceTransforms take values apart, put them together, choose among them and look them up.
var choiceTransforms = []transform{
	{
		name: "split", args: "\"MARK\"…", doc: "makes several values of one, at each of the marks; not at those within brackets or quotation marks that are closed again.",
		example: sample{[]string{"Albania; Letters (Greek; Latin)"}, `split ";"`, []string{"Albania", "Letters (Greek; Latin)"}},
		build:   buildSplit,
	},
	{
		name: "join", args: "\"MARK\"", doc: "makes one value of all, with the mark between them.",
		example: sample{[]string{"Tirana", "Moscow"}, `join " -- "`, []string{"Tirana -- Moscow"}},
		build: func(a *arguments) (stepFunc, error) {
			mark, err := a.text()
			return func(r *run, in []item) []item {
				texts := make([]string, len(in))
				for i := range in {
					texts[i] = strings.TrimSpace(in[i].text)
				}
				in[0].text = strings.Join(texts, mark)
				return in[:1]
			}, err
		},
	},
	{
		name: "first", doc: "keeps the first value.",
		example: sample{[]string{"one", "two"}, "first", []string{"one"}},
		build: func(*arguments) (stepFunc, error) {
			return func(_ *run, in []item) []item { return in[:min(1, len(in))] }, nil
		},
	},
	{
		name: "last", doc: "keeps the last value.",
		example: sample{[]string{"one", "two"}, "last", []string{"two"}},
		build: func(*arguments) (stepFunc, error) {
			return func(_ *run, in []item) []item { return in[max(0, len(in)-1):] }, nil
		},
	},
	{
		name: "default", args: "\"TEXT\"", doc: "gives the text if there is no value.",
		example: sample{nil, `default "Text"`, []string{"Text"}},
		build: func(a *arguments) (stepFunc, error) {
			s, err := a.text()
			return func(r *run, in []item) []item {
				if len(in) > 0 {
					return in
				}
				it := item{text: s, node: r.root}
				if r.explain {
					it.source, it.input = "the rule itself", s
				}
				return append(in, it)
			}, err
		},
	},
	{
		name: "keep", args: "(WORD…), starting (TEXT…), ending (TEXT…), table NAME or matching \"PATTERN\"", doc: "keeps only the values that are one of the words, start or end like one of them, are in the table, or match the regular expression.",
		example: sample{[]string{"eng", "zxx"}, "keep (eng ger)", []string{"eng"}},
		build:   func(a *arguments) (stepFunc, error) { return buildFilter(a, true) },
	},
	{
		name: "leave", args: "(WORD…), starting (TEXT…), ending (TEXT…), table NAME or matching \"PATTERN\"", doc: "leaves out what keep would keep.",
		example: sample{[]string{"n/a", "Notes"}, `leave ("n/a" "unknown")`, []string{"Notes"}},
		build:   func(a *arguments) (stepFunc, error) { return buildFilter(a, false) },
	},
	{
		name: "table", args: "NAME [only]", doc: "looks each value up, whatever its case; one that is not in the table stays as it is, or falls away with \"only\".",
		example: sample{[]string{"Cre"}, "table relators", []string{"creator"}},
		build: func(a *arguments) (stepFunc, error) {
			t, err := a.table()
			only := a.has("only")
			return each(func(_ *run, s string) string {
				if v, ok := t.find(s); ok {
					return v
				}
				if only {
					return ""
				}
				return s
			}), err
		},
	},
	{
		name: "first_of", args: "table NAME", doc: "finds the table's word that stands first in the text, as whole words (the longest of those that begin there), and gives its meaning; a text with none falls away.",
		example: sample{[]string{"Handwritten Notes of a Speech"}, "first_of table genres", []string{"notes"}},
		build: func(a *arguments) (stepFunc, error) {
			t, err := a.table()
			return each(func(_ *run, s string) string {
				v, _ := t.firstOf(s)
				return v
			}), err
		},
	},
}

func buildSplit(a *arguments) (stepFunc, error) {
	first, err := a.text()
	if err != nil {
		return nil, err
	}
	marks := []string{first}
	for len(a.words) > 0 {
		more, _ := a.text()
		marks = append(marks, more)
	}
	for _, m := range marks {
		if m == "" {
			return nil, fmt.Errorf("an empty mark splits nothing; write: split \";\"")
		}
	}
	// Empty parts make no values, so there are never more values than the text has other characters.
	return func(r *run, in []item) []item {
		if !anyContains(in, marks) {
			return in
		}
		out := make([]item, 0, 2*len(in))
		for _, it := range in {
			for rest := it.text; rest != ""; {
				at, size := nextMark(rest, marks)
				part := it
				if part.text = strings.TrimSpace(rest[:at]); part.text != "" && len(out) <= maxValues {
					out = append(out, part)
					it.changes = nil // noted once
				}
				rest = rest[at+size:]
			}
		}
		return out
	}, nil
}

func anyContains(in []item, marks []string) bool {
	for i := range in {
		for _, m := range marks {
			if strings.Contains(in[i].text, m) {
				return true
			}
		}
	}
	return false
}

func buildFilter(a *arguments, keep bool) (stepFunc, error) {
	pass, err := filterTest(a)
	if err != nil {
		return nil, err
	}
	return each(func(_ *run, s string) string {
		if pass(s) == keep {
			return s
		}
		return ""
	}), nil
}

// filterTest reads what "keep" and "leave" look for.
func filterTest(a *arguments) (func(string) bool, error) {
	switch {
	case a.has("matching"):
		s, err := a.text()
		if err != nil {
			return nil, err
		}
		return matcher(s)
	case a.has("table"):
		t, err := a.table()
		return func(s string) bool { _, ok := t.find(s); return ok }, err
	}
	starting := a.has("starting")
	ending := !starting && a.has("ending")
	if len(a.words) == 0 {
		return nil, fmt.Errorf("%q needs words: %s", a.name, a.form)
	}
	words, err := groupWords(a.words[0])
	if err != nil {
		return nil, err
	}
	a.words = a.words[1:]
	if ending {
		return func(s string) bool {
			for _, w := range words {
				if n := len(s) - len(w.text); n >= 0 && strings.EqualFold(s[n:], w.text) {
					return true
				}
			}
			return false
		}, nil
	}
	if starting {
		return func(s string) bool {
			return slices.ContainsFunc(words, func(w word) bool { return strings.HasPrefix(s, w.text) })
		}, nil
	}
	set := map[string]bool{}
	for _, w := range words {
		set[w.text] = true
	}
	return func(s string) bool { return set[s] }, nil
}

// nextMark is where the first mark stands that is not within brackets or quotation marks, and how long it is; the end of
// the text if there is none.
func nextMark(text string, marks []string) (at, size int) {
	short := len(text) <= maxBracketed
	for i := 0; i < len(text); i++ {
		for _, m := range marks {
			if strings.HasPrefix(text[i:], m) {
				return i, len(m)
			}
		}
		if short {
			i += max(0, enclosed(text[i:])-1)
		}
	}
	return len(text), 0
}

// Bounds of looking for the other bracket: in a text of so many bytes, and so far. A list has no longer parts.
const (
	maxBracketed = 64 << 10
	maxEnclosed  = 500
)

// closers are the signs that close what others open.
var closers = map[byte]byte{'(': ')', '[': ']', '{': '}', '"': '"'}

// enclosed is how many bytes there are from a bracket or a quotation mark to the one that closes it; 0 if the text begins
// with neither, or if it is never closed.
func enclosed(text string) int {
	closer, opens := closers[text[0]]
	if !opens {
		return 0
	}
	depth := 0
	for i := range min(len(text), maxEnclosed) {
		switch c := text[i]; {
		case c == closer && (i > 0 || closer != '"'):
			if depth--; depth <= 0 {
				return i + 1
			}
		case c == text[0]:
			depth++
		}
	}
	return 0
}
