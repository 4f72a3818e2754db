package crosswalk

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// maxCondition bounds the text of a condition, in bytes.
const maxCondition = 8 << 10

// A Condition is a test of Dublin Core records. It is written in the words that stand after "where" in a mapping, and
// its selectors are terms. It never changes, and many goroutines may use it at once.
//
//	type is StillImage and created before 1950 and no rights
//
// One of the fifteen elements stands for its refinements too, as in oai_dc: a value of created is one of date. The
// selector source is the name of the source that the record came from. The element of that name is written
// dc:source, and any other term may be written so too.
type Condition struct {
	holds   cond
	version string
	runs    sync.Pool
}

// CompileCondition compiles a condition, which may have several lines. The error is of type [Errors]: it names the
// file name, and the lines and columns of the text.
func CompileCondition(name, text string) (*Condition, error) {
	c := &compiler{file: name, chain: []string{name}, family: recordFamily{}, format: "Dublin Core", tables: map[string]*table{}, hash: sha256.New()}
	fmt.Fprintln(c.hash, engineRevision)
	words, err := conditionWords(name, text)
	if err != nil {
		return nil, Errors{err}
	}
	holds := c.condition(words)
	if len(c.errs) > 0 {
		return nil, c.errs
	}
	for _, w := range words {
		fmt.Fprintf(c.hash, "%t %q ", w.quoted, w.text)
	}
	cond := &Condition{holds: holds, version: hex.EncodeToString(c.hash.Sum(nil))[:16]}
	cond.runs.New = func() any { return &trial{} }
	return cond, nil
}

// condition compiles the words of a condition. After a mistake it continues with the next "and" or "or", so that all
// mistakes are found.
func (c *compiler) condition(words []word) (holds cond) {
	p := condParser{c: c, words: words}
	for {
		before := word{line: 1, col: 1}
		if len(p.words) > 0 {
			before = p.words[0]
		}
		var err error
		holds, err = p.alternatives()
		switch {
		case err != nil:
			c.failWith(before, err)
		case len(p.words) > 0:
			c.fail(p.words[0], "%q does not belong in this condition; join conditions with and, or", p.words[0].text)
		default:
			return holds
		}
		for len(p.words) > 0 && !p.peek("and") && !p.peek("or") {
			p.take()
		}
		if len(p.words) == 0 || len(c.errs) >= maxErrors {
			return nil
		}
		p.take()
	}
}

// conditionWords splits a text into its words.
func conditionWords(name, text string) (words []word, err *Error) {
	switch {
	case len(text) > maxCondition:
		return nil, &Error{File: name, Msg: "the condition is longer than 8 KiB; make two sets of it"}
	case !utf8.ValidString(text):
		return nil, &Error{File: name, Msg: "the condition is not UTF-8"}
	}
	num := 0
	for line := range strings.Lines(text) {
		num++
		more, err := splitWords(strings.TrimRight(line, "\r\n"), num)
		if err != nil {
			err.File = name
			return nil, err
		}
		words = append(words, more...)
	}
	return words, nil
}

// Version identifies the condition by 16 hexadecimal digits. Two conditions with the same version hold for the same
// records.
func (c *Condition) Version() string { return c.version }

// Holds reports whether the condition holds for a record that came from the named source.
func (c *Condition) Holds(rec *dublincore.Record, source string) bool {
	t := c.runs.Get().(*trial)
	t.subject = subject{rec, source}
	t.root = &t.subject
	holds := c.holds(&t.run, &t.none)
	t.subject = subject{}
	c.runs.Put(t)
	return holds
}

// A trial is the memory that trying a condition needs. It is used again for the next record.
type trial struct {
	run
	subject subject
	none    item // a condition on a record has no value in hand
}

// A subject is what a condition looks at.
type subject struct {
	rec    *dublincore.Record
	source string
}

// recordFamily is the family of finished records.
type recordFamily struct{}

func (recordFamily) selector(c *compiler, text string, _ bool) (selector, error) {
	if text == "source" {
		return sourceSelector{}, nil
	}
	name, _ := strings.CutPrefix(text, "dc:")
	t, ok := dublincore.TermNamed(name)
	if !ok {
		return nil, &Error{File: c.file, Msg: fmt.Sprintf("%q is no term of Dublin Core; a condition on records looks at terms such as type, created or subject, and at source", text),
			Hint: wording.Nearest(name, termNames())}
	}
	s := &recordSelector{}
	for _, of := range dublincore.Terms() {
		s.terms[of] = of == t || of.Element() == t
	}
	return s, nil
}

func (recordFamily) open(*run, []byte) (node, error) {
	panic("crosswalk: a condition has no original")
}

func (recordFamily) label(node) string { return "" }

// A recordSelector selects the values of a term and of what refines it.
type recordSelector struct{ terms [256]bool }

func (s *recordSelector) find(r *run, _ node, dst []item) []item {
	rec := r.root.(*subject).rec
	for i := range rec.Values {
		if v := &rec.Values[i]; s.terms[v.Term] {
			dst = append(dst, item{text: v.Text})
		}
	}
	return dst
}

type sourceSelector struct{}

func (sourceSelector) find(r *run, _ node, dst []item) []item {
	return append(dst, item{text: r.root.(*subject).source})
}
