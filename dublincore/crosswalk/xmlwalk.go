package crosswalk

import (
	"slices"

	"github.com/beevik/etree"
)

// find selects texts: all the text in an element, or the value of an attribute.
func (p *xmlPath) find(r *run, from node, dst []item) []item {
	el, ok := from.(*etree.Element)
	if !ok {
		return dst
	}
	if !p.upward {
		return p.from(r, el, dst)
	}
	for n := len(dst); el != nil && len(dst) == n; el = el.Parent() {
		dst = p.from(r, el, dst)
	}
	return dst
}

func (p *xmlPath) from(r *run, el *etree.Element, dst []item) []item {
	if !p.fromRoot {
		return p.walk(r, el, 0, dst)
	}
	root, _ := r.root.(*etree.Element)
	if len(p.steps) == 0 {
		return p.walk(r, root, 0, dst)
	}
	if root == nil || !p.steps[0].named(r, root) {
		return dst
	}
	return p.walk(r, root, 1, dst)
}

// some reports whether the path finds a text that passes. If pass is nil, any text does.
func (p *xmlPath) some(r *run, el *etree.Element, pass func(string) bool) bool {
	if len(p.steps) == 0 && p.attr != "*" && !p.upward { // an attribute of the element itself: most conditions
		for i := range el.Attr {
			if a := &el.Attr[i]; p.isAttr(r, a) && (pass == nil || pass(a.Value)) {
				return true
			}
		}
		return false
	}
	found := p.find(r, el, r.borrow())
	ok := false
	for i := 0; i < len(found) && !ok; i++ {
		ok = pass == nil || pass(found[i].text)
	}
	r.giveBack(found)
	return ok
}

func (p *xmlPath) isAttr(r *run, a *etree.Attr) bool {
	return (a.Key == p.attr || p.attr == "*") && r.state.xml.has(a.Space, p.attrNS)
}

func (s *pathStep) named(r *run, el *etree.Element) bool {
	return (s.name == el.Tag || s.name == "*") && r.state.xml.has(el.Space, s.ns)
}

// walk goes on from el at step i.
func (p *xmlPath) walk(r *run, el *etree.Element, i int, dst []item) []item {
	if el == nil {
		return dst
	}
	if i == len(p.steps) {
		return p.take(r, el, dst)
	}
	s := &p.steps[i]
	switch s.name {
	case ".":
		if s.passes(r, el, 1, 1) {
			dst = p.walk(r, el, i+1, dst)
		}
		return dst
	case "..":
		if up := el.Parent(); up != nil && s.passes(r, up, 1, 1) {
			dst = p.walk(r, up, i+1, dst)
		}
		return dst
	}
	position, last := 0, 0
	if s.countsLast() {
		for _, t := range el.Child {
			if child, ok := t.(*etree.Element); ok && s.named(r, child) {
				last++
			}
		}
	}
	for _, t := range el.Child {
		child, ok := t.(*etree.Element)
		if !ok {
			continue
		}
		if r.state.xml.visits++; r.state.xml.visits > maxXMLVisits {
			r.fault = errVisits
			return dst
		}
		if s.named(r, child) {
			position++
			if s.passes(r, child, position, last) {
				dst = p.walk(r, child, i+1, dst)
			}
		}
		if s.deep {
			dst = p.walk(r, child, i, dst)
		}
	}
	return dst
}

func (s *pathStep) countsLast() bool {
	for _, t := range s.tests {
		if t.position < 0 {
			return true
		}
	}
	return false
}

func (s *pathStep) passes(r *run, el *etree.Element, position, last int) bool {
	for _, t := range s.tests {
		switch {
		case t.holds != nil:
			if !t.holds(r, el) {
				return false
			}
		case t.position < 0 && position != last, t.position > 0 && position != t.position:
			return false
		}
	}
	return true
}

// returns reports whether a path goes out of the element in hand. If it comes back to the record itself, it has not looked at
// what is in it; nor has a path to an attribute of the record.
func (p *xmlPath) returns() bool {
	return slices.ContainsFunc(p.steps, func(s pathStep) bool { return s.name == ".." })
}

func (p *xmlPath) take(r *run, el *etree.Element, dst []item) []item {
	if r.full(dst) {
		return dst
	}
	if node(el) != r.root || p.attr == "" && !p.returns() {
		r.saw(el)
	}
	if p.attr == "" {
		text := stringValue(el)
		lang, levels := xmlLang(el)
		r.state.xml.visits += len(text)>>6 + levels // the text of a parent holds that of its children again
		return append(dst, item{text: text, lang: lang, node: el})
	}
	for i := range el.Attr {
		if a := &el.Attr[i]; p.isAttr(r, a) {
			dst = append(dst, item{text: a.Value, node: el})
		}
	}
	return dst
}
