package store

import (
	"strings"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Form is a change in the form in which lists are made of it: what is served is rendered once, when the
// record is stored.
type Form struct {
	*pipeline.Change
	Sets       string // specs with a blank between
	OAIDC      []byte // empty if deleted
	Provenance string // the chain of originDescriptions, as for oai_dc; empty if there is none, or deleted
	Rights     string // a URL; empty if nobody said, or deleted
}

// NewForm renders a change. The identifier, like all that is not rendered, is that of the change.
func NewForm(c *pipeline.Change) Form {
	f := Form{Change: c, Sets: strings.Join(c.Sets, " ")}
	if c.Deleted == pipeline.Live {
		f.OAIDC, f.Provenance, f.Rights = oaipmh.CleanElement(c.OAIDC), originsOf(&c.Origin), c.Rights
	}
	return f
}
