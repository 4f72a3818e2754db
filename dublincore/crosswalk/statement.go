package crosswalk

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// statements are the words a line can begin with besides a term, for hints and the reference page.
var statements = []struct{ name, form, doc string }{
	{"format", "format NAME [as FAMILY]", "what the mapping reads; before any rule. A format of one's own says which family of selectors it uses: `format lido as xml`"},
	{"root", "root NAME...", "XML only: paths begin at the first element of the name (or of the path with //), wherever it is; the first of several that is there; a document without any is refused"},
	{"namespace", "namespace PREFIX \"URI\"", "XML only: lets paths say PREFIX:name; names without a prefix match in any namespace"},
	{"ignore", "ignore SELECTOR...", "what is left out on purpose, so that no note says that no rule looks at it; in JSON, `*.id` is the `id` of whatever the rules look into; for XML, `ignore @NAME \"VALUE\"` reads elements with that attribute, and all in them, as if they were not there"},
	{"include", "include FILE", "takes over the rules of another mapping: a file beside this one, or a built-in"},
	{"replace", "replace TERM from … (or is …)", "a rule that takes the place of all included rules of the term"},
	{"drop", "drop TERM...", "forgets all included rules of the terms"},
	{"table", "table NAME [from FILE] [key COLUMN] [value COLUMN]", "a look-up table: from a CSV file with a header line, or from the indented lines below, `word = meaning` (or just words)"},
	{"warn", "warn NAME in SELECTOR…", "looks at each record and warns, without changing it"},
	{"example", "example \"title\"", "a whole record: indented lines that begin with > are the original, lines such as `title = \"…\"` and `no creator` what must come out"},
}

func statementNames() []string {
	names := termNames()
	for _, s := range statements {
		names = append(names, s.name)
	}
	return names
}

// statement compiles one line and what is indented below it.
func (c *compiler) statement(l line, below []line) {
	head, args := l.words[0], l.words[1:]
	if head.quoted {
		c.fail(head, "a line begins with a term or with one of format, root, namespace, ignore, include, replace, drop, table, warn, example")
		return
	}
	if t, ok := dublincore.TermNamed(head.text); ok && len(args) > 0 && (args[0].is("from") || args[0].is("is")) {
		c.ruleStatement(t, l, args, below) // "format" is a term too
		return
	}
	switch head.text {
	case "table":
		c.tableStatement(head, args, below)
		return
	case "example":
		c.exampleStatement(head, args, below)
		return
	case "replace":
		if len(args) == 0 {
			c.fail(head, "replace needs a rule: replace TERM from …")
			return
		}
		if t, ok := c.term(args[0]); ok {
			c.forget(args[0], t, "replace")
			c.ruleStatement(t, l, args[1:], below)
		}
		return
	case "format", "root", "namespace", "ignore", "include", "drop", "warn":
		if len(below) > 0 {
			c.fail(below[0].words[0], "nothing is indented below a line that begins with %q", head.text)
		}
		c.plainStatement(head, args)
		return
	}
	if t, ok := c.term(head); ok {
		c.ruleStatement(t, l, args, below)
	}
}

func (c *compiler) plainStatement(head word, args []word) {
	if len(args) == 0 {
		c.fail(head, "%q says nothing more; write: %s", head.text, formOf(head.text))
		return
	}
	switch head.text {
	case "format":
		c.formatStatement(args)
	case "include":
		c.include(args[0])
		if len(args) > 1 {
			c.fail(args[1], "one file on each include line")
		}
	case "drop":
		for _, w := range args {
			if t, ok := c.term(w); ok {
				c.forget(w, t, "drop")
			}
		}
	case "warn":
		c.warnStatement(args)
	case "ignore":
		c.ignoreStatement(head, args)
	default:
		if _, ok := c.family.(*xmlFamily); !ok {
			c.fail(head, "%q is for mappings of XML formats; put it after the format line", head.text)
			return
		}
		switch {
		case head.text == "root":
			c.rootStatement(args)
		case len(args) != 2:
			c.fail(head, "write: %s", formOf(head.text))
		default:
			c.namespaces[args[0].text] = args[1].text
		}
	}
}

func formOf(statement string) string {
	for _, s := range statements {
		if s.name == statement {
			return s.form
		}
	}
	return ""
}

