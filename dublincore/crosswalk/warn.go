package crosswalk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// A Warning is something in a record that a person should look at. It changes nothing.
type Warning struct {
	Name   string // of the check: "later_date"
	Detail string // what was seen, for a person
	File   string // the mapping file
	Line   int    // its warn line
}

// Text is the warning in one line: "later_date: …".
func (w Warning) Text() string { return w.Name + ": " + w.Detail }

// A warning is one compiled warn line.
type warning struct {
	look      check
	selectors []namedSelector
	file      string
	line      int
}

// A check looks at the texts of the fields and at the finished record. It returns the warning, or an empty text.
type check struct {
	name, doc string
	run       func(rec *dublincore.Record, fields []string, texts []string) string
}

// checks are all checks, in the order of the reference page.
var checks = []check{
	{"later_date", "a field names a date later than the record's own (created, issued or date)", laterDate},
	{"missing", "none of the fields has a value", func(_ *dublincore.Record, fields, texts []string) string {
		if len(texts) > 0 {
			return ""
		}
		return "nothing in " + strings.Join(fields, ", ")
	}},
	{"several", "the fields have more than one value together", func(_ *dublincore.Record, fields, texts []string) string {
		if len(texts) < 2 {
			return ""
		}
		return fmt.Sprintf("%d values in %s", len(texts), strings.Join(fields, ", "))
	}},
	{"repeated", "two values of the fields are the same, whatever their case and punctuation", func(_ *dublincore.Record, _, texts []string) string {
		seen := map[string]bool{}
		for _, s := range texts {
			if seen[fold(s)] {
				return fmt.Sprintf("%q twice", wording.Shorten(tidy(s), 80))
			}
			seen[fold(s)] = true
		}
		return ""
	}},
}

// warnStatement compiles "warn NAME in SELECTOR…".
func (c *compiler) warnStatement(args []word) {
	i := slices.IndexFunc(checks, func(k check) bool { return k.name == args[0].text })
	if i < 0 {
		var names []string
		for _, k := range checks {
			names = append(names, k.name)
		}
		c.failWith(args[0], c.hint(args[0], names, "there is no warning %q; there are %s", args[0].text, strings.Join(names, ", ")))
		return
	}
	if len(args) < 3 || !args[1].is("in") {
		c.fail(args[0], "write: %s", formOf("warn"))
		return
	}
	if c.family == nil {
		c.fail(args[0], "the format line comes before this line")
		return
	}
	w := &warning{look: checks[i], file: c.file, line: args[0].line}
	for _, a := range args[2:] {
		s, err := c.family.selector(c, a.text, false)
		if err != nil {
			c.failWith(a, err)
			return
		}
		w.selectors = append(w.selectors, namedSelector{s, a.text})
	}
	c.warnings = append(c.warnings, w)
}

func (w *warning) check(r *run) {
	var fields, texts []string
	for _, s := range w.selectors {
		fields = append(fields, s.name)
		for _, it := range s.find(r, r.root, nil) {
			if strings.TrimSpace(it.text) != "" {
				texts = append(texts, it.text)
			}
		}
	}
	text := w.look.run(r.out, fields, texts)
	if text == "" {
		return
	}
	r.res.Warnings = append(r.res.Warnings, Warning{Name: w.look.name, Detail: text, File: w.file, Line: w.line})
}
