package store

import (
	"encoding/json"
	"fmt"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Content is what a record is made of, packed for a database.
type Content struct {
	Origin       string // JSON
	Rules        string
	Notes        string // JSON; empty if there are none
	DC, Original []byte // compressed; not nil
}

// PackContent packs what a change brings. Of a record that was taken down nothing is kept but where it came from.
func (c *Codec) PackContent(change *pipeline.Change) (Content, error) {
	origin, err := json.Marshal(&change.Origin)
	if err != nil {
		return Content{}, fmt.Errorf("store %s: %w", change.Identifier, err)
	}
	notes, err := packNotes(change.Identifier, change.Notes)
	if err != nil {
		return Content{}, err
	}
	p := Content{Origin: string(origin), Notes: notes, DC: []byte{}, Original: []byte{}}
	if change.Deleted != pipeline.Takedown {
		p.Rules, p.DC, p.Original = change.Rules, PackRecord(change.DC), c.Pack(change.Original)
	}
	return p, nil
}

// A Rewritten is what new rules made of a record, packed for a database.
type Rewritten struct {
	Notes string // JSON; empty if there are none
	DC    []byte // compressed; nil if it stays
}

// PackRewritten packs what new rules made of a record, and renders it. Both are kept with the change.
func PackRewritten(c *pipeline.RemapChange) error {
	notes, err := packNotes(c.Identifier, c.Notes)
	if err != nil {
		return err
	}
	p := &Rewritten{Notes: notes}
	if c.DC != nil {
		p.DC = PackRecord(c.DC)
		c.OAIDC = oaipmh.CleanElement(c.OAIDC)
	}
	c.Packed = p
	return nil
}

func packNotes(identifier string, notes []dublincore.Note) (string, error) {
	if len(notes) == 0 {
		return "", nil
	}
	b, err := json.Marshal(notes)
	if err != nil {
		return "", fmt.Errorf("store %s: %w", identifier, err)
	}
	return string(b), nil
}

// UnpackNotes reads notes as they are packed.
func UnpackNotes(packed []byte) (notes []dublincore.Note, err error) {
	if len(packed) > 0 {
		err = json.Unmarshal(packed, &notes)
	}
	return notes, err
}
