package crosswalk

import (
	"slices"

	"github.com/beevik/etree"
)

// xmlReads are the elements that count as looked at though no rule selects them, by their names; those of any name are under
// "*". All others mark what they find.
type xmlReads struct {
	named map[string]*xmlEnds
	any   *xmlEnds   // that of "*"; nil if there is none
	found []selector // of ignore lines: those that can't be followed backwards
}

// xmlEnds are the paths that end in elements of one name.
type xmlEnds struct {
	spare   [][]pathStep // of else lines
	omitted []*xmlPath   // of ignore lines
}

// reads implements surveyor.
func (*xmlFamily) reads(m *Mapping) reads {
	x := &xmlReads{named: map[string]*xmlEnds{}}
	for _, first := range m.rules {
		for ru := first.otherwise; ru != nil; ru = ru.otherwise {
			for _, s := range ru.selectors {
				var steps []pathStep
				if first.each != nil {
					steps = append(steps, first.each.selector.(*xmlPath).steps...)
				}
				if p, ok := s.selector.(*xmlPath); ok {
					steps = append(steps, p.steps...)
				}
				steps = slices.DeleteFunc(steps, func(s pathStep) bool { return s.name == "." }) // the thing itself
				if n := len(steps); n > 0 {
					ends := x.of(steps[n-1].name)
					ends.spare = append(ends.spare, steps)
				}
			}
		}
	}
	for _, s := range m.omitted {
		p, ok := s.(*xmlPath)
		if !ok || !p.leadsBack() {
			x.found = append(x.found, s)
			continue
		}
		ends := x.of(p.steps[len(p.steps)-1].name)
		ends.omitted = append(ends.omitted, p)
	}
	x.any = x.named["*"]
	return x
}

// of are the paths that end in a name.
func (x *xmlReads) of(name string) *xmlEnds {
	if name == "." || name == ".." {
		name = "*"
	}
	ends := x.named[name]
	if ends == nil {
		ends = &xmlEnds{}
		x.named[name] = ends
	}
	return ends
}

// unread tells of elements with a text of their own.
func (x *xmlReads) unread(r *run, tell func(field, text string)) {
	root, ok := r.root.(*etree.Element)
	if !ok || r.state.xml.seen[root] {
		return
	}
	for _, s := range x.found {
		s.find(r, root, nil)
	}
	x.below(r, root, "", tell)
}

func (x *xmlReads) below(r *run, el *etree.Element, path string, tell func(field, text string)) {
	for _, t := range el.Child {
		child, ok := t.(*etree.Element)
		if !ok || r.state.xml.seen[child] || x.passesOver(r, child) {
			continue
		}
		if !hasText(child) {
			if len(child.Child) > 0 {
				x.below(r, child, path+child.Tag+"/", tell)
			}
			continue
		}
		text := ""
		if r.explain {
			text = stringValue(child) // what is in it is part of its text
		}
		tell(path+child.Tag, text)
	}
}

// hasText reports whether an element has a text of its own. The reader keeps no white space between elements.
func hasText(el *etree.Element) bool {
	for _, t := range el.Child {
		if _, is := t.(*etree.CharData); is {
			return true
		}
	}
	return false
}

// passesOver reports whether an else line names the element, whatever the line demands of it, or an ignore line selects it.
func (x *xmlReads) passesOver(r *run, el *etree.Element) bool {
	ends := x.named[el.Tag]
	return ends != nil && ends.has(r, el) || x.any != nil && x.any.has(r, el)
}

func (e *xmlEnds) has(r *run, el *etree.Element) bool {
	for _, steps := range e.spare {
		if endsAt(steps, el) {
			return true
		}
	}
	for _, p := range e.omitted {
		if p.selects(r, len(p.steps)-1, el) {
			return true
		}
	}
	return false
}

// endsAt reports whether an element may be at the end of a path, by the names of the elements around it.
func endsAt(steps []pathStep, el *etree.Element) bool {
	for i := len(steps) - 1; i >= 0; i-- {
		s := &steps[i]
		if s.name == "." || s.name == ".." {
			return true // it goes elsewhere from there
		}
		if el == nil || s.name != "*" && s.name != el.Tag {
			return false
		}
		if s.deep {
			return true
		}
		el = el.Parent()
	}
	return true
}

// leadsBack reports whether it can be told of an element, by the names of those around it, that the path selects it from the
// root. What a condition looks at must be marked, so a path with one is followed forwards.
func (p *xmlPath) leadsBack() bool {
	if p.fromRoot || p.upward || len(p.steps) == 0 {
		return false
	}
	for i := range p.steps {
		s := &p.steps[i]
		if s.name == "." || s.name == ".." || len(s.tests) > 0 {
			return false
		}
	}
	return true
}

// selects reports whether an element is at the end of the first steps of a path that leads back.
func (p *xmlPath) selects(r *run, last int, el *etree.Element) bool {
	root, _ := r.root.(*etree.Element)
	s := &p.steps[last]
	if el == root || !s.named(r, el) {
		return false
	}
	for up := el.Parent(); up != nil; up = up.Parent() {
		if last == 0 && up == root || last > 0 && p.selects(r, last-1, up) {
			return true
		}
		if !s.deep {
			return false
		}
	}
	return false
}

// saw remembers that a rule has selected an element, with all that is in it.
func (r *run) saw(el *etree.Element) {
	if !r.looking {
		r.state.xml.seen[el] = true
	}
}
