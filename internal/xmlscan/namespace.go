package xmlscan

import "bytes"

const (
	xmlNamespace   = "http://www.w3.org/XML/1998/namespace"
	xmlnsNamespace = "http://www.w3.org/2000/xmlns/"
)

var xmlPrefix = []byte("xml")

// A binding is a namespace declaration in scope. The default namespace has the empty prefix.
type binding struct {
	prefix []byte
	uri    string
	used   bool // by a name, since it was declared
}

// declared says whether the attribute is a namespace declaration, and of which prefix.
func declared(a *rawAttr) (prefix []byte, ok bool) {
	if a.prefix == 0 {
		return nil, string(a.qname) == "xmlns"
	}
	return a.local(), string(a.qname[:a.prefix]) == "xmlns"
}

// bind declares a namespace for the element (Namespaces in XML 1.0, section 2 and 3).
func (s *Scanner) bind(prefix, uri []byte, el *element, at int) error {
	for _, b := range s.bindings[el.bindings:] {
		if bytes.Equal(b.prefix, prefix) {
			return s.errorAt(at, "the namespace prefix %q is declared twice in one tag", prefix)
		}
	}
	switch {
	case string(prefix) == "xmlns", string(uri) == xmlnsNamespace,
		(string(prefix) == "xml") != (string(uri) == xmlNamespace):
		return s.errorAt(at, "the namespace prefixes xml and xmlns can't be declared anew")
	case len(prefix) > 0 && len(uri) == 0:
		return s.errorAt(at, "the namespace prefix %s is declared as nothing", prefix)
	case len(s.bindings) >= s.lim.Namespaces:
		return s.overLimit(at, "more than %d namespaces are declared at once", s.lim.Namespaces)
	}
	s.bindings = append(s.bindings, binding{prefix: prefix, uri: s.names.of(uri)})
	return nil
}

// lookup finds the innermost binding of a prefix; nil if there is none.
func (s *Scanner) lookup(prefix []byte) *binding {
	for i := len(s.bindings) - 1; i >= 0; i-- {
		if b := &s.bindings[i]; bytes.Equal(b.prefix, prefix) {
			return b
		}
	}
	return nil
}

func (s *Scanner) elementSpace(el *element) (string, error) {
	prefix := el.qname[:el.prefix]
	b := s.lookup(prefix)
	if b == nil {
		if el.prefix > 0 {
			return "", s.errorAt(s.pos, "the namespace prefix %s is not declared", prefix)
		}
		return "", nil
	}
	b.used = true
	return b.uri, nil
}

// resolveAttrs gives the attributes their namespaces, and refuses two with the same expanded name.
func (s *Scanner) resolveAttrs() error {
	for i := range s.raw {
		a := &s.raw[i]
		if a.prefix == 0 {
			continue
		}
		b := s.lookup(a.qname[:a.prefix])
		if b == nil {
			return s.errorAt(s.pos, "the namespace prefix %s is not declared", a.qname[:a.prefix])
		}
		b.used = true
		a.space = b.uri
		for k := range s.raw[:i] {
			if o := &s.raw[k]; o.space == a.space && bytes.Equal(o.local(), a.local()) {
				return s.errorAt(s.pos, "the attributes %s and %s are the same", o.qname, a.qname)
			}
		}
	}
	return nil
}

// Namespaces calls yield for each namespace declaration in scope at the current Start, innermost first,
// without those that are hidden and without that of the prefix xml. The default namespace has the
// empty prefix; an undeclared one is left out.
func (s *Scanner) Namespaces(yield func(prefix, uri string) bool) {
	for i := len(s.bindings) - 1; i > 0; i-- {
		b := &s.bindings[i]
		if b.uri == "" || s.lookup(b.prefix) != b {
			continue
		}
		if !yield(string(b.prefix), b.uri) {
			return
		}
	}
}
