package crosswalk

import (
	"bytes"
	"fmt"
	"iter"
	"strconv"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// A Component is a part of a finding aid (a series, a file, an item), cut out as a document of its own.
type Component struct {
	ID    string // its id attribute, if it has one
	Path  string // its place in the hierarchy, from 1: "2/1/7"
	Level string // "series", "file"…
	// Original is an EAD document of the component and of what it inherits: the header, and from each level around
	// it the identification (did) and the conditions of access and use. The component has the attribute
	// component="yes" of the namespace urn:sheaf:ead, by which ead.map recognises it. Otherwise the bytes are those of
	// the source.
	Original []byte
}

const (
	maxComponents = 200_000
	maxInherited  = 1 << 30 // bytes that all components of a finding aid inherit together
)

// EADComponents reads an EAD 2002 document (at most 32 MiB). It returns the components in the order of the document,
// each with what it inherits. The document of each is made when the iterator comes to it. The error wraps
// [ErrMalformed] or [ErrTooLarge].
func EADComponents(document []byte) (iter.Seq[Component], error) {
	if len(document) > maxOriginal {
		return nil, fmt.Errorf("%w: the finding aid has %d bytes, the limit is %d", ErrTooLarge, len(document), maxOriginal)
	}
	c := eadCutter{doc: document, scan: xmlscan.New(document, xmlscan.Limits{Depth: maxXMLDepth})}
	if err := c.read(); err != nil {
		return nil, fmt.Errorf("reading the components of a finding aid: %w", err)
	}
	return func(yield func(Component) bool) {
		for _, l := range c.components {
			if !yield(c.cut(l)) {
				return
			}
		}
	}, nil
}

// A span is a piece of the document.
type span struct{ from, to int }

// An eadLevel is an element that contains components: ead, archdesc, dsc, or a component.
type eadLevel struct {
	parent    *eadLevel
	start     span   // its start tag
	name      []byte // with its prefix
	inherited []span // what its components inherit
	own       []span // all its children but components and dsc
	component bool
	id, level string
	path      string
	children  int // components so far
	heir      int // bytes that a component in it inherits from it, and one; 0 before they are summed up
}

type eadCutter struct {
	doc        []byte
	scan       *xmlscan.Scanner
	components []*eadLevel
}

func (c *eadCutter) read() error {
	var at *eadLevel
	for {
		kind, err := c.scan.Next()
		if err != nil {
			return fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		switch kind {
		case xmlscan.EOF:
			return c.bound()
		case xmlscan.End: // of a level: all others are skipped whole
			at = at.parent
		case xmlscan.Start:
			if isIgnored(c.scan, internal) {
				if err := skip(c.scan); err != nil {
					return err
				}
				continue
			}
			if isLevel(c.scan.Local()) {
				if at, err = c.level(at); err != nil {
					return err
				}
				continue
			}
			if at == nil {
				return fmt.Errorf("%w: the root is <%s>, not <ead>", ErrMalformed, c.scan.Local())
			}
			from, inherits := c.scan.Offset(), isInherited(c.scan.Local())
			if err := skip(c.scan); err != nil {
				return err
			}
			piece := span{from, c.scan.EndOffset()}
			at.own = append(at.own, piece)
			if inherits {
				at.inherited = append(at.inherited, piece)
			}
		}
	}
}

// bound refuses a finding aid whose components would inherit too much together: each repeats what it inherits, so a
// small file could become a very large one.
func (c *eadCutter) bound() error {
	total := 0
	for _, l := range c.components {
		for a := l.parent; a != nil; a = a.parent {
			if a.heir == 0 {
				for _, s := range a.inherited {
					a.heir += s.to - s.from
				}
				a.heir++ // it is summed up
			}
			total += a.heir
		}
		if total > maxInherited {
			return fmt.Errorf("%w: the components of the finding aid inherit more than %d MiB together", ErrTooLarge, maxInherited>>20)
		}
	}
	return nil
}

// internal marks what a finding aid has for its staff only.
var internal = []attribute{{"audience", "internal"}}

func isLevel(name []byte) bool {
	switch string(name) {
	case "ead", "archdesc", "dsc":
		return true
	}
	return isComponent(name)
}

// isComponent reports whether an element is a component: c, or c01 to c12.
func isComponent(name []byte) bool {
	return len(name) == 1 && name[0] == 'c' || len(name) == 3 && name[0] == 'c' && (name[1] == '0' || name[1] == '1') && name[2] >= '0' && name[2] <= '9'
}

func isInherited(name []byte) bool {
	switch string(name) {
	case "eadheader", "did", "accessrestrict", "userestrict", "descgrp":
		return true
	}
	return false
}

func (c *eadCutter) level(parent *eadLevel) (*eadLevel, error) {
	l := &eadLevel{parent: parent, start: span{c.scan.Offset(), c.scan.EndOffset()}, component: isComponent(c.scan.Local())}
	tag := c.doc[l.start.from+1 : l.start.to]
	l.name = tag[:bytes.IndexAny(tag, " \t\r\n/>")]
	if !l.component {
		return l, nil
	}
	if len(c.components) == maxComponents {
		return nil, fmt.Errorf("%w: the finding aid has more than %d components", ErrTooLarge, maxComponents)
	}
	id, _ := c.scan.Attr("", "id")
	level, _ := c.scan.Attr("", "level")
	l.id, l.level = string(id), string(level)
	above := parent
	for above != nil && !above.component && string(above.name) != "ead" && above.parent != nil {
		above = above.parent
	}
	if above != nil {
		above.children++
		l.path = strconv.Itoa(above.children)
		if above.path != "" {
			l.path = above.path + "/" + l.path
		}
	}
	c.components = append(c.components, l)
	return l, nil
}

// cut makes the document of one component.
func (c *eadCutter) cut(l *eadLevel) Component {
	var chain []*eadLevel
	for a := l.parent; a != nil; a = a.parent {
		chain = append(chain, a)
	}
	var b bytes.Buffer
	for i := len(chain) - 1; i >= 0; i-- {
		b.Write(c.doc[chain[i].start.from:chain[i].start.to])
		c.pieces(&b, chain[i].inherited)
	}
	tag := bytes.TrimSuffix(bytes.TrimSuffix(c.doc[l.start.from:l.start.to], []byte(">")), []byte("/"))
	b.Write(tag)
	b.WriteString(` xmlns:sheaf="urn:sheaf:ead" sheaf:component="yes">`)
	c.pieces(&b, l.own)
	closeTag(&b, l)
	for _, a := range chain {
		closeTag(&b, a)
	}
	return Component{ID: l.id, Path: l.path, Level: l.level, Original: b.Bytes()}
}

func (c *eadCutter) pieces(b *bytes.Buffer, spans []span) {
	for _, s := range spans {
		b.Write(c.doc[s.from:s.to])
	}
}

func closeTag(b *bytes.Buffer, l *eadLevel) {
	b.WriteString("</")
	b.Write(l.name)
	b.WriteByte('>')
}

func skip(s *xmlscan.Scanner) error {
	if err := s.Skip(); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}
