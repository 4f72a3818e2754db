package store

import (
	"fmt"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Content is what a record is made of, packed for a database.
type Content struct {
	Origin       string // JSON
	Rules        string
	Notes        string // the mapper's; empty if there are none
	DC, Original []byte // compressed; not nil
}

// PackContent packs what a change brings. Of a record that was taken down nothing is kept but where it came from.
func (c *Codec) PackContent(change *pipeline.Change) (Content, error) {
	origin, err := PackOrigin(&change.Origin)
	if err != nil {
		return Content{}, fmt.Errorf("store %s: %w", change.Identifier, err)
	}
	p := Content{Origin: origin, Notes: string(change.Notes), DC: []byte{}, Original: []byte{}}
	if change.Deleted != pipeline.Takedown {
		p.Rules, p.DC, p.Original = change.Rules, PackRecord(change.DC), c.Pack(change.Original)
	}
	return p, nil
}

// A Rewritten is what new rules made of a record, packed for a database.
type Rewritten struct {
	Notes string // the mapper's; empty if there are none
	DC    []byte // compressed; nil if it stays
}

// PackRewritten packs what new rules made of a record, and renders it. Both are kept with the change.
func PackRewritten(c *pipeline.RemapChange) error {
	p := &Rewritten{Notes: string(c.Notes)}
	if c.DC != nil {
		p.DC = PackRecord(c.DC)
	}
	RenderRewritten(c)
	c.Packed = p
	return nil
}

// RenderRewritten renders what new rules made of a record, as [NewForm] does what came from its source.
func RenderRewritten(c *pipeline.RemapChange) {
	if c.DC != nil {
		c.OAIDC = oaipmh.CleanElement(c.OAIDC)
	}
}
