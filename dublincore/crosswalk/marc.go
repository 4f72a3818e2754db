package crosswalk

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// marcFamily reads one MARC record in any form that package marc knows. Its selectors are MARC specs; its nodes
// are *marcRecord and *marcField.
type marcFamily struct{}

// A marcRecord is the record that a mapping is applied to, with what selectors need to find its fields fast. Its
// memory is used again for the next record.
type marcRecord struct {
	parser marc.Parser
	leader string
	fields []marcField
}

type marcField struct {
	*marc.Field
	ind1, ind2 byte // as a selector sees them: a control field has blanks
	control    bool
	nth        int    // its number among the neighbours with the same tag, from 1
	key        uint32 // of the tag
	linked     uint32 // of an 880: the key of the tag whose original script it has
}

func (marcFamily) open(r *run, original []byte) (node, error) {
	if r.state.marc == nil {
		r.state.marc = new(marcRecord)
	}
	m := r.state.marc
	rec, err := m.parser.Parse(original)
	if err != nil {
		return nil, ofMARC(err)
	}
	if r.m.format == "marc21" && rec.IsUNIMARC() {
		return nil, fmt.Errorf("%w: this is a UNIMARC record, not MARC 21: its title is in field 200", ErrMalformed)
	}
	if r.m.format == "unimarc" && rec.Field("245") != nil && rec.Field("200") == nil {
		return nil, fmt.Errorf("%w: this is a MARC 21 record, not UNIMARC: its title is in field 245", ErrMalformed)
	}
	if rec.Lossy() {
		noteLost(rec, r.out)
	}
	r.noteOthers(rec.Others())
	m.take(rec)
	return m, nil
}

// ofMARC is an error of package marc that is one of this package as well, with the same words.
func ofMARC(err error) error {
	kind := ErrMalformed
	if errors.Is(err, marc.ErrTooLarge) {
		kind = ErrTooLarge
	}
	return marcError{err, kind}
}

type marcError struct{ err, kind error }

func (e marcError) Error() string   { return e.err.Error() }
func (e marcError) Unwrap() []error { return []error{e.err, e.kind} }

// take prepares the fields of a record for selectors.
func (m *marcRecord) take(rec *marc.Record) {
	m.leader, m.fields = rec.Leader, m.fields[:0]
	for i := range rec.Fields {
		f := marcField{Field: &rec.Fields[i], ind1: ' ', ind2: ' ', nth: 1}
		f.key = key(f.Tag)
		if f.control = f.IsControl(); !f.control {
			f.ind1, f.ind2 = f.Ind1, f.Ind2
		}
		if i > 0 && m.fields[i-1].key == f.key {
			f.nth = m.fields[i-1].nth + 1
		}
		if linked := f.Linked(); linked != "" {
			f.linked = key(linked)
		}
		m.fields = append(m.fields, f)
	}
}

// forget lets go of the record. What was much larger than usual does not keep its memory.
func (m *marcRecord) forget() {
	m.parser.Forget()
	clear(m.fields)
	if m.leader = ""; cap(m.fields) > 10_000 {
		m.fields = nil
	}
}

// noteLost notes each field of which characters were lost, now or before.
func noteLost(rec *marc.Record, out *dublincore.Record) {
	for i := range rec.Fields {
		f := &rec.Fields[i]
		for _, s := range f.Subfields {
			if strings.Contains(s.Text, string(utf8.RuneError)) {
				out.Note(0, dublincore.CharactersLost, wording.Shorten(fmt.Sprintf("%s$%c %s", f.Tag, s.Code, s.Text), maxNote))
				break
			}
		}
	}
}

func (marcFamily) label(n node) string {
	f, ok := n.(*marcField)
	if !ok {
		return ""
	}
	if f.nth > 1 {
		return fmt.Sprintf("%s, number %d", f.Tag, f.nth)
	}
	return f.Tag
}
