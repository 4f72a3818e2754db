package store

import (
	"iter"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Verdict is what becomes of a record that is to be changed.
type Verdict uint8

// The verdicts.
const (
	// Suppressed: the record was taken down for good, and nothing of the change is kept.
	Suppressed Verdict = iota
	// Unchanged: what is served stays as it is, and the record stays at its place.
	Unchanged
	// Moved: the record moves as the plan says.
	Moved
	// Held: the change is kept apart until the end of the pass, and the record stays at its place.
	Held
)

// Returned says whether a change of a record that the pass gave before is one of which its source does not know: both are live,
// and have one datestamp, or none. Then different items may have one identifier.
func Returned(was pipeline.Reason, datestamp string, change *pipeline.Change) bool {
	return was == pipeline.Live && change.Deleted == pipeline.Live && datestamp == change.Origin.Datestamp && !change.Several
}

// Change plans what becomes of a record that came from its source. The move is nil unless the record moves.
// b is the batch that it came with. [pipeline.ErrStale] if another item of the source has the identifier.
func (p *Plan) Change(old *State, f *Form, b *pipeline.Batch, clock Stamper) (Verdict, *Move, error) {
	if !b.Settles { // else it was counted when it came
		p.Counts.Items++
	}
	if old.Deleted.Final() {
		p.Counts.Suppressed++
		p.Tell(b, pipeline.Fate{Identifier: old.Identifier, Key: f.Origin.Identifier, Became: pipeline.BecameSuppressed})
		return Suppressed, nil, nil
	}
	if old.Item != 0 && pipeline.Rivals(old.Owner, f.Origin.Identifier) { // it came first, and after this page was prepared
		return 0, nil, pipeline.ErrStale
	}
	if old.Item != 0 && old.Fingerprint == f.Fingerprint {
		if !b.Settles {
			p.Counts.Unchanged++
		}
		p.Tell(b, pipeline.Fate{Identifier: old.Identifier, Key: f.Origin.Identifier, Became: pipeline.BecameUnchanged})
		return Unchanged, nil, nil
	}
	if holds(b.Hold, old, f) {
		p.Tell(b, pipeline.Fate{Identifier: old.Identifier, Key: f.Origin.Identifier, Became: pipeline.BecameHeld, Reason: string(f.Deleted)})
		return Held, nil, nil
	}
	m, err := p.turn(old, f, clock)
	if err != nil {
		return 0, nil, err
	}
	p.countChange(m)
	p.Tell(b, pipeline.Fate{Identifier: m.New.Identifier, Key: f.Origin.Identifier, Became: became(m), Reason: string(m.New.Deleted)})
	return Moved, m, nil
}

// Decree plans what becomes of a record because a person says so.
func (p *Plan) Decree(old *State, f *Form, clock Stamper) (*Move, error) {
	m, err := p.turn(old, f, clock)
	if err == nil {
		p.countChange(m)
	}
	return m, err
}

// turn brings a record to the state that it is to have.
func (p *Plan) turn(old *State, f *Form, clock Stamper) (*Move, error) {
	if err := p.stamp(clock); err != nil {
		return nil, err
	}
	now := State{
		Version: old.Version + 1, Identifier: f.Identifier, Fingerprint: f.Fingerprint, Deleted: f.Deleted,
		Sets: f.Sets, Formats: f.Formats, OAIDC: f.OAIDC,
	}
	if f.Deleted != pipeline.Live && old.Item != 0 {
		// A tombstone stays in the lists that the record was in, so that their harvesters are told.
		now.Sets, now.Formats, now.Native = old.Sets, old.Formats, old.Native
	} else {
		now.Native = p.lists.native(f.Origin.Format)
	}
	if err := p.lists.noteVersions(now.Formats); err != nil {
		return nil, err
	}
	m := p.start(old, now)
	m.Provenance, m.Rights = &f.Provenance, &f.Rights
	return p.finish(m), nil
}

// holds says whether a change that would be one is held.
func holds(h pipeline.Holding, old *State, f *Form) bool {
	if old.Item == 0 || old.Deleted != pipeline.Live {
		return false
	}
	switch f.Deleted {
	case pipeline.Live:
		return h.Changes
	case pipeline.SourceDeleted, pipeline.Absent:
		return h.Deletions
	}
	return false // a person said so
}

func (p *Plan) countChange(m *Move) {
	switch {
	case m.New.Deleted != pipeline.Live:
		p.Counts.Deleted++
	case m.Old.Item == 0:
		p.Counts.Added++
	default:
		p.Counts.Updated++
	}
}

// Tell notes what became of an item, if somebody wants to hear of the batch.
func (p *Plan) Tell(b *pipeline.Batch, f pipeline.Fate) {
	if b.Tells() {
		p.Fates = append(p.Fates, f)
	}
}

// became is the word for a move.
func became(m *Move) pipeline.Became {
	switch {
	case m.New.Deleted != pipeline.Live:
		return pipeline.BecameDeleted
	case m.Old.Item == 0:
		return pipeline.BecameCreated
	}
	return pipeline.BecameChanged
}

// KeepsContent says that a record keeps what it was made of, although it has changed: one that its source
// deleted, for people and for a source that changes its mind. One that was taken down keeps nothing.
func (m *Move) KeepsContent() bool {
	return m.Old.Item != 0 && m.New.Deleted != pipeline.Live && m.New.Deleted != pipeline.Takedown
}

// Aliases are the identifiers, beside the one that it is kept under, under which an item may come: also
// the one that it came under now, since it may come without its aliases the next time.
func Aliases(c *pipeline.Change, keptUnder string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, a := range c.Aliases {
			if a != keptUnder && !yield(a) {
				return
			}
		}
		if c.Identifier != keptUnder {
			yield(c.Identifier)
		}
	}
}
