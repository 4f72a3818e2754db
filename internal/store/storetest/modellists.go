package storetest

import (
	"cmp"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// formatList is the name of a format's list among those that records leave.
func formatList(prefix string) string { return "*" + prefix }

// everyone has these.
func ofEveryone(prefix string) bool { return prefix == "oai_dc" || prefix == "oai_qdc" }

// formatsOf are the formats of a change, beside those of everyone.
func (m *model) formatsOf(c *pipeline.Change) (out []string) {
	for _, f := range writers.All() {
		if c.Formats.Has(f.Prefix) {
			out = append(out, f.Prefix)
		}
	}
	native := c.Origin.Format
	if native.Namespace == "" || native.Prefix == "oai_dc" {
		return out
	}
	for n := 1; ; n++ {
		prefix := native.Prefix
		if n > 1 {
			prefix += "_" + string(rune('0'+n))
		}
		if _, ours := writers.Named(prefix); ours {
			continue
		}
		if have, taken := m.native[prefix]; taken && have != native {
			continue
		}
		m.native[prefix] = native
		return append(out, prefix)
	}
}

// reformat gives a record the formats that it has now, and leaves departures in those that it had before.
func (m *model) reformat(r *state, now []string) {
	for _, prefix := range r.formats {
		if !slices.Contains(now, prefix) {
			m.departed(formatList(prefix), r, true)
		}
	}
	for _, prefix := range now {
		m.departed(formatList(prefix), r, false)
	}
	r.formats = now
}

// prefixes are all formats that the log must know.
func (m *model) prefixes() []string {
	var out []string
	for _, f := range writers.All() {
		out = append(out, f.Prefix)
	}
	for prefix := range m.native {
		out = append(out, prefix)
	}
	slices.Sort(out)
	return out
}

// offered are the formats of the repository: those that demand something as soon as a record has had them.
func (m *model) offered() []string {
	return slices.DeleteFunc(m.prefixes(), func(prefix string) bool {
		_, native := m.native[prefix]
		if native || ofEveryone(prefix) || len(m.left[formatList(prefix)]) > 0 {
			return false
		}
		for _, r := range m.records {
			if slices.Contains(r.formats, prefix) {
				return false
			}
		}
		return true
	})
}

func (r *state) has(prefix string) bool {
	return ofEveryone(prefix) || slices.Contains(r.formats, prefix)
}

// An entry is what a list shows of a record, or of one that has left.
type entry struct {
	Identifier string
	Datestamp  time.Time
	Deleted    bool
	Sets       []string
	Metadata   string
	About      []string
}

// entryIn is what is shown of a record in a format that it has.
func (m *model) entryIn(r *state, prefix string) entry {
	e := entry{Identifier: r.Identifier, Datestamp: r.Datestamp, Deleted: r.Deleted != pipeline.Live, Sets: r.Sets}
	if e.Deleted {
		return e
	}
	_, native := m.native[prefix]
	switch {
	case prefix == "oai_dc":
		e.Metadata = string(r.oaiDC)
	case native:
		e.Metadata = string(r.Original)
	default:
		var dc dublincore.Record
		if err := dc.UnmarshalJSON(r.DC); err != nil {
			panic(err)
		}
		f, _ := writers.At(prefix, r.made.Version(prefix))
		g := gateways[r.made.Gateway()]
		item := formats.Item{Identifier: r.Identifier, Provider: g.Name}
		if g.Root != "" {
			item.Page = Page(g.Root, r.Identifier)
		}
		e.Metadata = string(f.Append(nil, &dc, item))
	}
	if o := &r.Origin; o.BaseURL != "" {
		e.About = append(e.About, string(oaipmh.AppendProvenance(nil, &oaipmh.Origin{
			BaseURL: o.BaseURL, Identifier: o.Identifier, Datestamp: o.Datestamp, Namespace: o.Format.Namespace, Harvested: o.Harvested, Altered: !native,
		})))
	}
	if r.rights != "" {
		e.About = append(e.About, string(oaipmh.AppendRights(nil, r.rights)))
	}
	return e
}

// list is what a list must show, in a format, of a set (of all records, if empty), between two
// datestamps. Who left the set or the format is deleted there since the first of the two.
func (m *model) list(q *oaipmh.Query) []entry {
	type placed struct {
		entry
		at int
	}
	var all []placed
	for id, r := range m.records {
		inSet, inFormat := q.Set == "" || closure(r.Sets)[q.Set], r.has(q.Prefix)
		if inSet && inFormat {
			all = append(all, placed{m.entryIn(r, q.Prefix), r.at})
			continue
		}
		ofSet, leftSet := m.left[q.Set][id]
		ofFormat, leftFormat := m.left[formatList(q.Prefix)][id]
		if !inSet && (!leftSet || isSilent(q.Set)) || !inFormat && !leftFormat {
			continue
		}
		d := ofSet
		if !leftSet || leftFormat && ofFormat.at < ofSet.at {
			d = ofFormat
		}
		sets := r.Sets
		if q.Set != "" {
			sets = []string{q.Set}
		}
		all = append(all, placed{entry{Identifier: id, Datestamp: d.datestamp, Deleted: true, Sets: sets}, d.at})
	}
	slices.SortFunc(all, func(a, b placed) int { return cmp.Compare(a.at, b.at) })
	var out []entry
	for _, p := range all {
		if (q.From.IsZero() || !p.Datestamp.Before(q.From)) && (q.Until.IsZero() || !p.Datestamp.After(q.Until)) {
			out = append(out, p.entry)
		}
	}
	return out
}
