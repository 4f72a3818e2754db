package ead

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// A span is a piece of the document.
type span struct{ from, to int }

// A level is an element that contains components: ead, archdesc, dsc, or a component.
type level struct {
	parent    *level
	start     span   // its start tag
	name      []byte // with its prefix
	inherited []span // what its components inherit
	own       []span // all its children but components and dsc
	component bool
	id        string
	called    string // the level attribute, or what an otherlevel is called
	code      string // its reference code: the first unitid
	about     string // title and date, to tell it from siblings without a code
	key       string
	path      string
	children  int // components so far
	heir      int // bytes that a component in it inherits from it, and one; 0 before they are summed up
}

type reader struct {
	FindingAid
	doc  []byte
	scan *xmlscan.Scanner
}

func (c *reader) read() error {
	c.FindingAid.doc = c.doc
	var at *level
	for {
		kind, err := c.scan.Next()
		if err != nil {
			return fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		switch kind {
		case xmlscan.EOF:
			return c.bound()
		case xmlscan.End: // of a level: all others are read whole
			if c.component(at) && !c.component(at.parent) {
				c.skipped = append(c.skipped, span{at.start.from, c.scan.EndOffset()})
			}
			at = at.parent
		case xmlscan.Start:
			if err := c.child(&at); err != nil {
				return err
			}
		}
	}
}

// component reports whether a level is a component, or in one.
func (c *reader) component(l *level) bool {
	for ; l != nil; l = l.parent {
		if l.component {
			return true
		}
	}
	return false
}

// child reads an element of a level. What a finding aid has for its staff only is passed over.
func (c *reader) child(at **level) (err error) {
	l := *at
	name := string(c.scan.Local())
	switch audience, _ := c.scan.Attr("", "audience"); {
	case string(audience) == "internal" && (name == "eadheader" || name == "control"):
		return c.header() // some mark all of it so, and the finding aid is still called by its identifier
	case string(audience) == "internal":
		return c.skip()
	case l == nil && name != "ead" && name != "archdesc":
		return fmt.Errorf("%w: the root is <%s>, not <ead>", ErrMalformed, name)
	case isLevel(name):
		*at, err = c.level(l)
		return err
	}
	from := c.scan.Offset()
	switch name {
	case "did":
		err = c.did(l)
	case "eadheader", "control":
		err = c.header()
	default:
		err = c.skip()
	}
	piece := span{from, c.scan.EndOffset()}
	l.own = append(l.own, piece)
	if isInherited(name) {
		l.inherited = append(l.inherited, piece)
	}
	return err
}

// did reads what identifies a level.
func (c *reader) did(l *level) error {
	return c.inside(func(name string) (bool, error) {
		if name != "unitid" && name != "unittitle" && name != "unitdate" && name != "unitdatestructured" {
			return false, nil
		}
		text, err := c.text()
		if name == "unitid" && l.code == "" {
			l.code = text
		} else {
			l.about += text + "\n"
		}
		return true, err
	})
}

// header reads the identifier of the finding aid.
func (c *reader) header() error {
	return c.inside(func(name string) (bool, error) {
		if name != "eadid" && name != "recordid" || c.id != "" {
			return false, nil
		}
		text, err := c.text()
		c.id = text
		return true, err
	})
}

// inside reads the elements below the one that begins. take reports whether it has read one to its end.
func (c *reader) inside(take func(name string) (bool, error)) error {
	for depth := c.scan.Depth(); c.scan.Depth() >= depth; {
		kind, err := c.scan.Next()
		if err != nil {
			return fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		if kind != xmlscan.Start {
			continue
		}
		if audience, _ := c.scan.Attr("", "audience"); string(audience) == "internal" {
			err = c.skip()
		} else {
			_, err = take(string(c.scan.Local()))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// text is the text of the element that begins, with single spaces.
func (c *reader) text() (string, error) {
	text, err := c.scan.AppendText(nil)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return strings.Join(strings.Fields(string(text)), " "), nil
}

func (c *reader) skip() error {
	if err := c.scan.Skip(); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}

// bound refuses a finding aid whose components would inherit too much together: each repeats what it inherits, so a
// small file could become a very large one.
func (c *reader) bound() error {
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

func isLevel(name string) bool {
	return name == "ead" || name == "archdesc" || name == "dsc" || isComponent(name)
}

// isComponent reports whether an element is a component: c, or c01 to c12.
func isComponent(name string) bool {
	return name == "c" || len(name) == 3 && name[0] == 'c' && (name[1] == '0' || name[1] == '1') && name[2] >= '0' && name[2] <= '9'
}

func isInherited(name string) bool {
	switch name {
	case "eadheader", "control", "did", "accessrestrict", "userestrict", "descgrp":
		return true
	}
	return false
}

func (c *reader) level(parent *level) (*level, error) {
	l := &level{parent: parent, start: span{c.scan.Offset(), c.scan.EndOffset()}, component: isComponent(string(c.scan.Local()))}
	tag := c.doc[l.start.from+1 : l.start.to]
	l.name = tag[:bytes.IndexAny(tag, " \t\r\n/>")]
	if !l.component {
		return l, nil
	}
	if len(c.components) == maxComponents {
		return nil, fmt.Errorf("%w: the finding aid has more than %d components", ErrTooLarge, maxComponents)
	}
	id, _ := c.scan.Attr("", "id")
	called, _ := c.scan.Attr("", "level")
	if other, _ := c.scan.Attr("", "otherlevel"); string(called) == "otherlevel" && len(other) > 0 {
		called = other
	}
	l.id, l.called = string(id), string(called)
	if above := l.above(); above != nil {
		l.path = place(above)
	}
	c.components = append(c.components, l)
	return l, nil
}

// above is the component around a level, or the outermost level.
func (l *level) above() *level {
	above := l.parent
	for above != nil && !above.component && above.parent != nil {
		above = above.parent
	}
	return above
}
