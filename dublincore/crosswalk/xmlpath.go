package crosswalk

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/beevik/etree"
)

// An xmlPath is a path through elements: the part of XPath that mappings need.
type xmlPath struct {
	steps    []pathStep
	fromRoot bool   // "/mods/…": the first name is the root's
	upward   bool   // "^did/…": from the nearest of the element and its ancestors where something is found
	attr     string // "@href" at the end; "*" for any
	attrNS   string
}

type pathStep struct {
	name  string // "*" for any, ".." for the parent, "." for the element itself
	ns    string // URI; empty for any
	deep  bool   // after "//"
	tests []pathTest
}

// A pathTest is one [predicate].
type pathTest struct {
	position int // [2]; -1 is [last()]
	holds    func(r *run, el *etree.Element) bool
}

// A pathParser reads a path from the front of text.
type pathParser struct {
	c     *compiler
	text  string
	depth int
}

const pathHelp = `a path looks like titleInfo[@type="uniform"]/title, //name or location/url/@access`

func (p *pathParser) path(depth int) (*xmlPath, error) {
	if depth > 8 {
		return nil, errors.New("the path is nested deeper than 8")
	}
	p.depth = depth
	out := &xmlPath{}
	if p.accept("^") {
		out.upward = true
	}
	deep := false
	if p.accept("//") {
		deep = true
	} else if p.accept("/") {
		out.fromRoot = true
	}
	for jumps := 0; ; {
		if len(out.steps) == 32 {
			return nil, errors.New("the path has more than 32 steps")
		}
		if p.accept("@") {
			space, name, err := p.name()
			if err != nil {
				return nil, err
			}
			if deep {
				out.steps = append(out.steps, pathStep{name: "*", deep: true})
			}
			out.attrNS, out.attr = space, name
			return out, nil
		}
		if deep {
			if jumps++; jumps > 2 {
				return nil, errors.New("a path may have // twice at most")
			}
		}
		s, err := p.step()
		if err != nil {
			return nil, err
		}
		s.deep = deep
		out.steps = append(out.steps, s)
		if deep = p.accept("//"); !deep && !p.accept("/") {
			return out, nil
		}
	}
}

func (p *pathParser) accept(s string) bool {
	rest, ok := strings.CutPrefix(p.text, s)
	if ok {
		p.text = rest
	}
	return ok
}

func (p *pathParser) step() (s pathStep, err error) {
	switch {
	case p.accept(".."):
		s.name = ".."
	case p.accept("."):
		s.name = "."
	default:
		if s.ns, s.name, err = p.name(); err != nil {
			return s, err
		}
	}
	for p.accept("[") {
		if len(s.tests) == 8 {
			return s, errors.New("a step of a path has at most 8 [conditions]")
		}
		t, err := p.test()
		if err != nil {
			return s, err
		}
		if !p.accept("]") {
			return s, fmt.Errorf("a ] is missing before %q; %s", p.text, pathHelp)
		}
		s.tests = append(s.tests, t)
	}
	return s, nil
}

// name reads NAME, PREFIX:NAME or *.
func (p *pathParser) name() (space, name string, err error) {
	if p.accept("*") {
		return "", "*", nil
	}
	name = p.ncname()
	if name == "" {
		return "", "", fmt.Errorf("a name is missing before %q; %s", p.text, pathHelp)
	}
	if !p.accept(":") {
		return "", name, nil
	}
	prefix := name
	space, ok := p.c.namespaces[prefix]
	if !ok {
		known := map[string]string{"xml": xmlNamespace, "xlink": "http://www.w3.org/1999/xlink", "xsi": "http://www.w3.org/2001/XMLSchema-instance"}
		if space, ok = known[prefix]; !ok {
			return "", "", fmt.Errorf("the prefix %q is not declared; add a line: namespace %s \"…\", or leave the prefix out", prefix, prefix)
		}
	}
	if name = p.ncname(); name == "" {
		return "", "", fmt.Errorf("a name is missing after %s:; %s", prefix, pathHelp)
	}
	return space, name, nil
}

