package crosswalk

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// A cond reports whether an item passes a condition. It looks into the node of the item.
type cond func(r *run, it *item) bool

// condOperators are the words that compare in a condition, for errors and the reference page.
var condOperators = []struct{ name, doc string }{
	{"= \"text\"", "some value is exactly the text"},
	{"is \"text\"", "the same; `is not` is !="},
	{"!= \"text\"", "no value is the text (holds too if there is none)"},
	{"in (a b c)", "some value is one of the words"},
	{"not in (a b c)", "no value is one of the words (holds too if there is none)"},
	{"in table NAME", "some value is in the table, whatever its case"},
	{"not in table NAME", "no value is in the table"},
	{"matches \"pattern\"", "some value matches the regular expression (RE2, nowhere anchored)"},
	{"has \"text\"", "some value contains the text, whatever its case"},
	{"starts \"text\"", "some value begins with the text"},
	{"before DATE", "some value is a date that lies wholly before it: 1940s before 1950"},
	{"after DATE", "some value is a date that lies wholly after it"},
	{"during DATE", "some value is a date that lies wholly within it: 1915-06 during 1914/1918"},
}

// comparisons are the first words of the operators. "not" can stand before those that are negatable.
var (
	comparisons = []string{"=", "!=", "is", "in", "matches", "has", "starts", "before", "after", "during"}
	negatable   = comparisons[3:]
)

// otherwise has the words that people write instead of a comparison, for the hint in the error.
var otherwise = map[string]string{
	"==": "=", "<>": "!=", "equals": "=", "<": "before", ">": "after", "contains": "has", "includes": "has", "like": "matches",
	"begins": "starts", "within": "during",
}

// A condParser reads the condition that follows "where".
type condParser struct {
	c     *compiler
	words []word
	depth int
}

func (p *condParser) peek(s string) bool { return len(p.words) > 0 && p.words[0].is(s) }

func (p *condParser) take() word {
	w := p.words[0]
	p.words = p.words[1:]
	return w
}

// alternatives reads conditions joined by "or".
func (p *condParser) alternatives() (cond, error) {
	first, err := p.together()
	if err != nil {
		return nil, err
	}
	for p.peek("or") {
		p.take()
		second, err := p.together()
		if err != nil {
			return nil, err
		}
		a, b := first, second
		first = func(r *run, it *item) bool { return a(r, it) || b(r, it) }
	}
	return first, nil
}

// together reads conditions joined by "and".
func (p *condParser) together() (cond, error) {
	first, err := p.single()
	if err != nil {
		return nil, err
	}
	for p.peek("and") {
		p.take()
		second, err := p.single()
		if err != nil {
			return nil, err
		}
		a, b := first, second
		first = func(r *run, it *item) bool { return a(r, it) && b(r, it) }
	}
	return first, nil
}

func (p *condParser) single() (cond, error) {
	if len(p.words) == 0 {
		return nil, fmt.Errorf("the condition ends too early; after \"where\", \"and\", \"or\" or \"not\" comes a selector")
	}
	w := p.words[0]
	switch {
	case w.is("not"):
		p.take()
		inner, err := p.single()
		if err != nil {
			return nil, err
		}
		return func(r *run, it *item) bool { return !inner(r, it) }, nil
	case w.is("no"):
		p.take()
		if len(p.words) == 0 {
			return nil, fmt.Errorf("after \"no\" comes a selector")
		}
		values, err := p.operand()
		if err != nil {
			return nil, err
		}
		return func(r *run, it *item) bool {
			return !values(r, it, func(string) bool { return true })
		}, nil
	case !w.quoted && strings.HasPrefix(w.text, "("):
		return p.group(p.take())
	}
	return p.comparison()
}

func (p *condParser) group(w word) (cond, error) {
	if p.depth == 16 {
		return nil, fmt.Errorf("the condition is nested deeper than 16")
	}
	words, err := groupWords(w)
	if err != nil {
		return nil, err
	}
	inner := condParser{c: p.c, words: words, depth: p.depth + 1}
	c, err := inner.alternatives()
	if err == nil && len(inner.words) > 0 {
		err = fmt.Errorf("%q does not belong in this condition", inner.words[0].text)
	}
	return c, err
}

// groupWords splits the text between the parentheses of w.
func groupWords(w word) ([]word, error) {
	if w.quoted || len(w.text) < 2 || w.text[0] != '(' || w.text[len(w.text)-1] != ')' {
		return nil, fmt.Errorf("a list is written (one two three), not %s", w.text)
	}
	words, err := splitWords(w.text[1:len(w.text)-1], w.line)
	if err != nil {
		return nil, fmt.Errorf("%s", err.Msg)
	}
	for i := range words {
		words[i].col += w.col
	}
	return words, nil
}

// A finder reports whether one of the values of an operand passes.
type finder func(r *run, it *item, pass func(string) bool) bool

func (p *condParser) operand() (finder, error) {
	w := p.take()
	if w.quoted {
		return nil, fmt.Errorf("a condition begins with a selector, not with the text %q", w.text)
	}
	if _, records := p.c.family.(recordFamily); w.text == "value" && !records {
		return func(_ *run, it *item, pass func(string) bool) bool { return it.text != "" && pass(it.text) }, nil
	}
	if outsideBrackets(w.text, '=') {
		return nil, &Error{File: p.c.file, Line: w.line, Col: w.col, Msg: "put a space before and behind = or !=: where lang = \"sq\""}
	}
	sel, err := p.c.within(w.text)
	if err != nil {
		return nil, p.at(w, err)
	}
	return func(r *run, it *item, pass func(string) bool) bool {
		found := sel.find(r, it.node, r.borrow())
		ok := false
		for i := 0; i < len(found) && !ok; i++ {
			ok = found[i].text != "" && pass(found[i].text)
		}
		r.giveBack(found)
		return ok
	}, nil
}