func (c *compiler) formatStatement(args []word) {
	name, kind := args[0].text, args[0]
	if len(args) == 3 && args[1].is("as") {
		kind = args[2]
	} else if len(args) != 1 {
		c.fail(args[1], "write: %s", formOf("format"))
		return
	}
	f, ok := familyOf(kind.text)
	if !ok {
		c.asked = true
		c.failWith(kind, c.hint(kind, formatNames(),
			"the format %q is not known; known are %s; for a format of your own say which family it is: format %s as xml",
			kind.text, strings.Join(formatNames(), ", "), name))
		return
	}
	if len(c.chain) > 1 && c.family != nil {
		if reflect.TypeOf(f) != reflect.TypeOf(c.family) {
			c.fail(args[0], "this mapping reads %s, but it is included in one that reads %s", name, c.format)
		}
		return
	}
	if len(c.rules) > 0 {
		c.fail(args[0], "the format line comes before the rules (an included mapping has said %q)", c.format)
		return
	}
	c.format, c.family = name, f
}

// term finds the term that w names.
func (c *compiler) term(w word) (dublincore.Term, bool) {
	t, ok := dublincore.TermNamed(w.text)
	if !ok || w.quoted {
		c.failWith(w, c.hint(w, statementNames(), "%q is no term of a record, and no other word that begins a line", w.text))
	}
	return t, ok && !w.quoted
}

// forget removes the rules of t that came with an include.
func (c *compiler) forget(w word, t dublincore.Term, why string) {
	found := false
	for _, ru := range c.rules {
		if ru.term == t && ru.depth > len(c.chain) {
			ru.dead, found = true, true
		}
	}
	if !found {
		c.fail(w, "nothing that is included above has a rule for %s, so there is nothing to %s", t, why)
	}
}

// ruleStatement compiles a rule with its else lines and examples.
func (c *compiler) ruleStatement(t dublincore.Term, l line, args []word, below []line) {
	if c.family == nil {
		if c.asked {
			return // once is enough
		}
		c.asked = true
		c.fail(l.words[0], "before the first rule, say what the mapping reads: format %s", strings.Join(formatNames(), ", or "))
		return
	}
	if len(c.rules) == maxRules {
		c.fail(l.words[0], "the mapping has more than %d rules", maxRules)
		return
	}
	type part struct {
		head  word
		words []word
		exs   []line
	}
	whole := args
	each, args, err := c.eachOf(l.words[0], args)
	if err != nil {
		c.failWith(l.words[0], err)
		return
	}
	parts := []part{{head: l.words[0], words: args}}
	for _, b := range below {
		last := &parts[len(parts)-1]
		switch w := b.words[0]; {
		case w.is("|") || w.is("where"):
			last.words = append(last.words, b.words...)
		case w.is("else"):
			parts = append(parts, part{head: w, words: b.words[1:]})
		case w.is("example"):
			last.exs = append(last.exs, b)
		default:
			c.failWith(w, c.hint(w, []string{"else", "example"}, "below a rule stand else, example, where, or | with further transforms, not %q", w.text))
		}
	}
	var first, prev *rule
	for _, p := range parts {
		ru, err := c.rule(t, p.head, p.words, each != nil)
		if err != nil {
			c.failWith(p.head, err)
			return
		}
		for _, e := range p.exs {
			c.inlineExample(ru, e)
		}
		if prev == nil {
			first = ru
			first.each = each
			if each != nil {
				first.text = ruleText(t, whole)
			}
		} else {
			prev.otherwise = ru
		}
		prev = ru
	}
	c.rules = append(c.rules, first)
}

// eachOf reads "each SELECTOR" in front of a rule, if it is there, and gives the words behind it.
func (c *compiler) eachOf(head word, words []word) (each *namedSelector, rest []word, err error) {
	if len(words) == 0 || !words[0].is("each") {
		return nil, words, nil
	}
	if len(words) < 3 || !words[2].is("from") {
		return nil, nil, c.at(words[0], fmt.Errorf("write: %s each SELECTOR from SELECTOR…", head.text))
	}
	s, err := c.family.selector(c, words[1].text, false)
	if err != nil {
		return nil, nil, c.at(words[1], err)
	}
	return &namedSelector{s, words[1].text}, words[2:], nil
}

