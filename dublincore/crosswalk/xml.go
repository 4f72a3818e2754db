package crosswalk

import (
	"errors"
	"fmt"
	"strings"

	"github.com/beevik/etree"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// xmlFamily reads XML into an etree. Its selectors are paths; its nodes are *etree.Element.
type xmlFamily struct{}

// Bounds of an XML original.
const (
	maxXMLDepth    = 256
	maxXMLElements = 1_000_000
	maxXMLVisits   = 4_000_000 // elements that the paths of one record may look at in all
)

func (*xmlFamily) selector(c *compiler, text string, _ bool) (selector, error) {
	p := pathParser{c: c, text: text}
	path, err := p.path(0)
	if err == nil && p.text != "" {
		err = fmt.Errorf("%q does not belong in this path", p.text)
	}
	if err != nil {
		return nil, err
	}
	return path, nil
}

func (*xmlFamily) open(r *run, original []byte) (node, error) {
	if r.state.xml == nil {
		r.state.xml = &xmlLoader{scanner: newXMLScanner()}
	}
	root, err := r.state.xml.load(original, r.m.ignored)
	if err != nil {
		return nil, err
	}
	for _, name := range r.m.root {
		if name.path == nil {
			if el := descend(root, name.text); el != nil {
				r.noteOthers(others(root, el))
				return el, nil
			}
		} else if found := name.path.find(r, root, nil); len(found) > 0 {
			clear(r.state.xml.seen) // where the paths begin is not what they look at
			return found[0].node, nil
		}
	}
	if len(r.m.root) > 0 {
		last := r.m.root[len(r.m.root)-1]
		return nil, fmt.Errorf("%w: there is no <%s> in the document; its root is <%s>", ErrMalformed, last.text, root.Tag)
	}
	return root, nil
}

// noteOthers warns that an original holds more records than the one that is mapped. A source that gives a collection as
// one item does so by mistake, and nobody else would miss the others.
func (r *run) noteOthers(n int) {
	if n > 0 {
		r.out.Note(0, dublincore.Warning, fmt.Sprintf("the original holds %d records, and the first alone is mapped", n+1))
	}
}

// others counts the elements that have the name of el, but are neither el nor in it: beside it, or elsewhere in a METS document
// that has one for each chapter.
func others(in, el *etree.Element) (n int) {
	if in == el {
		return 0
	}
	for _, t := range in.Child {
		switch s, is := t.(*etree.Element); {
		case !is || s == el:
		case s.Tag == el.Tag && s.Space == el.Space:
			n++
		default:
			n += others(s, el)
		}
	}
	return n
}

// A rootName is one of the places where the paths of a mapping may begin: the first element of that
// name, or what a path beginning with // finds.
type rootName struct {
	text string
	path selector
}

// rootStatement compiles "root NAME…".
func (c *compiler) rootStatement(args []word) {
	c.root = nil
	for _, w := range args {
		n := rootName{text: w.text}
		if strings.ContainsAny(w.text, "/@[") {
			path, err := c.family.selector(c, w.text, false)
			if err != nil {
				c.failWith(w, err)
				return
			}
			n.path = path
		}
		c.root = append(c.root, n)
	}
}

func descend(el *etree.Element, name string) *etree.Element {
	if el.Tag == name {
		return el
	}
	for _, t := range el.Child {
		if child, ok := t.(*etree.Element); ok {
			if found := descend(child, name); found != nil {
				return found
			}
		}
	}
	return nil
}

func (*xmlFamily) label(n node) string {
	el, ok := n.(*etree.Element)
	if !ok {
		return ""
	}
	var parts []string
	for ; el != nil && el.Tag != ""; el = el.Parent() {
		position, count := 0, 0
		if parent := el.Parent(); parent != nil {
			for _, t := range parent.Child {
				if sibling, ok := t.(*etree.Element); ok && sibling.Tag == el.Tag {
					if count++; sibling == el {
						position = count
					}
				}
			}
		}
		part := el.Tag
		if count > 1 {
			part = fmt.Sprintf("%s[%d]", el.Tag, position)
		}
		parts = append([]string{part}, parts...)
	}
	return strings.Join(parts, "/")
}

func newXMLScanner() *xmlscan.Scanner { return xmlscan.New(nil, xmlscan.Limits{Depth: maxXMLDepth}) }

// An xmlLoader builds trees. The reader of etree itself uses encoding/xml, which is several times slower than xmlscan
// and has no bounds.
type xmlLoader struct {
	scanner  *xmlscan.Scanner
	prefixes map[string]string       // the prefix given to each namespace of the document
	seen     map[*etree.Element]bool // what rules have selected
	visits   int
}

// maxKept bounds how many elements the memory of one record is kept for, for the next.
const maxKept = 10_000

func (l *xmlLoader) reset() {
	l.scanner.Reset(nil)
	clear(l.prefixes)
	if len(l.seen) > maxKept {
		l.seen = nil
	}
	clear(l.seen)
	l.visits = 0
}

// load reads a document into elements. The loader gives each namespace one prefix, which is the Space of its elements;
// see prefix. Elements with one of the ignored attributes are passed over.
func (l *xmlLoader) load(data []byte, ignored []attribute) (*etree.Element, error) {
	data, err := xmlscan.WithoutType(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	l.scanner.Reset(data)
	if l.prefixes == nil {
		l.prefixes = map[string]string{}
	}
	if l.seen == nil {
		l.seen = map[*etree.Element]bool{}
	}
	var root, at *etree.Element
	elements := 0
	for {
		kind, err := l.scanner.Next()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		switch kind {
		case xmlscan.Start:
			if elements++; elements > maxXMLElements {
				return nil, fmt.Errorf("%w: the document has more than %d elements", ErrTooLarge, maxXMLElements)
			}
			if isIgnored(l.scanner, ignored) {
				if err := l.scanner.Skip(); err != nil {
					return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
				}
				continue
			}
			name := l.scanner.Name()
			el := &etree.Element{Space: l.prefix(name.Space), Tag: name.Local}
			if attrs := l.scanner.Attrs(); len(attrs) > 0 {
				el.Attr = make([]etree.Attr, len(attrs))
				for i, a := range attrs {
					el.Attr[i] = etree.Attr{Space: l.prefix(a.Name.Space), Key: a.Name.Local, Value: string(a.Value)}
				}
			}
			if at == nil {
				root = el
			} else {
				at.AddChild(el)
			}
			at = el
		case xmlscan.End:
			at = at.Parent()
		case xmlscan.Text:
			l.text(at, l.scanner.Text())
		default:
			if root == nil {
				return nil, fmt.Errorf("%w: the document has no element", ErrMalformed)
			}
			return root, nil
		}
	}
}

// An attribute is one without a namespace, and its value.
type attribute struct{ name, value string }

// isIgnored reports whether the element that begins has one of the attributes.
func isIgnored(s *xmlscan.Scanner, ignored []attribute) bool {
	for _, a := range ignored {
		if value, ok := s.Attr("", a.name); ok && string(value) == a.value {
			return true
		}
	}
	return false
}

// text adds character data. White space between elements has no meaning and is left out, except that one space stays
// where it separates elements within a text.
func (l *xmlLoader) text(at *etree.Element, text []byte) {
	for _, c := range text {
		if c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			at.AddChild(etree.NewText(string(text)))
			return
		}
	}
}

const xmlNamespace = "http://www.w3.org/XML/1998/namespace"

// prefix is the loader's prefix of a namespace: its URI's number, "xml" for xml.
func (l *xmlLoader) prefix(uri string) string {
	switch uri {
	case "":
		return ""
	case xmlNamespace:
		return "xml"
	}
	p, ok := l.prefixes[uri]
	if !ok {
		p = fmt.Sprintf("n%d", len(l.prefixes))
		l.prefixes[uri] = p
	}
	return p
}

// has reports whether a name is in a namespace. An empty URI means any namespace.
func (l *xmlLoader) has(prefix, uri string) bool {
	return uri == "" || prefix == l.prefixes[uri] && prefix != "" || prefix == "xml" && uri == xmlNamespace
}

// stringValue is the text of an element and of all elements below it. A space separates elements with no text between
// them, such as paragraphs and list items.
func stringValue(el *etree.Element) string {
	if len(el.Child) == 1 {
		if text, ok := el.Child[0].(*etree.CharData); ok {
			return strings.TrimSpace(text.Data)
		}
	}
	var b strings.Builder
	appendText(&b, el)
	return strings.TrimSpace(b.String())
}

func appendText(b *strings.Builder, el *etree.Element) {
	afterElement := false
	for _, t := range el.Child {
		switch t := t.(type) {
		case *etree.CharData:
			b.WriteString(t.Data)
			afterElement = false
		case *etree.Element:
			if afterElement || t.Tag == "lb" || t.Tag == "br" {
				b.WriteByte(' ')
			}
			appendText(b, t)
			afterElement = true
		}
	}
}

// xmlLang is the language that applies to an element, and how many elements had to be looked at to find it.
func xmlLang(el *etree.Element) (lang string, levels int) {
	for ; el != nil; el = el.Parent() {
		levels++
		for i := range el.Attr {
			if a := &el.Attr[i]; a.Key == "lang" && (a.Space == "xml" || a.Space == "") {
				return a.Value, levels
			}
		}
	}
	return "", levels
}

var errVisits = errors.New("the paths of the mapping look at too many elements of this document; use fewer // in them")