// comparison reads SELECTOR, or SELECTOR OPERATOR OPERAND.
func (p *condParser) comparison() (cond, error) {
	values, err := p.operand()
	if err != nil {
		return nil, err
	}
	negate := false
	if p.peek("not") {
		p.take()
		negate = true
		if !slices.ContainsFunc(negatable, p.peek) {
			return nil, fmt.Errorf("after SELECTOR not comes %s", strings.Join(negatable, ", "))
		}
	}
	if len(p.words) == 0 || p.peek("and") || p.peek("or") {
		return func(r *run, it *item) bool { return values(r, it, func(string) bool { return true }) }, nil
	}
	op := p.take()
	if op.quoted {
		return nil, fmt.Errorf("a comparison is missing before %q, such as = or in", op.text)
	}
	if op.text == "!=" {
		negate = true
	}
	if op.is("is") && p.peek("not") {
		p.take()
		negate = true
	}
	pass, err := p.passes(op)
	if err != nil {
		return nil, err
	}
	return func(r *run, it *item) bool { return values(r, it, pass) != negate }, nil
}

// passes compiles an operator and what follows it to a test of one value.
func (p *condParser) passes(op word) (func(string) bool, error) {
	if !slices.Contains(comparisons, op.text) {
		return nil, p.noComparison(op)
	}
	if len(p.words) == 0 {
		return nil, fmt.Errorf("nothing follows %q in this condition", op.text)
	}
	arg := p.take()
	switch op.text {
	case "in":
		return p.list(arg)
	case "matches":
		test, err := matcher(arg.text)
		return test, p.at(arg, err)
	case "has":
		want := strings.ToLower(arg.text)
		return func(s string) bool { return strings.Contains(strings.ToLower(s), want) }, nil
	case "starts":
		return func(s string) bool { return strings.HasPrefix(s, arg.text) }, nil
	case "before", "after", "during":
		test, err := dateTest(op.text, arg)
		return test, p.at(arg, err)
	}
	return func(s string) bool { return s == arg.text }, nil
}

// at adds the place of a word to an error that has no place yet.
func (p *condParser) at(w word, err error) error {
	var own *Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &own):
		own = &Error{File: p.c.file, Msg: err.Error()}
	}
	if own.Line == 0 {
		own.Line, own.Col = w.line, w.col
	}
	return own
}

func (p *condParser) noComparison(op word) error {
	err := &Error{File: p.c.file, Line: op.line, Col: op.col, Hint: otherwise[strings.ToLower(op.text)],
		Msg: fmt.Sprintf("%q is no comparison; use %s, not in or is not", op.text, strings.Join(comparisons, ", "))}
	if err.Hint == "" && len(op.text) > 1 { // one letter is near to everything
		err.Hint = wording.Nearest(op.text, append([]string{"not", "and", "or"}, comparisons...))
	}
	return err
}

func (p *condParser) list(arg word) (func(string) bool, error) {
	if arg.is("table") {
		if len(p.words) == 0 {
			return nil, fmt.Errorf("after \"in table\" comes a table's name")
		}
		t, err := p.c.table(p.take())
		if err != nil {
			return nil, err
		}
		return func(s string) bool { _, ok := t.find(s); return ok }, nil
	}
	words, err := groupWords(arg)
	if err != nil {
		return nil, err
	}
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w.text] = true
	}
	return func(s string) bool { return set[s] }, nil
}

// pattern compiles a regular expression. RE2 takes time in proportion to the text, and pattern and text are bounded,
// so no pattern can stop a harvest.
func pattern(s string) (*regexp.Regexp, error) {
	if len(s) > maxPattern {
		return nil, fmt.Errorf("the regular expression is longer than %d bytes", maxPattern)
	}
	re, err := regexp.Compile(s)
	if err != nil {
		return nil, fmt.Errorf("the regular expression %q is not understood: %s", s, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return re, nil
}

// matcher compiles a regular expression into a test. A word without regard to case, which is what most are, is looked for
// without the regular expression.
func matcher(s string) (func(string) bool, error) {
	re, err := pattern(s)
	if err != nil {
		return nil, err
	}
	word, ok := strings.CutPrefix(s, "(?i)")
	if !ok || word == "" || regexp.QuoteMeta(word) != word || strings.ContainsFunc(word, func(r rune) bool { return r > unicode.MaxASCII }) || strings.ContainsAny(word, "kKsS") {
		return func(s string) bool { return matchBounded(re, s) }, nil
	}
	return func(s string) bool { return len(s) <= maxMatched && containsFold(s, word) }, nil
}

// containsFold reports whether a text has an ASCII word in it, without regard to case.
func containsFold(text, word string) bool {
	for i := 0; i+len(word) <= len(text); i++ {
		if text[i]|0x20 == word[0]|0x20 && strings.EqualFold(text[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

// maxMatched is how much of a text a regular expression is tried on, in bytes.
const maxMatched = 64 << 10

func matchBounded(re *regexp.Regexp, s string) bool {
	return len(s) <= maxMatched && re.MatchString(s)
}
