package store

import (
	"strings"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Fits says whether the state that new rules were run over is still the record's present one. If the
// record has moved since, what is in the log is newer than what was worked out.
func Fits(old *State, c *pipeline.RemapChange) bool {
	return old.Item != 0 && old.Seq == c.Seq && old.Identifier == c.Identifier && old.Deleted == pipeline.Live
}

// Rewrite plans what becomes of a record after new rules were run over it. The change must fit the record ([Fits]). What the
// source last sent, and when it was last seen, stays as it is: a harvest under way finds the record as it
// left it. The move is nil unless something else is served.
func (p *Plan) Rewrite(old *State, c *pipeline.RemapChange, clock Stamper) (*Move, error) {
	if c.Same {
		if c.DC != nil {
			p.Touched = append(p.Touched, old.Seq) // the formats that are made of it may say it in other words
		}
		return nil, nil
	}
	if err := p.stamp(clock); err != nil {
		return nil, err
	}
	if err := p.lists.noteVersions(c.Formats); err != nil {
		return nil, err
	}
	m := p.start(old, State{
		Version: old.Version + 1, Fingerprint: c.Fingerprint,
		Sets: strings.Join(c.Sets, " "), Native: old.Native, Formats: c.Formats, OAIDC: c.OAIDC,
	})
	m.Rights = &c.Rights
	return p.finish(m), nil
}
