package xmlscan

import "bytes"

// Skip, after a Start, goes to the matching End.
func (s *Scanner) Skip() error {
	for depth := len(s.open) - 1; ; {
		kind, err := s.Next()
		if err != nil {
			return err
		}
		if kind == End && len(s.open) == depth {
			return nil
		}
	}
}

// AppendText, after a Start, goes to the matching End, and appends all text on the way to dst, also that of elements
// within.
func (s *Scanner) AppendText(dst []byte) ([]byte, error) {
	for depth := len(s.open) - 1; ; {
		kind, err := s.Next()
		switch {
		case err != nil:
			return dst, err
		case kind == Text:
			dst = append(dst, s.text...)
		case kind == End && len(s.open) == depth:
			return dst, nil
		}
	}
}

// Element, after a Start, goes to the matching End, and gives the element as a document of its own. The bytes do not
// change, except that the element repeats the namespace declarations of its ancestors that its names use, or that a
// "prefix:" in a value may use. Where there are none, it shares memory with the data; else room is asked for an empty slice of
// that capacity (make, if it is nil).
func (s *Scanner) Element(room func(n int) []byte) ([]byte, error) {
	from, nameEnd := s.start, s.start+1+len(s.cur.qname)
	outer, own := s.cur.bindings, len(s.bindings)-s.cur.bindings
	for i := range s.bindings[:outer] {
		s.bindings[i].used = false
	}
	// The root's own names were resolved before the marks were cleared.
	s.markUsed(s.cur.qname[:s.cur.prefix], true)
	for i := range s.raw {
		s.markUsed(s.raw[i].qname[:s.raw[i].prefix], false)
	}
	if err := s.Skip(); err != nil {
		return nil, err
	}
	raw := s.data[from:s.end]
	// The element's own declarations still lie behind those in scope.
	inner := s.bindings[:outer+own]
	var scratch [256]byte
	declared := scratch[:0]
	for i := outer - 1; i > 0; i-- {
		b := &inner[i]
		if b.uri != "" && (b.used || mentions(raw, b.prefix)) && !redeclared(inner[i+1:], b.prefix) {
			declared = appendDeclaration(declared, b)
		}
	}
	n := len(raw) + len(declared)
	switch {
	case len(declared) == 0:
		return raw[:n:n], nil
	case room == nil:
		room = func(n int) []byte { return make([]byte, 0, n) }
	}
	out := append(append(room(n), s.data[from:nameEnd]...), declared...)
	return append(out, s.data[nameEnd:s.end]...), nil
}

func redeclared(inner []binding, prefix []byte) bool {
	for i := range inner {
		if bytes.Equal(inner[i].prefix, prefix) {
			return true
		}
	}
	return false
}

func (s *Scanner) markUsed(prefix []byte, isElement bool) {
	if len(prefix) == 0 && !isElement {
		return
	}
	if b := s.lookup(prefix); b != nil {
		b.used = true
	}
}

// mentions says whether "prefix:" occurs: a qualified name in a value (xsi:type="dcterms:W3CDTF").
func mentions(raw, prefix []byte) bool {
	if len(prefix) == 0 {
		return false
	}
	for {
		i := bytes.Index(raw, prefix)
		if i < 0 {
			return false
		}
		raw = raw[i+len(prefix):]
		if len(raw) > 0 && raw[0] == ':' {
			return true
		}
	}
}

func appendDeclaration(dst []byte, b *binding) []byte {
	dst = append(dst, " xmlns"...)
	if len(b.prefix) > 0 {
		dst = append(dst, ':')
		dst = append(dst, b.prefix...)
	}
	dst = append(dst, `="`...)
	dst = appendEscaped(dst, b.uri, &inName) // references were replaced when it was read
	return append(dst, '"')
}
