package crosswalk

import "strings"

// marcReads are the subfields that a mapping looks at, by the key of their tag; under 0 those of all tags that it doesn't name.
type marcReads map[uint32][]marcRead

type marcRead struct {
	spec  *marcSpec
	codes uint64 // a bit for each
}

// codeBit is the bit of the code of a subfield.
func codeBit(c byte) uint64 {
	switch {
	case c >= 'a' && c <= 'z':
		return 1 << (c - 'a')
	case c >= 'A' && c <= 'Z':
		return 1 << (26 + c - 'A')
	case c >= '0' && c <= '9':
		return 1 << (52 + c - '0')
	}
	return 0
}

// Every code, and those of which a field without $ takes the text.
const (
	allCodes     = 1<<62 - 1
	controlCodes = allCodes &^ (1<<52 - 1)
)

// codesOf are the codes that a spec means.
func (s *marcSpec) codesOf() (codes uint64) {
	if s.codes == "" && s.dashed == "" {
		return allCodes
	}
	for i := range len(s.codes) {
		codes |= codeBit(s.codes[i])
	}
	for i := range len(s.dashed) {
		codes |= codeBit(s.dashed[i])
	}
	return codes
}

// reads implements surveyor.
func (marcFamily) reads(m *Mapping) reads {
	out := marcReads{}
	add := func(s *marcSpec, codes uint64) {
		at := s.tag
		if s.mask != 0xFFFFFF {
			at = 0
		}
		out[at] = append(out[at], marcRead{s, codes})
	}
	m.eachRead(func(each, s selector, ru *rule, within []selector) {
		spec, _ := s.(*marcSpec)
		outer, _ := each.(*marcSpec)
		var codes uint64
		for _, in := range within {
			if in, ok := in.(*marcSpec); ok && in.inField {
				codes |= in.codesOf()
			} else if ok && in.indicator == 0 && !in.leader {
				add(in, in.codesOf())
			}
		}
		switch {
		case spec != nil && (spec.inField || spec.indicator > 0):
			if codes |= spec.codesOf(); outer != nil {
				add(outer, codes)
			}
		case spec != nil && !spec.leader:
			if !ru.pieces {
				codes |= spec.codesOf()
			}
			add(spec, codes)
		case outer != nil:
			add(outer, codes|outer.codesOf())
		}
	})
	for tag, entries := range out {
		for _, entry := range out[0] {
			if tag != 0 && tag&entry.spec.mask == entry.spec.tag {
				entries = append(entries, entry)
			}
		}
		out[tag] = entries
	}
	return out
}

// unread tells of the subfields that no rule looks at; of the field where it looks at none. Control fields, and subfields with a
// number, are full of codes, of which a mapping wants a few.
func (m marcReads) unread(r *run, tell func(field, text string)) {
	rec, ok := r.root.(*marcRecord)
	if !ok {
		return
	}
	for i := range rec.fields {
		f := &rec.fields[i]
		if f.control {
			continue
		}
		read := m.codes(f, f.key)
		if f.linked != 0 {
			read |= m.codes(f, f.linked)
		}
		read |= controlCodes
		var has uint64
		for j := range f.Subfields {
			if f.Subfields[j].Text != "" {
				has |= codeBit(f.Subfields[j].Code) &^ controlCodes
			}
		}
		switch {
		case has&^read == 0:
		case has&read == 0:
			tell(f.Tag, r.subfields(f, allCodes))
		default:
			for j := range f.Subfields {
				if bit := codeBit(f.Subfields[j].Code); bit&has&^read != 0 {
					has &^= bit // one of each is enough
					tell(f.Tag+"$"+string(rune(f.Subfields[j].Code)), r.subfields(f, bit))
				}
			}
		}
	}
}

// codes are those that rules look at in a field that counts as one with the key.
func (m marcReads) codes(f *marcField, key uint32) (read uint64) {
	entries, named := m[key]
	if !named {
		entries = m[0]
	}
	for _, entry := range entries {
		s := entry.spec
		if key&s.mask == s.tag && (s.ind1 == '.' || s.ind1 == f.ind1) && (s.ind2 == '.' || s.ind2 == f.ind2) {
			read |= entry.codes
		}
	}
	return read
}

// subfields are those with the codes, for people; empty unless they ask.
func (r *run) subfields(f *marcField, codes uint64) string {
	if !r.explain {
		return ""
	}
	var b strings.Builder
	for _, sub := range f.Subfields {
		if codeBit(sub.Code)&codes != 0 {
			b.WriteString("$" + string(rune(sub.Code)) + sub.Text)
		}
	}
	return b.String()
}
