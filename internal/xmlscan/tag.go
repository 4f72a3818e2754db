package xmlscan

import (
	"bytes"
	"unicode/utf8"
)

// An Attr is an attribute. Value has its references replaced and its white space normalised to
// spaces (XML 1.0, section 3.3.3), and is valid until Next.
type Attr struct {
	Name  Name
	Value []byte
}

type rawAttr struct {
	qname  []byte
	prefix int // bytes of the prefix; 0 if none
	space  string
	value  []byte
}

func (a *rawAttr) local() []byte {
	if a.prefix > 0 {
		return a.qname[a.prefix+1:]
	}
	return a.qname
}

// Attrs are the attributes of the current Start, in order, without namespace declarations; valid until Next.
func (s *Scanner) Attrs() []Attr {
	if len(s.attrs) != len(s.raw) {
		s.attrs = s.attrs[:0]
		for i := range s.raw {
			a := &s.raw[i]
			s.attrs = append(s.attrs, Attr{Name{a.space, s.names.of(a.local())}, a.value})
		}
	}
	return s.attrs
}

// Attr is the value of one attribute of the current Start. Attributes without prefix have no namespace.
func (s *Scanner) Attr(space, local string) (value []byte, ok bool) {
	for i := range s.raw {
		if a := &s.raw[i]; string(a.local()) == local && a.space == space {
			return a.value, true
		}
	}
	return nil, false
}

// startTag reads a start tag or an empty element.
func (s *Scanner) startTag() error {
	if len(s.open) == 0 && s.rooted {
		return s.errorAt(s.pos, "there is a second root element")
	}
	if len(s.open) == s.lim.Depth {
		return s.overLimit(s.pos, "elements are nested more than %d deep", s.lim.Depth)
	}
	from := s.pos + 1
	i, colon, err := s.name(from)
	if err != nil {
		return err
	}
	el := element{qname: s.data[from:i], bindings: len(s.bindings)}
	if colon >= 0 {
		el.prefix = colon - from
	}
	s.raw, s.attrs, s.scratch = s.raw[:0], s.attrs[:0], s.scratch[:0]
	if i, err = s.attributes(i, &el); err != nil {
		return err
	}
	if el.space, err = s.elementSpace(&el); err != nil {
		return err
	}
	if err := s.resolveAttrs(); err != nil {
		return err
	}
	s.pos, s.rooted, s.cur = i, true, el
	s.open = append(s.open, el)
	return nil
}

// attributes reads up to the end of the tag, and gives the offset behind it.
func (s *Scanner) attributes(i int, el *element) (int, error) {
	data := s.data
	for count := 0; ; count++ {
		j := s.skipSpace(i)
		if j == len(data) {
			return 0, s.truncated("the tag <" + string(el.qname))
		}
		switch data[j] {
		case '>':
			return j + 1, nil
		case '/':
			if j+1 == len(data) {
				return 0, s.truncated("the tag <" + string(el.qname))
			}
			if data[j+1] != '>' {
				return 0, s.errorAt(j, "/ in a tag is not followed by >")
			}
			s.pendingEnd = true
			return j + 2, nil
		}
		if j == i {
			return 0, s.errorAt(j, "white space is missing in the tag <%s>", el.qname)
		}
		if count == s.lim.Attrs {
			return 0, s.overLimit(j, "<%s> has more than %d attributes", el.qname, s.lim.Attrs)
		}
		var err error
		if i, err = s.attribute(j, el); err != nil {
			return 0, err
		}
	}
}