// selectorIn compiles a selector, of the record or of a thing that was selected before.
func (c *compiler) selectorIn(text string, within bool) (selector, error) {
	if within && text == "." {
		return itself{}, nil
	}
	return c.family.selector(c, text, within)
}

// within compiles a selector that looks into what a rule has selected, as conditions and templates do.
func (c *compiler) within(text string) (selector, error) {
	s, err := c.family.selector(c, text, true)
	if err == nil {
		c.inside = append(c.inside, s)
	}
	return s, err
}

// rule compiles "from SELECTOR… [where CONDITION] [| transform]…" or "is "value" …". within says that the selectors look into
// a thing that was selected before.
func (c *compiler) rule(t dublincore.Term, head word, words []word, within bool) (*rule, error) {
	ru := &rule{term: t, file: c.file, line: head.line, depth: len(c.chain), text: ruleText(t, words)}
	c.inside = nil
	if len(words) == 0 || words[0].quoted || words[0].text != "from" && words[0].text != "is" {
		at := head
		if len(words) > 0 {
			at = words[0]
		}
		return nil, c.hint(at, []string{"from", "is"}, "after %s comes \"from\" and where the value is found, or \"is\" and the value itself", head.text)
	}
	source, cond, steps := cut(words[1:])
	if len(source) == 0 {
		return nil, &Error{Line: words[0].line, Col: words[0].col, Msg: fmt.Sprintf("nothing follows %q", words[0].text)}
	}
	if words[0].text == "is" {
		if len(source) > 1 {
			return nil, &Error{Line: source[1].line, Col: source[1].col, Msg: "put a value of several words in quotes: " + head.text + " is \"two words\""}
		}
		ru.constant = &item{text: source[0].text}
	} else {
		for _, w := range source {
			s, err := c.selectorIn(w.text, within)
			if err != nil {
				return nil, c.at(w, err)
			}
			ru.selectors = append(ru.selectors, namedSelector{s, w.text})
		}
	}
	if cond != nil {
		p := condParser{c: c, words: cond[1:]}
		var err error
		ru.cond, err = p.alternatives()
		if err == nil && len(p.words) > 0 {
			err = c.hint(p.words[0], []string{"and", "or"}, "%q does not belong in this condition; join conditions with and, or", p.words[0].text)
		}
		if err != nil {
			return nil, c.at(cond[0], err)
		}
	}
	if len(steps) > maxSteps {
		return nil, fmt.Errorf("the rule has more than %d transforms", maxSteps)
	}
	for _, s := range steps {
		st, err := c.step(s)
		if err != nil {
			return nil, err
		}
		ru.steps = append(ru.steps, st)
	}
	ru.inside = c.inside
	ru.pieces = len(steps) > 0 && len(steps[0]) > 2 && steps[0][1].is("text") && !strings.Contains(steps[0][2].text, "{value}")
	ru.name = len(steps) > 0 && len(steps[0]) > 1 && steps[0][1].is("name")
	return ru, nil
}

// at gives err the place of w, unless it has a better one.
func (c *compiler) at(w word, err error) error {
	if own, ok := err.(*Error); ok {
		if own.Line == 0 {
			own.Line, own.Col = w.line, w.col
		}
		return own
	}
	return &Error{File: c.file, Line: w.line, Col: w.col, Msg: err.Error()}
}

// cut splits the words of a rule into its source, its condition (with "where") and its transforms (each with its "|").
func cut(words []word) (source, cond []word, steps [][]word) {
	for i := 0; i < len(words); i++ {
		switch {
		case words[i].is("|"):
			steps = append(steps, words[i:i+1:i+1])
		case len(steps) > 0:
			steps[len(steps)-1] = append(steps[len(steps)-1], words[i])
		case cond != nil || words[i].is("where"):
			cond = append(cond, words[i])
		default:
			source = append(source, words[i])
		}
	}
	return source, cond, steps
}

// ruleText is the rule as a person would write it, without its indentation.
func ruleText(t dublincore.Term, words []word) string {
	var b strings.Builder
	b.WriteString(t.String())
	for _, w := range words {
		b.WriteByte(' ')
		if w.quoted {
			b.WriteString(`"` + strings.ReplaceAll(w.text, `"`, `\"`) + `"`)
		} else {
			b.WriteString(w.text)
		}
	}
	return b.String()
}
