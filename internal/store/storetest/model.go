package storetest

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A model is the log in the plainest form: maps, no seqs, everything worked out when it is asked for.
type model struct {
	records map[string]*state
	aliases map[string]string
	left    map[string]map[string]departure // by set or format (see formatList), then identifier
	sets    map[string]bool                 // that are declared or ever had a record, with ancestors
	sources map[string]*sourceModel
	native  map[string]harvest.Format // by the prefix under which it is served
	steps   int
}

// state is what the model knows of a record.
type state struct {
	pipeline.Record // Seq is not filled in
	input           pipeline.Hash
	oaiDC           []byte
	rights          string
	formats         []string // prefixes, but for oai_dc and oai_qdc
	made            pipeline.Formats
	at              int // place in the log
}

type departure struct {
	datestamp time.Time
	at        int
}

type sourceModel struct {
	run        int64
	cursor     harvest.Cursor
	quarantine map[string]string // identifier by key
}

func newModel() *model {
	m := &model{
		records: map[string]*state{}, aliases: map[string]string{}, left: map[string]map[string]departure{},
		sets: map[string]bool{}, sources: map[string]*sourceModel{}, native: map[string]harvest.Format{},
	}
	for _, s := range declaredSets {
		m.sets[s] = true
	}
	return m
}

func (m *model) source(name string) *sourceModel {
	if m.sources[name] == nil {
		m.sources[name] = &sourceModel{quarantine: map[string]string{}}
	}
	return m.sources[name]
}

// refusal is the error that the log must answer a batch with; nil if it must take it.
func (m *model) refusal(b *pipeline.Batch) error {
	s := m.source(b.Run.Source)
	if s.run != b.Run.ID || s.cursor != b.From {
		return pipeline.ErrFenced
	}
	for _, u := range b.Unchanged {
		if r := m.records[u.Identifier]; r == nil || r.input != u.Input {
			return pipeline.ErrStale
		}
	}
	for i := range b.Changes {
		c := &b.Changes[i]
		if r := m.find(c.Identifier, c.Aliases); r != nil && r.Deleted != pipeline.Takedown && pipeline.Rivals(r.Origin.Identifier, c.Origin.Identifier) {
			return pipeline.ErrStale
		}
	}
	return nil
}

// apply does what the log must have done with a batch that was stamped so.
func (m *model) apply(b *pipeline.Batch, stamp time.Time) (n pipeline.Counts) {
	s := m.source(b.Run.Source)
	s.cursor = b.Next
	n.Pages = 1
	n.Items = int64(len(b.Unchanged) + len(b.Changes) + len(b.Rejects))
	for _, u := range b.Unchanged {
		n.Unchanged++
		m.records[u.Identifier].Stale = false
		s.release(u.Identifier)
	}
	for i := range b.Changes {
		m.change(b.Run.Source, &b.Changes[i], stamp, &n)
	}
	for _, r := range b.Rejects {
		old := m.find(r.Identifier, nil)
		if old != nil && old.Deleted == pipeline.Takedown {
			n.Suppressed++
			continue
		}
		n.Rejected++
		s.quarantine[r.Key] = r.Identifier
		if old != nil {
			old.Stale = true
		}
	}
	return n
}

// find is the record that an item is kept under; nil if it is new.
func (m *model) find(identifier string, aliases []string) *state {
	for _, id := range append([]string{identifier}, aliases...) {
		if r := m.records[id]; r != nil {
			return r
		}
		if r := m.records[m.aliases[id]]; r != nil {
			return r
		}
	}
	return nil
}

