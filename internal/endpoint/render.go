package endpoint

import (
	"fmt"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// A renderer makes records of rows. It reuses its buffers, and what it made for the row before, because neighbours in the
// log mostly have the same rights.
type renderer struct {
	repo   *Repository
	view   store.View
	format *servedFormat

	rec        oaipmh.Record
	metadata   []byte // the buffer of rec.Metadata if that is made here
	provenance []byte
	ref        string // the URL that rights was made of
	rights     []byte
	dc         dublincore.Record

	departed bool // there was a departure or a tombstone among the rows
}

// render makes rec of a row.
func (c *renderer) render(row *store.Row, headersOnly bool) error {
	rec := &c.rec
	rec.Datestamp, rec.Identifier, rec.Deleted, rec.Sets = moment(row.Datestamp), row.Identifier, row.Deleted, row.Sets
	rec.Metadata, rec.About, rec.Clean = nil, rec.About[:0], false
	c.departed = c.departed || row.Deleted
	if headersOnly || row.Deleted {
		return nil
	}
	c.about(row)
	if c.format.isOAIDC() {
		rec.Metadata, rec.Clean = row.OAIDC, true // see store.NewForm
		return nil
	}
	if err := c.content(row); err != nil {
		return fmt.Errorf("serve %s as %s: %w", row.Identifier, c.format.Prefix, err)
	}
	return nil
}

func (c *renderer) about(row *store.Row) {
	if len(row.Provenance) > 0 {
		c.provenance = store.AppendProvenance(c.provenance[:0], row.Provenance, !c.format.native())
		c.rec.About = append(c.rec.About, c.provenance)
	}
	if len(row.Rights) > 0 {
		if string(row.Rights) != c.ref {
			c.ref = string(row.Rights)
			c.rights = oaipmh.AppendRights(c.rights[:0], c.ref)
		}
		c.rec.About = append(c.rec.About, c.rights)
	}
}

// content reads the original, or writes the format from the Dublin Core, by the version of the writer that the record
// names.
func (c *renderer) content(row *store.Row) (err error) {
	if c.format.native() {
		c.rec.Metadata, err = c.view.Original(row.Item)
		return err
	}
	dc, err := c.view.DC(row.Item)
	if err != nil {
		return err
	}
	return c.write(dc, row)
}

func (c *renderer) write(dc []byte, row *store.Row) error {
	if err := c.dc.UnmarshalJSON(dc); err != nil {
		return err
	}
	f := c.format.made
	if version := row.Formats.Version(f.Prefix); version != f.Version {
		var known bool
		if f, known = c.repo.writers().At(f.Prefix, version); !known {
			return fmt.Errorf("there is no version %d of its writer: %w", version, store.ErrNewer)
		}
	}
	item := formats.Item{Identifier: row.Identifier}
	g, err := c.view.Gateway(row.Formats.Gateway())
	if err != nil {
		return err
	}
	if g != nil {
		if item.Provider = g.Name; c.repo.Page != nil && g.Root != "" {
			item.Page = c.repo.Page(g.Root, row.Identifier)
		}
	}
	c.metadata = f.Append(c.metadata[:0], &c.dc, item)
	c.rec.Metadata = c.metadata
	return nil
}