func (p *pathParser) ncname() string {
	n := 0
	for n < len(p.text) {
		c := p.text[n]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
		if !letter && (n == 0 || c != '-' && c != '.' && (c < '0' || c > '9')) {
			break
		}
		n++
	}
	name := p.text[:n]
	p.text = p.text[n:]
	return name
}

func (p *pathParser) space() { p.text = strings.TrimLeft(p.text, " ") }

// test reads the predicate between the brackets: a number, last(), or conditions with and, or, not().
func (p *pathParser) test() (pathTest, error) {
	p.space()
	if p.accept("last()") {
		p.space()
		return pathTest{position: -1}, nil
	}
	if n := strings.IndexFunc(p.text, func(c rune) bool { return c < '0' || c > '9' }); n > 0 {
		position, err := strconv.Atoi(p.text[:n])
		if err != nil || position == 0 || position > 1_000_000 {
			return pathTest{}, fmt.Errorf("[%s] is no position; the first is [1]", p.text[:n])
		}
		p.text = p.text[n:]
		p.space()
		return pathTest{position: position}, nil
	}
	holds, err := p.anyOf()
	return pathTest{holds: holds}, err
}

type pathCond = func(r *run, el *etree.Element) bool

func (p *pathParser) anyOf() (pathCond, error) {
	first, err := p.allOf()
	for err == nil && p.keyword("or") {
		var second pathCond
		if second, err = p.allOf(); err == nil {
			a, b := first, second
			first = func(r *run, el *etree.Element) bool { return a(r, el) || b(r, el) }
		}
	}
	return first, err
}

func (p *pathParser) allOf() (pathCond, error) {
	first, err := p.oneOf()
	for err == nil && p.keyword("and") {
		var second pathCond
		if second, err = p.oneOf(); err == nil {
			a, b := first, second
			first = func(r *run, el *etree.Element) bool { return a(r, el) && b(r, el) }
		}
	}
	return first, err
}

func (p *pathParser) keyword(s string) bool {
	p.space()
	rest, ok := strings.CutPrefix(p.text, s)
	if ok && (rest == "" || rest[0] == ' ' || rest[0] == '(') {
		p.text = rest
		return true
	}
	return false
}

func (p *pathParser) oneOf() (pathCond, error) {
	p.space()
	negate := p.accept("not(")
	if negate || p.accept("(") {
		if p.depth++; p.depth > 8 {
			return nil, errors.New("the path is nested deeper than 8")
		}
		inner, err := p.anyOf()
		if err != nil {
			return nil, err
		}
		p.space()
		if !p.accept(")") {
			return nil, fmt.Errorf("a ) is missing before %q", p.text)
		}
		p.space()
		if negate {
			return func(r *run, el *etree.Element) bool { return !inner(r, el) }, nil
		}
		return inner, nil
	}
	return p.compare()
}

func (p *pathParser) compare() (pathCond, error) {
	inner := pathParser{c: p.c, text: p.text}
	path, err := inner.path(p.depth + 1)
	if err != nil {
		return nil, err
	}
	p.text = inner.text
	p.space()
	differs := p.accept("!=")
	if !differs && !p.accept("=") {
		return func(r *run, el *etree.Element) bool { return path.some(r, el, nil) }, nil
	}
	p.space()
	if p.text == "" || p.text[0] != '"' && p.text[0] != '\'' {
		return nil, fmt.Errorf("after = comes a text in quotes; %s", pathHelp)
	}
	want, rest, ok := strings.Cut(p.text[1:], p.text[:1])
	if !ok {
		return nil, errors.New("a quote in the path is never closed")
	}
	p.text = rest
	p.space()
	return func(r *run, el *etree.Element) bool {
		return path.some(r, el, func(s string) bool { return (s == want) != differs })
	}, nil
}
