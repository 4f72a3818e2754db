package dublincore

import (
	"slices"

	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// A Record is a list of values, each under a term.
//
// The values under one term are in the order of the source, which matters: the first creator is the first
// author. The order of the terms does not matter. The zero Record is empty and ready to use. Several goroutines
// may read a Record at once, as long as none changes it.
type Record struct {
	Values []Value
	// Notes say what normalising and reading changed, ignored or could not understand, so that
	// quality can be counted. They are not part of what is served: JSON, XML and the fingerprint leave
	// them out.
	Notes []Note
}

// A Value is one statement of a record.
type Value struct {
	Term Term
	// Text is the value, normalised where that was possible; valid UTF-8 in NFC.
	Text string
	// Lang is the language of Text (not of the thing described) as a BCP 47 tag; empty if unknown.
	Lang string
	// Scheme is the encoding scheme of Text ("W3CDTF", "URI", "DCMIType", "ISO639-3"…); empty for plain text.
	Scheme string
	// Original is what the source wrote, where normalising made something else of it.
	Original string
	// From says who states the value.
	From Authority
}

// An Authority says who stands behind a value.
type Authority uint8

const (
	Extracted Authority = iota // a rule took it from the original
	Context                    // the configuration says it of every record of the source
	Curated                    // a person corrected it
)

var authorityNames = [...]string{Extracted: "extracted", Context: "context", Curated: "curated"}

// String is "extracted", "context" or "curated"; empty for anything else.
func (a Authority) String() string {
	if int(a) >= len(authorityNames) {
		return ""
	}
	return authorityNames[a]
}

// AuthorityNamed finds an authority by the name that [Authority.String] gives.
func AuthorityNamed(name string) (Authority, bool) {
	for a, n := range authorityNames {
		if n == name {
			return Authority(a), true
		}
	}
	return Extracted, false
}

// Add appends v, and reports whether it did. It does not if v has no text or no term, or if the record has a
// value with the same term, text, language and scheme, which then keeps its authority. To add thousands of
// values, append to Values and call [Record.Dedupe] once: that is much faster.
func (r *Record) Add(v Value) bool {
	if v.Text == "" || v.Term == noTerm || v.Term >= termCount {
		return false
	}
	for i := range r.Values {
		if r.Values[i].says(&v) {
			return false
		}
	}
	r.Values = append(r.Values, v)
	return true
}

// AddText adds a value that is plain text; see [Record.Add].
func (r *Record) AddText(t Term, text string) bool { return r.Add(Value{Term: t, Text: text}) }

// Note adds a note. It does nothing for the kind NoNote, so that what a normaliser returns can be passed as it is.
func (r *Record) Note(t Term, kind NoteKind, text string) {
	if kind != NoNote {
		r.Notes = append(r.Notes, Note{Term: t, Kind: kind, Text: text})
	}
}

// says reports whether v and w state the same.
func (v *Value) says(w *Value) bool {
	return v.Term == w.Term && v.Text == w.Text && v.Lang == w.Lang && v.Scheme == w.Scheme
}

// All is every value under t, in order. The slice may share the memory of the record, so it must not be
// changed.
func (r *Record) All(t Term) []Value {
	first, n, apart := 0, 0, false
	for i := range r.Values {
		if r.Values[i].Term != t {
			continue
		}
		if n == 0 {
			first = i
		} else if i != first+n {
			apart = true
		}
		n++
	}
	if !apart {
		return r.Values[first : first+n : first+n]
	}
	all := make([]Value, 0, n)
	for i := range r.Values {
		if r.Values[i].Term == t {
			all = append(all, r.Values[i])
		}
	}
	return all
}

// First is the first value under t. It is false if there is none.
func (r *Record) First(t Term) (Value, bool) {
	for i := range r.Values {
		if r.Values[i].Term == t {
			return r.Values[i], true
		}
	}
	return Value{}, false
}

// Text is the text of the first value under t; empty if there is none.
func (r *Record) Text(t Term) string {
	v, _ := r.First(t)
	return v.Text
}

// Has reports whether the record has a value under t.
func (r *Record) Has(t Term) bool {
	_, ok := r.First(t)
	return ok
}

// Remove removes every value under t.
func (r *Record) Remove(t Term) {
	r.Values = slices.DeleteFunc(r.Values, func(v Value) bool { return v.Term == t })
}

// Clone is a copy. Changing one of the two does not change the other.
func (r *Record) Clone() *Record {
	return &Record{Values: slices.Clone(r.Values), Notes: slices.Clone(r.Notes)}
}

// Sort brings the values into canonical order: by term. The order under each term stays.
func (r *Record) Sort() {
	if !r.sorted() {
		slices.SortStableFunc(r.Values, func(a, b Value) int { return int(a.Term) - int(b.Term) })
	}
}

func (r *Record) sorted() bool {
	for i := 1; i < len(r.Values); i++ {
		if r.Values[i].Term < r.Values[i-1].Term {
			return false
		}
	}
	return true
}

// canonical is the values in canonical order. The record stays as it is.
func (r *Record) canonical() []Value {
	if r.sorted() {
		return r.Values
	}
	c := Record{Values: slices.Clone(r.Values)}
	c.Sort()
	return c.Values
}

// Dedupe removes empty values, and values that say the same as an earlier one. Each that is removed leaves a note.
func (r *Record) Dedupe() {
	if len(r.Values) < 32 {
		r.dedupeFew()
		return
	}
	type termSaying struct {
		Term
		saying
	}
	seen := make(map[termSaying]bool, len(r.Values))
	r.Values = slices.DeleteFunc(r.Values, func(v Value) bool {
		k := termSaying{v.Term, saying{v.Text, v.Lang, v.Scheme}}
		if v.Text != "" && !seen[k] {
			seen[k] = true
			return false
		}
		r.noteDropped(&v)
		return true
	})
}

// dedupeFew compares each value with each other, which is faster than a map for a record of the usual size.
func (r *Record) dedupeFew() {
	kept := 0
next:
	for i := range r.Values {
		v := &r.Values[i]
		if v.Text == "" {
			r.noteDropped(v)
			continue
		}
		for j := range kept {
			if r.Values[j].says(v) {
				r.noteDropped(v)
				continue next
			}
		}
		if kept != i {
			r.Values[kept] = *v
		}
		kept++
	}
	clear(r.Values[kept:])
	r.Values = r.Values[:kept]
}

func (r *Record) noteDropped(v *Value) {
	kind := DuplicateDropped
	if v.Text == "" {
		kind = EmptyDropped
	}
	r.Note(v.Term, kind, wording.Shorten(v.Text, maxNoteText))
}
