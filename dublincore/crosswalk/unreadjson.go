package crosswalk

import "strings"

// jsonReads are the names that the paths of a mapping have at one place of an object.
type jsonReads struct {
	names  map[string]*jsonReads
	any    *jsonReads // "*"
	text   bool       // a path ends here
	whole  bool       // and takes what is below, too
	linked bool       // names with @ before them say how the document is made
}

// reads implements surveyor.
func (jsonFamily) reads(m *Mapping) reads { return jsonReadsOf(m, false) }

// reads implements surveyor.
func (jsonldFamily) reads(m *Mapping) reads { return jsonReadsOf(m, true) }

func jsonReadsOf(m *Mapping, linked bool) *jsonReads {
	root := &jsonReads{linked: linked}
	m.eachSelected(func(each, s selector, ru *rule, within []selector) {
		var base []jsonStep
		if p, ok := each.(jsonPath); ok {
			base = p.steps
		}
		path := base
		switch p := s.(type) {
		case jsonPath:
			if p.fromRoot {
				base = nil
			}
			path = append(base[:len(base):len(base)], p.steps...)
			root.add(path, !ru.pieces)
		case itself:
			root.add(base, !ru.pieces)
		}
		for _, in := range within {
			p, ok := in.(jsonPath)
			switch {
			case !ok:
			case p.fromRoot:
				root.add(p.steps, true)
			default: // of the object selected, or of that which holds the text selected
				root.add(append(path[:len(path):len(path)], p.steps...), true)
				if len(path) > 0 {
					root.add(append(path[:len(path)-1:len(path)-1], p.steps...), true)
				}
			}
		}
	})
	for _, o := range m.omitted {
		if p, ok := o.(jsonPath); ok {
			root.omit(p.steps)
		}
	}
	return root
}

// omit puts the path of an ignore line below r. Within it "*" stands for the names that rules look into: of all others
// nothing is looked at, and they are told as a whole.
func (r *jsonReads) omit(path []jsonStep) {
	if len(path) == 0 {
		r.text, r.whole = true, true
		return
	}
	if path[0].key != "*" {
		r.at(path[0].key).omit(path[1:])
		return
	}
	for _, next := range r.names {
		next.omit(path[1:])
	}
	if len(path) == 1 {
		r.at("*").omit(nil)
	} else if r.any != nil {
		r.any.omit(path[1:])
	}
}

// add puts a path below r.
func (r *jsonReads) add(path []jsonStep, whole bool) {
	for _, s := range path {
		r = r.at(s.key)
	}
	r.text = true
	r.whole = r.whole || whole
}

// at is the place of a name below r.
func (r *jsonReads) at(key string) *jsonReads {
	next := r.any
	if key != "*" {
		next = r.names[key]
	}
	if next != nil {
		return next
	}
	next = &jsonReads{}
	switch {
	case key == "*":
		r.any = next
	case r.names == nil:
		r.names = map[string]*jsonReads{key: next}
	default:
		r.names[key] = next
	}
	return next
}

func (r *jsonReads) unread(run *run, tell func(field, text string)) {
	if object, ok := run.root.(map[string]any); ok {
		r.below(object, "", r.linked, tell)
	}
}

// below tells of what is in an object and no path leads to. A name of which nothing is looked at stands for all that is in it.
func (r *jsonReads) below(object map[string]any, path string, linked bool, tell func(field, text string)) {
	unknown := false
	for key, v := range object {
		switch next := r.next(key); {
		case next == nil:
			unknown = unknown || !(linked && strings.HasPrefix(key, "@"))
		case !next.whole:
			unknown = unknown || holdsObject(v)
		}
	}
	if !unknown {
		return
	}
	for _, key := range sortedKeys(object) {
		v, next := object[key], r.next(key)
		switch {
		case next == nil && linked && strings.HasPrefix(key, "@"):
		case next == nil:
			if text := anyText(v); text != "" {
				tell(path+key, text)
			}
		case !next.whole:
			next.into(v, path+key, linked, tell)
		}
	}
}

func (r *jsonReads) next(key string) *jsonReads {
	if next := r.names[key]; next != nil {
		return next
	}
	return r.any
}

// into goes on in an object, or in each of a list. A text where the paths expect an object is one that no rule looks at.
func (r *jsonReads) into(v any, path string, linked bool, tell func(field, text string)) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			r.into(x, path, linked, tell)
		}
	case map[string]any:
		r.below(v, path+".", linked, tell)
	default:
		if text, ok := scalarText(v); ok && text != "" && !r.text {
			tell(path, text)
		}
	}
}

// holdsObject reports whether there is something to go on in.
func holdsObject(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case []any:
		return len(v) > 0
	}
	return true
}

// anyText is the first text in a value; empty if it has none. A flag that is not set says nothing.
func anyText(v any) string {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			if text := anyText(x); text != "" {
				return text
			}
		}
		return ""
	case map[string]any:
		for _, key := range sortedKeys(v) {
			if text := anyText(v[key]); text != "" {
				return text
			}
		}
		return ""
	case bool:
		if !v {
			return ""
		}
	}
	text, _ := scalarText(v)
	return strings.TrimSpace(text)
}
