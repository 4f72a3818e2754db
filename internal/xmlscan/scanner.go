package xmlscan

import "bytes"

// A Kind says what a token is.
type Kind uint8

const (
	EOF   Kind = iota // the document came to its proper end
	Start             // a start tag, or the first half of an empty element
	End               // an end tag, or the second half of an empty element
	Text              // character data or a CDATA section, inside the root; never empty
)

// Limits bound what a document may have. A zero means the default.
type Limits struct {
	Depth      int // open elements; default 512
	Attrs      int // attributes of one element, namespace declarations included; default 256
	NameLen    int // bytes of a name; default 1,024
	Namespaces int // namespace declarations in scope at once; default 1,024
}

func (l Limits) withDefaults() Limits {
	set := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&l.Depth, 512)
	set(&l.Attrs, 256)
	set(&l.NameLen, 1024)
	set(&l.Namespaces, 1024)
	return l
}

// A Name is an expanded name. Space is empty for a name in no namespace.
type Name struct{ Space, Local string }

// A Scanner reads one document. It is for one goroutine.
type Scanner struct {
	data []byte
	pos  int // the next byte
	lim  Limits
	err  error

	kind       Kind
	start, end int // of the current token
	text       []byte
	cur        element // of the current Start or End
	pendingEnd bool    // the second half of an empty element is due
	rooted     bool    // the root has been seen

	open     []element
	bindings []binding
	raw      []rawAttr
	attrs    []Attr // made from raw when asked for
	scratch  []byte // text and attribute values that differ from their source
	names    interned
}

// An element is an open element, or the one of the current tag.
type element struct {
	qname    []byte // as written
	prefix   int    // bytes of the prefix; 0 if none
	space    string
	bindings int // len(Scanner.bindings) outside the element
}

func (e *element) local() []byte {
	if e.prefix > 0 {
		return e.qname[e.prefix+1:]
	}
	return e.qname
}

// New makes a scanner of the document. The data must not change while the scanner is in use.
func New(data []byte, lim Limits) *Scanner {
	s := &Scanner{lim: lim.withDefaults()}
	s.Reset(data)
	return s
}

// Reset begins with another document, and keeps limits and buffers.
func (s *Scanner) Reset(data []byte) {
	s.data, s.pos, s.err = data, 0, nil
	s.kind, s.start, s.end, s.text = EOF, 0, 0, nil
	s.cur, s.pendingEnd, s.rooted = element{}, false, false
	s.open, s.raw, s.attrs, s.scratch = s.open[:0], s.raw[:0], s.attrs[:0], s.scratch[:0]
	s.bindings = append(s.bindings[:0], binding{prefix: xmlPrefix, uri: xmlNamespace})
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		s.pos = 3
	}
}

// Next goes to the next token. An error is a [*SyntaxError], and every later call returns it again.
func (s *Scanner) Next() (Kind, error) {
	if s.err != nil {
		return EOF, s.err
	}
	kind, err := s.next()
	if err != nil {
		s.err, s.kind = err, EOF
		return EOF, err
	}
	s.kind, s.end = kind, s.pos
	return kind, nil
}

func (s *Scanner) next() (Kind, error) {
	if s.pendingEnd {
		s.pendingEnd = false
		s.start = s.pos
		s.pop()
		return End, nil
	}
	for s.pos < len(s.data) {
		s.start = s.pos
		if s.data[s.pos] != '<' {
			if len(s.open) == 0 {
				if err := s.outside(); err != nil {
					return EOF, err
				}
				continue
			}
			return Text, s.charData()
		}
		if s.pos+1 == len(s.data) {
			return EOF, s.truncated("a tag")
		}
		switch s.data[s.pos+1] {
		case '/':
			return End, s.endTag()
		case '?':
			if err := s.instruction(); err != nil {
				return EOF, err
			}
		case '!':
			isText, err := s.bang()
			if err != nil {
				return EOF, err
			}
			if isText {
				return Text, nil
			}
		default:
			return Start, s.startTag()
		}
	}
	s.start = s.pos
	if len(s.open) > 0 {
		return EOF, s.truncated("<" + string(s.open[len(s.open)-1].qname) + ">")
	}
	if !s.rooted {
		return EOF, s.truncated("the prolog: there is no element")
	}
	return EOF, nil
}

// outside passes over the white space that may stand before and after the root.
func (s *Scanner) outside() error {
	for s.pos < len(s.data) && s.data[s.pos] != '<' {
		if class[s.data[s.pos]]&isSpace == 0 {
			where := "before the root element"
			if s.rooted {
				where = "after the end of the root element"
			}
			return s.errorAt(s.pos, "there is text %s", where)
		}
		s.pos++
	}
	return nil
}

// Kind is the kind of the current token.
func (s *Scanner) Kind() Kind { return s.kind }

// Name is the name of the current Start or End.
func (s *Scanner) Name() Name { return Name{s.cur.space, s.names.of(s.cur.local())} }

// Is reports whether the current Start or End has this name. It is faster than [Scanner.Name].
func (s *Scanner) Is(space, local string) bool {
	return string(s.cur.local()) == local && s.cur.space == space
}

// Local is the name of the current Start or End without its prefix, valid until Reset.
func (s *Scanner) Local() []byte { return s.cur.local() }

// Space is the namespace of the current Start or End.
func (s *Scanner) Space() string { return s.cur.space }

// Text is the current Text: references replaced, line ends normalised, valid until Next. The text of an
// element may come in several tokens (around comments and CDATA sections).
func (s *Scanner) Text() []byte { return s.text }

// Offset is where the current token begins in the data.
func (s *Scanner) Offset() int { return s.start }

// EndOffset is where the current token ends in the data: the offset of the first byte behind it.
func (s *Scanner) EndOffset() int { return s.end }

// Depth is the number of open elements. An element counts from its Start on, and no longer at its End.
func (s *Scanner) Depth() int { return len(s.open) }

func (s *Scanner) pop() {
	top := len(s.open) - 1
	s.cur = s.open[top]
	s.open = s.open[:top]
	s.bindings = s.bindings[:s.cur.bindings]
	s.raw, s.attrs = s.raw[:0], s.attrs[:0]
}
