package ead

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// A Component is a part of a finding aid (a series, a file, an item), cut out as a document of its own.
type Component struct {
	ID string // its id attribute, if it has one
	// Key tells the component from all others of the finding aid, and stays when others come or go: see [FindingAid.Components].
	Key    string
	Path   string // its place in the hierarchy, from 1: "2/1/7"
	Level  string // "series", "file"…; of an otherlevel, what it is called
	Lowest bool   // there are no components in it
	// Original is an EAD document of the component and of what it inherits: the header, and from each level around
	// it the identification (did) and the conditions of access and use. The component has two attributes of the namespace
	// urn:sheaf:ead: component="yes", by which ead.map recognises it, and reference, which has the reference codes (unitid)
	// of all levels down to it where its own is only the last of them. Otherwise the bytes are those of the source.
	Original []byte
}

// Bounds of a finding aid.
const (
	MaxDocument   = 32 << 20 // bytes
	maxDepth      = 256
	maxComponents = 200_000
	maxInherited  = 1 << 30 // bytes that all components of a finding aid inherit together
)

// A FindingAid is an EAD document that was read.
type FindingAid struct {
	doc        []byte
	id         string
	components []*level
	skipped    []span // the components, of which none is in another
}

// Read reads an EAD document (at most [MaxDocument] bytes). The error wraps [ErrMalformed] or [ErrTooLarge].
func Read(document []byte) (*FindingAid, error) {
	if len(document) > MaxDocument {
		return nil, fmt.Errorf("%w: the finding aid has %d bytes, the limit is %d", ErrTooLarge, len(document), MaxDocument)
	}
	document, err := xmlscan.WithoutType(document)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	c := reader{doc: document, scan: xmlscan.New(document, xmlscan.Limits{Depth: maxDepth})}
	if err := c.read(); err != nil {
		return nil, fmt.Errorf("reading the components of a finding aid: %w", err)
	}
	name(c.components)
	return &c.FindingAid, nil
}

// ID is the identifier of the finding aid itself: eadid, or recordid in EAD3; empty if it has none.
func (f *FindingAid) ID() string { return f.id }

// Len is the number of components.
func (f *FindingAid) Len() int { return len(f.components) }

// Collection is the document without its components: the record of the whole. So it stays as it is when a component
// changes.
func (f *FindingAid) Collection() []byte {
	out, from := make([]byte, 0, 4<<10), 0
	for _, s := range f.skipped {
		out, from = append(out, f.doc[from:s.from]...), s.to
	}
	return append(out, f.doc[from:]...)
}

// Components are the components in the order of the document, each with what it inherits. The document of each is made
// when the iterator comes to it.
//
// The key of a component is its id attribute if no other has the same; else that of the component around it, a slash, and
// its reference code, or where siblings share that or have none, a digest of its reference code, title and date. So a
// component keeps its key when others are added before it.
func (f *FindingAid) Components() iter.Seq[Component] {
	return func(yield func(Component) bool) {
		for _, l := range f.components {
			if !yield(f.cut(l)) {
				return
			}
		}
	}
}

// cut makes the document of one component.
func (f *FindingAid) cut(l *level) Component {
	var chain []*level
	for a := l.parent; a != nil; a = a.parent {
		chain = append(chain, a)
	}
	var b bytes.Buffer
	for i := len(chain) - 1; i >= 0; i-- {
		b.Write(f.doc[chain[i].start.from:chain[i].start.to])
		f.pieces(&b, chain[i].inherited)
	}
	tag := bytes.TrimSuffix(bytes.TrimSuffix(f.doc[l.start.from:l.start.to], []byte(">")), []byte("/"))
	b.Write(tag)
	b.WriteString(` xmlns:sheaf="urn:sheaf:ead" sheaf:component="yes"`)
	if reference := l.reference(); reference != "" {
		b.WriteString(` sheaf:reference="`)
		_ = xml.EscapeText(&b, []byte(reference)) // a buffer takes everything
		b.WriteByte('"')
	}
	b.WriteByte('>')
	f.pieces(&b, l.own)
	closeTag(&b, l)
	for _, a := range chain {
		closeTag(&b, a)
	}
	return Component{ID: l.id, Key: l.key, Path: l.path, Level: l.called, Lowest: l.children == 0, Original: b.Bytes()}
}

func (f *FindingAid) pieces(b *bytes.Buffer, spans []span) {
	for _, s := range spans {
		b.Write(f.doc[s.from:s.to])
	}
}

func closeTag(b *bytes.Buffer, l *level) {
	b.WriteString("</")
	b.Write(l.name)
	b.WriteByte('>')
}

// reference has the reference codes of all levels down to a component that has one: "F 7 / 1 / 3". It is empty if the
// component's own says as much, because it begins with that of the level above, or if no level above has one.
func (l *level) reference() string {
	if l.code == "" {
		return ""
	}
	codes := []string{l.code}
	for a := l.parent; a != nil && !goesOn(codes[0], a.code); a = a.parent {
		if a.code != "" {
			codes = append([]string{a.code}, codes...)
		}
	}
	if len(codes) == 1 {
		return ""
	}
	return strings.Join(codes, " / ")
}

// goesOn reports whether a code is another and something behind it: "F 7/1" goes on from "F 7", and "12" does not from "1".
func goesOn(code, above string) bool {
	rest, is := strings.CutPrefix(code, above)
	if !is || above == "" || rest == "" {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// place is the path of a component from the one around it.
func place(above *level) string {
	above.children++
	if above.path == "" {
		return strconv.Itoa(above.children)
	}
	return above.path + "/" + strconv.Itoa(above.children)
}
