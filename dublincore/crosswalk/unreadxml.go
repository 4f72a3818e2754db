package crosswalk

import "github.com/beevik/etree"

// xmlReads are the paths of else lines, by the name that they end in. The other paths mark what they find.
type xmlReads struct {
	spare map[string][][]pathStep
}

// reads implements surveyor.
func (*xmlFamily) reads(m *Mapping) reads {
	x := xmlReads{map[string][][]pathStep{}}
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
				if n := len(steps); n > 0 {
					x.spare[steps[n-1].name] = append(x.spare[steps[n-1].name], steps)
				}
			}
		}
	}
	return x
}

// unread tells of elements with a text of their own.
func (x xmlReads) unread(r *run, tell func(field, text string)) {
	root, ok := r.root.(*etree.Element)
	if !ok || r.state.xml.seen[root] {
		return
	}
	for _, s := range r.m.omitted {
		s.find(r, root, nil)
	}
	x.below(r, root, "", tell)
}

func (x xmlReads) below(r *run, el *etree.Element, path string, tell func(field, text string)) {
	for _, t := range el.Child {
		child, ok := t.(*etree.Element)
		if !ok || r.state.xml.seen[child] || x.isSpare(child) {
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

// isSpare reports whether an else line names the element, whatever the line demands of it.
func (x xmlReads) isSpare(el *etree.Element) bool {
	for _, name := range [...]string{el.Tag, "*", ".", ".."} {
		for _, steps := range x.spare[name] {
			if endsAt(steps, el) {
				return true
			}
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

// saw remembers that a rule has selected an element, with all that is in it.
func (r *run) saw(el *etree.Element) {
	if !r.looking {
		r.state.xml.seen[el] = true
	}
}
