// Package dublincore is the Dublin Core record: DCMI terms with language and encoding scheme, their
// XML forms, and the normalising of values (dates, languages, types, rights, identifiers).
package dublincore

// A Record is a list of values, each under a term.
//
// The order of values under one term is the source's and matters (the first creator is the first
// author); the order of the terms does not.
type Record struct {
	Values []Value
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
	// From says who states it.
	From Authority
}

// An Authority is who stands behind a value.
type Authority uint8

const (
	Extracted Authority = iota // a rule took it from the original
	Context                    // true of every record of the source, says the configuration
	Curated                    // a person corrected it
)

// A Note is something that was noticed when a value was made, kept beside the record so that the
// quality of a source can be counted and shown.
type Note struct {
	Term Term
	Kind string // from a small closed set: "date_not_understood", "later_date"…
	Text string // for people
}
