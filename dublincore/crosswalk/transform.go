package crosswalk

import (
	"fmt"
	"strconv"
	"strings"
)

// A transform is one of the changes that a rule can make to what it found. There are no others than those in transforms.
type transform struct {
	name string
	args string // its arguments, for people
	doc  string // one sentence
	// example is a tested sample: what goes in, the transform with its arguments, what comes out.
	example sample
	build   func(a *arguments) (stepFunc, error)
}

type sample struct {
	in   []string
	call string
	out  []string
}

type stepFunc func(r *run, in []item) []item

// arguments are the words after a transform's name.
type arguments struct {
	c     *compiler
	name  string
	form  string
	words []word
}

// text takes the next word, bare or quoted.
func (a *arguments) text() (string, error) {
	if len(a.words) == 0 {
		return "", fmt.Errorf("%q needs more words: %s", a.name, a.form)
	}
	w := a.words[0]
	a.words = a.words[1:]
	return w.text, nil
}

// has takes the next word if it is the given one.
func (a *arguments) has(keyword string) bool {
	if len(a.words) > 0 && a.words[0].is(keyword) {
		a.words = a.words[1:]
		return true
	}
	return false
}

func (a *arguments) number(low, high int) (int, error) {
	s, err := a.text()
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("%q needs a number from %d to %d, not %q", a.name, low, high, s)
	}
	return n, nil
}

// table takes a table's name; the word "table" before it is optional.
func (a *arguments) table() (*table, error) {
	a.has("table")
	if len(a.words) == 0 {
		return nil, fmt.Errorf("%q needs a table's name: %s", a.name, a.form)
	}
	w := a.words[0]
	a.words = a.words[1:]
	return a.c.table(w)
}

// transforms are all transforms, in the order of the reference page.
var transforms = concat(textTransforms, choiceTransforms, nameTransforms, valueTransforms)

func concat(lists ...[]transform) []transform {
	var all []transform
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

var transformsByName = func() map[string]*transform {
	m := map[string]*transform{}
	for i := range transforms {
		m[transforms[i].name] = &transforms[i]
	}
	return m
}()

// step compiles "| NAME ARGUMENT…".
func (c *compiler) step(words []word) (step, error) {
	if len(words) < 2 {
		return step{}, &Error{Line: words[0].line, Col: words[0].col, Msg: "after | comes a transform, such as: | trim"}
	}
	head := words[1]
	t, ok := transformsByName[head.text]
	if !ok || head.quoted {
		var names []string
		for _, t := range transforms {
			names = append(names, t.name)
		}
		return step{}, c.hint(head, names, "there is no transform %q", head.text)
	}
	a := &arguments{c: c, name: t.name, form: strings.TrimSpace(t.name + " " + t.args), words: words[2:]}
	run, err := t.build(a)
	if err != nil {
		return step{}, c.at(head, err)
	}
	if len(a.words) > 0 {
		return step{}, c.at(a.words[0], fmt.Errorf("%q has no use for %q; write: %s", t.name, a.words[0].text, a.form))
	}
	return step{name: t.name, run: run}, nil
}

// each makes a step of a function on one text. An item whose text becomes empty is removed.
func each(f func(r *run, s string) string) stepFunc {
	return func(r *run, in []item) []item {
		n := 0
		for i := range in {
			s := f(r, in[i].text)
			if s == "" {
				continue
			}
			if n != i {
				in[n] = in[i]
			}
			in[n].text = s
			n++
		}
		return in[:n]
	}
}

// plain is a transform without arguments.
func plain(f func(s string) string) func(*arguments) (stepFunc, error) {
	step := each(func(_ *run, s string) string { return f(s) })
	return func(*arguments) (stepFunc, error) { return step, nil }
}
