package quality

import (
	"math/bits"
	"strings"
	"unicode/utf8"

	dc "github.com/sheaf-gateway/sheaf/dublincore"
)

// facts are what is looked up of a record once and asked many times. A meter uses one facts again and
// again, so that a record costs no memory.
type facts struct {
	identifier string
	hash       uint64
	values     []dc.Value // all with text
	rec        dc.Record  // of them, for the demands of formats
	outcomes   []outcome  // of each of values; outcomeCount for words

	// present and tagged have a bit for each term: there is a value; there is one whose language is said.
	present, tagged termSet

	titles, descriptions, identifiers []*dc.Value
	// firstDay is the first date that is a day.
	firstDay *dc.Value

	shown        uint32 // a bit for each finding that was counted
	kinds        [kindCount]kindFacts
	types        typeFacts
	statedRights bool // a licence or a statement of rights, as a URI
	licensed     bool // a licence, which a statement of rights is not
	statedAccess bool // an access right of COAR
	embargoed    bool // that one is an embargo
	webID        bool // an identifier that is a web address

	tier [tierDimensions]Tier
}

// A termSet has a bit for each term.
type termSet uint64

func (s termSet) has(t dc.Term) bool { return s&(1<<t) != 0 }

func (s *termSet) set(t dc.Term) { *s |= 1 << t }

// any reports whether the set has one of the terms.
func (s termSet) any(terms termSet) bool { return s&terms != 0 }

func (s termSet) size() int { return bits.OnesCount64(uint64(s)) }

func setOf(terms ...dc.Term) (s termSet) {
	for _, t := range terms {
		s.set(t)
	}
	return s
}

// read takes in a record.
func (f *facts) read(identifier string, rec *dc.Record) {
	*f = facts{
		identifier: identifier, hash: hashText(identifier), values: f.values[:0], outcomes: f.outcomes[:0],
		titles: f.titles[:0], descriptions: f.descriptions[:0], identifiers: f.identifiers[:0],
	}
	for i := range rec.Values {
		if !isBlank(rec.Values[i].Text) && rec.Values[i].Term.String() != "" {
			f.values = append(f.values, rec.Values[i])
		}
	}
	f.rec.Values = f.values
	for i := range f.values {
		v := &f.values[i]
		f.present.set(v.Term)
		if v.Lang != "" {
			f.tagged.set(v.Term)
		}
		switch v.Term {
		case dc.Title:
			f.titles = append(f.titles, v)
		case dc.Description, dc.Abstract:
			f.descriptions = append(f.descriptions, v)
		case dc.Identifier:
			f.identifiers = append(f.identifiers, v)
			f.webID = f.webID || isWebAddress(v.Text)
		case dc.Landing: // oai_dc has it as an identifier
			f.webID = f.webID || isWebAddress(v.Text)
		}
	}
}

// forget lets go of the record, so that a meter that waits keeps none of its memory alive.
func (f *facts) forget() {
	clear(f.values)
	clear(f.titles)
	clear(f.descriptions)
	clear(f.identifiers)
	f.identifier, f.firstDay = "", nil
}

func (f *facts) sample(value string) sample {
	return sample{hash: f.hash, Sample: Sample{Identifier: clipTo(f.identifier, maxIdentifier), Value: clip(value)}}
}

// first is the text of the first of values; empty if there is none.
func first(values []*dc.Value) string {
	if len(values) == 0 {
		return ""
	}
	return values[0].Text
}

func isBlank(s string) bool {
	return s == "" || (s[0] <= ' ' || s[0] >= utf8.RuneSelf) && strings.TrimSpace(s) == ""
}

// isWebAddress reports whether s is an absolute http or https address, by its look.
func isWebAddress(s string) bool {
	host, ok := cutWeb(s)
	return ok && host != "" && host[0] != '/' && strings.IndexByte(s, ' ') < 0
}

func cutWeb(s string) (rest string, ok bool) {
	for _, scheme := range [...]string{"https://", "http://"} {
		if len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			return s[len(scheme):], true
		}
	}
	return "", false
}
