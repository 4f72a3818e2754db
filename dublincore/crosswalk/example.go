package crosswalk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// An example says what a mapping must make of an original or a text. It is checked whenever the mapping is compiled,
// so that a mapping which does not do what its author wrote beside it is never used.
type example struct {
	at   word
	file string
	// Either the transforms of one rule on given texts:
	rule *rule
	in   []string
	out  []string
	// or a whole record:
	original string
	values   map[dublincore.Term][]string
	warns    []string
}

// inlineExample compiles: example "in"… -> "out"… (or: -> nothing).
func (c *compiler) inlineExample(ru *rule, l line) {
	e := &example{at: l.words[0], file: c.file, rule: ru}
	arrow := slices.IndexFunc(l.words, func(w word) bool { return w.is("->") })
	if arrow < 0 || arrow == len(l.words)-1 {
		c.fail(e.at, `write: example "what is found" -> "what comes out" (or -> nothing)`)
		return
	}
	for _, w := range l.words[1:arrow] {
		e.in = append(e.in, w.text)
	}
	if out := l.words[arrow+1:]; !(len(out) == 1 && out[0].is("nothing")) {
		for _, w := range out {
			e.out = append(e.out, w.text)
		}
	}
	c.examples = append(c.examples, e)
}

// exampleStatement compiles a whole record: lines with > are the original, the others what comes out.
func (c *compiler) exampleStatement(head word, args []word, below []line) {
	e := &example{at: head, file: c.file, values: map[dublincore.Term][]string{}}
	if len(args) > 1 {
		c.fail(args[1], "put the example's title in quotes")
	}
	for _, l := range below {
		w := l.words[0]
		switch {
		case w.is(">"):
			e.original += l.verbatim + "\n"
		case w.is("no") && len(l.words) == 2:
			if t, ok := c.term(l.words[1]); ok {
				e.values[t] = nil
			}
		case w.is("warns") && len(l.words) == 2:
			e.warns = append(e.warns, l.words[1].text)
		case len(l.words) >= 3 && l.words[1].is("="):
			if t, ok := c.term(w); ok {
				e.values[t] = append(e.values[t], joinWords(l.words[2:]))
			}
		default:
			c.fail(w, "in an example stand lines that begin with >, and lines such as: title = \"…\", no creator, warns later_date")
		}
	}
	if e.original == "" || len(e.values) == 0 {
		c.fail(head, "an example needs an original (lines that begin with >) and what comes out (lines such as: title = \"…\")")
		return
	}
	if len(c.chain) == 1 { // that of an included file holds for that file alone
		c.examples = append(c.examples, e)
	}
}

// check runs the example. It is nil if the result is the expected one.
func (e *example) check(m *Mapping) *Error {
	fail := func(format string, args ...any) *Error {
		return &Error{File: e.file, Line: e.at.line, Col: e.at.col, Msg: "the example does not hold: " + fmt.Sprintf(format, args...)}
	}
	if e.rule != nil {
		got, err := m.transform(e.rule, e.in)
		if err != nil {
			return fail("%v", err)
		}
		if !slices.Equal(got, e.out) {
			return fail("it gives %s, not %s", quoteAll(got), quoteAll(e.out))
		}
		return nil
	}
	res, err := m.Apply(Input{Original: []byte(e.original)})
	if err != nil {
		return fail("%v", err)
	}
	for t := dublincore.Title; t.String() != ""; t++ {
		want, named := e.values[t]
		if got := textsOf(res.Record, t); named && !slices.Equal(got, want) {
			return fail("%s is %s, not %s", t, quoteAll(got), quoteAll(want))
		}
	}
	for _, w := range e.warns {
		if !slices.ContainsFunc(res.Warnings, func(x Warning) bool { return x.Name == w }) {
			return fail("there is no warning %q", w)
		}
	}
	return nil
}

func textsOf(rec *dublincore.Record, t dublincore.Term) []string {
	var out []string
	for i := range rec.Values {
		if rec.Values[i].Term == t {
			out = append(out, rec.Values[i].Text)
		}
	}
	return out
}

func quoteAll(texts []string) string {
	if len(texts) == 0 {
		return "nothing"
	}
	quoted := make([]string, len(texts))
	for i, s := range texts {
		quoted[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(quoted, " ")
}

// transform runs the transforms of one rule on texts, and gives what would become values.
func (m *Mapping) transform(ru *rule, texts []string) ([]string, error) {
	r := m.runs.Get().(*run)
	defer m.release(r)
	r.res = &Result{Record: &dublincore.Record{}}
	r.out, r.rule = r.res.Record, ru
	alone := rule{term: ru.term, file: ru.file, line: ru.line, selectors: []namedSelector{{fixed(texts), "example"}}, steps: ru.steps}
	if _, err := r.try(&alone); err != nil {
		return nil, err
	}
	return textsOf(r.out, ru.term), nil
}

// fixed selects given texts, for examples.
type fixed []string

func (f fixed) find(_ *run, _ node, dst []item) []item {
	for _, s := range f {
		dst = append(dst, item{text: s})
	}
	return dst
}