func (m *model) change(source string, c *pipeline.Change, stamp time.Time, n *pipeline.Counts) {
	s := m.source(source)
	r := m.find(c.Identifier, c.Aliases)
	if r != nil && r.Deleted == pipeline.Takedown {
		n.Suppressed++
		return
	}
	s.release(c.Identifier)
	isNew := r == nil
	if isNew {
		r = &state{Record: pipeline.Record{Identifier: c.Identifier, Source: source}}
		m.records[c.Identifier] = r
	}
	s.release(r.Identifier)
	m.alias(r, c)
	r.input, r.Stale = c.Input, false
	if !isNew && r.Fingerprint == c.Fingerprint {
		n.Unchanged++
		return
	}
	m.steps++
	r.at, r.Datestamp, r.Fingerprint, r.Deleted = m.steps, stamp, c.Fingerprint, c.Deleted
	r.Version++
	r.Origin, r.Notes = c.Origin, c.Notes
	switch {
	case c.Deleted == pipeline.Takedown:
		r.DC, r.Original, r.Rules, r.oaiDC = nil, nil, "", nil
	case c.Deleted != pipeline.Live && !isNew:
		r.oaiDC = nil
	default:
		r.DC, r.Original, r.Rules, r.oaiDC = c.DC, c.Original, c.Rules, c.OAIDC
	}
	if c.Deleted == pipeline.Live || isNew {
		m.move(r, c.Sets)
		m.reformat(r, m.formatsOf(c))
		r.made, r.rights = c.Formats, c.Rights
	}
	switch {
	case c.Deleted != pipeline.Live:
		n.Deleted++
	case isNew:
		n.Added++
	default:
		n.Updated++
	}
}

func (m *model) alias(r *state, c *pipeline.Change) {
	for _, a := range append([]string{c.Identifier}, c.Aliases...) {
		if _, known := m.aliases[a]; !known && a != r.Identifier {
			m.aliases[a] = r.Identifier
		}
	}
}

// move puts a record into the sets that it has now, and leaves departures where it was before.
func (m *model) move(r *state, sets []string) {
	before, now := closure(r.Sets), closure(sets)
	for spec := range before {
		if !now[spec] {
			m.departed(spec, r, true)
		}
	}
	for spec := range now {
		m.departed(spec, r, false)
		m.sets[spec] = true
	}
	r.Sets = sets
}

// departed puts a departure down, or takes one back.
func (m *model) departed(list string, r *state, gone bool) {
	if !gone {
		delete(m.left[list], r.Identifier)
		return
	}
	if m.left[list] == nil {
		m.left[list] = map[string]departure{}
	}
	m.left[list][r.Identifier] = departure{r.Datestamp, r.at}
}

// closure is the sets with their ancestors.
func closure(sets []string) map[string]bool {
	all := map[string]bool{}
	for _, s := range sets {
		parts := strings.Split(s, ":")
		for i := range parts {
			all[strings.Join(parts[:i+1], ":")] = true
		}
	}
	return all
}

func (s *sourceModel) release(identifier string) {
	maps.DeleteFunc(s.quarantine, func(_, id string) bool { return id == identifier })
}

// ordered are the records in the order of the log.
func (m *model) ordered() []*state {
	return slices.SortedFunc(maps.Values(m.records), func(a, b *state) int { return cmp.Compare(a.at, b.at) })
}

// digest is worked out from nothing.
func (m *model) digest() (d pipeline.Digest) {
	for _, r := range m.records {
		if r.Deleted == pipeline.Live {
			d.Add(r.Identifier, r.Datestamp, r.oaiDC)
		}
	}
	return d
}

// tally is what each source must be said to have.
func (m *model) tally() map[string]Tally {
	out := map[string]Tally{}
	for name, s := range m.sources {
		if s.run != 0 {
			out[name] = Tally{Quarantined: int64(len(s.quarantine))}
		}
	}
	for _, r := range m.records {
		t := out[r.Source]
		if r.Deleted == pipeline.Live {
			t.Live++
		} else {
			t.Deleted++
		}
		out[r.Source] = t
	}
	return out
}

// seconds are the datestamps at which something happened, in their order.
func (m *model) seconds() []time.Time {
	seen := map[time.Time]bool{}
	for _, r := range m.records {
		seen[r.Datestamp] = true
	}
	for _, left := range m.left {
		for _, d := range left {
			seen[d.datestamp] = true
		}
	}
	return slices.SortedFunc(maps.Keys(seen), time.Time.Compare)
}
