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
	m.eachRead(func(each, s selector, ru *rule, within []selector) {
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
	return root
}

// add puts a path below r.
func (r *jsonReads) add(path []jsonStep, whole bool) {
	for _, s := range path {
		next := r.any
		if s.key != "*" {
			next = r.names[s.key]
		}
		if next == nil {
			next = &jsonReads{}
			if s.key == "*" {
				r.any = next
			} else {
				if r.names == nil {
					r.names = map[string]*jsonReads{}
				}
				r.names[s.key] = next
			}
		}
		r = next
	}
	r.text = true
	r.whole = r.whole || whole
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
