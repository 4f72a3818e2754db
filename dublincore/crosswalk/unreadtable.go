package crosswalk

import (
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// csvReads are the columns that a mapping looks at, in lower case.
type csvReads map[string]bool

// reads implements surveyor.
func (csvFamily) reads(m *Mapping) reads {
	out := csvReads{}
	m.eachRead(func(each, s selector, _ *rule, within []selector) {
		for _, one := range append([]selector{each, s}, within...) {
			if c, ok := one.(csvColumn); ok {
				out[strings.ToLower(string(c))] = true
			}
		}
	})
	return out
}

func (c csvReads) unread(r *run, tell func(field, text string)) {
	row, ok := r.root.(*csvRow)
	if !ok {
		return
	}
	for i, name := range row.columns {
		if i < len(row.values) && strings.TrimSpace(row.values[i]) != "" && !c[strings.ToLower(name)] {
			tell(name, row.values[i])
		}
	}
}

// dcReads are the terms that a mapping looks at, a bit each.
type dcReads uint64

// reads implements surveyor.
func (dcFamily) reads(m *Mapping) reads {
	var out dcReads
	m.eachRead(func(each, s selector, _ *rule, within []selector) {
		for _, one := range append([]selector{each, s}, within...) {
			if d, ok := one.(dcSelector); ok && d.property == "" {
				out |= 1 << d.term
			}
		}
	})
	return out
}

func (d dcReads) unread(r *run, tell func(field, text string)) {
	rec, ok := r.root.(*dublincore.Record)
	if !ok || r.terms&^uint64(d) == 0 {
		return
	}
	for i := range rec.Values {
		if v := &rec.Values[i]; d&(1<<v.Term) == 0 {
			tell(v.Term.String(), v.Text)
		}
	}
}