// attribute reads one attribute, or namespace declaration, and gives the offset behind it.
func (s *Scanner) attribute(from int, el *element) (int, error) {
	i, colon, err := s.name(from)
	if err != nil {
		return 0, err
	}
	a := rawAttr{qname: s.data[from:i]}
	if colon >= 0 {
		a.prefix = colon - from
	}
	i = s.skipSpace(i)
	if i < len(s.data) && s.data[i] == '=' {
		i = s.skipSpace(i + 1)
	} else if i < len(s.data) {
		return 0, s.errorAt(i, "the attribute %s has no value", a.qname)
	}
	if i >= len(s.data) {
		return 0, s.truncated("the attribute " + string(a.qname))
	}
	if a.value, i, err = s.value(i, a.qname); err != nil {
		return 0, err
	}
	if prefix, ok := declared(&a); ok {
		return i, s.bind(prefix, a.value, el, from)
	}
	for k := range s.raw {
		if bytes.Equal(s.raw[k].qname, a.qname) {
			return 0, s.errorAt(from, "the attribute %s is there twice", a.qname)
		}
	}
	s.raw = append(s.raw, a)
	return i, nil
}

// value reads the quoted value at i, and gives the offset behind it.
func (s *Scanner) value(i int, qname []byte) ([]byte, int, error) {
	data, quote := s.data, s.data[i]
	if quote != '"' && quote != '\'' {
		return nil, 0, s.errorAt(i, "the value of %s is not in quotes", qname)
	}
	i++
	begin, from, copied := i, i, -1
	var high byte
	for {
		if i == len(data) {
			return nil, 0, s.truncated("the value of " + string(qname))
		}
		c := data[i]
		if class[c]&stopsValue == 0 {
			high |= c
			i++
			continue
		}
		if c == quote {
			break
		}
		if c == '"' || c == '\'' {
			i++
			continue
		}
		if c == '<' {
			return nil, 0, s.errorAt(i, "< stands in the value of %s; it must be written &lt;", qname)
		}
		if c != '&' && class[c]&isSpace == 0 {
			return nil, 0, s.badByte(i)
		}
		if copied < 0 {
			copied = len(s.scratch) // values before this one are there already
		}
		s.scratch = append(s.scratch, data[from:i]...)
		var err error
		switch {
		case c == '&':
			i, err = s.reference(i)
		case c == '\r' && i+1 < len(data) && data[i+1] == '\n':
			s.scratch, i = append(s.scratch, ' '), i+2
		default:
			s.scratch, i = append(s.scratch, ' '), i+1
		}
		if err != nil {
			return nil, 0, err
		}
		from = i
	}
	if high >= utf8.RuneSelf {
		if err := s.checkUTF8(begin, i); err != nil {
			return nil, 0, err
		}
	}
	if copied < 0 {
		return data[begin:i], i + 1, nil
	}
	s.scratch = append(s.scratch, data[from:i]...)
	return s.scratch[copied:len(s.scratch):len(s.scratch)], i + 1, nil
}

// endTag reads an end tag, which must be that of the innermost open element.
func (s *Scanner) endTag() error {
	from := s.pos + 2
	if len(s.open) == 0 {
		return s.errorAt(s.pos, "there is an end tag without a start tag")
	}
	want := s.open[len(s.open)-1].qname
	rest := s.data[from:]
	if !bytes.HasPrefix(rest, want) {
		if bytes.HasPrefix(want, rest) {
			return s.truncated("an end tag")
		}
		return s.wrongEnd(from, want)
	}
	i := from + len(want)
	if i < len(s.data) && s.data[i] != '>' {
		if class[s.data[i]]&isSpace == 0 {
			return s.wrongEnd(from, want)
		}
		i = s.skipSpace(i)
	}
	if i == len(s.data) {
		return s.truncated("an end tag")
	}
	if s.data[i] != '>' {
		return s.errorAt(i, "the end tag </%s holds more than the name", want)
	}
	s.pos = i + 1
	s.pop()
	return nil
}

func (s *Scanner) wrongEnd(from int, want []byte) error {
	i, _, err := s.name(from)
	if err != nil {
		return err
	}
	return s.errorAt(from-2, "the element <%s> is closed by </%s>", want, s.data[from:i])
}
