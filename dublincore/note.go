package dublincore

import (
	"encoding/json"
	"fmt"
)

// A Note is one thing that reading or normalising did to a record, or could not do.
type Note struct {
	Term Term     `json:"term,omitzero"` // the term concerned; the zero Term if it is the whole record
	Kind NoteKind `json:"kind"`
	Text string   `json:"text,omitempty"` // what was met, as it was
}

// A NoteKind is what a Note is about. The set is closed, so that kinds can be counted and label a
// metric.
type NoteKind uint8

const (
	NoNote             NoteKind = iota // nothing happened
	Normalized                         // the value was brought into its standard form
	NotUnderstood                      // no standard form was found; the value is as the source wrote it
	Ambiguous                          // more than one reading is possible (03/04/1957), so none was chosen
	Repaired                           // something broken was mended (a rights URI, an escaped entity)
	BadCheckDigit                      // an identifier whose check digit is wrong
	HTMLStripped                       // markup was taken out of a text
	WhitespaceCleaned                  // white space was collapsed or trimmed
	ControlsRemoved                    // control characters, or what XML forbids, were taken out
	Recomposed                         // Unicode normalisation form C was made
	DuplicateDropped                   // the same value twice
	EmptyDropped                       // a value without text
	UnknownElement                     // an element that is not a term was ignored
	NestedMarkup                       // elements inside a value were ignored
	StrayText                          // text between the elements was ignored
	WrongNamespace                     // an element was understood by its local name alone
	BadLanguageTag                     // a language tag that names no language was ignored
	Warning                            // a rule warns; the text says of what
	PlaceholderDropped                 // a text that says only that there is no value
	CharactersLost                     // characters that could not be read; U+FFFD stands for them
	Inherited                          // a value is that of what contains the thing, which says nothing of it itself
	NotMapped                          // fields of the original that no rule looks at; the text names them
	ByConvention                       // a convention gave a date ends that nobody wrote: early, middle and late are thirds of a century

	noteKindCount
)

var noteKindNames = [noteKindCount]string{
	NoNote:             "",
	Normalized:         "normalized",
	NotUnderstood:      "not-understood",
	Ambiguous:          "ambiguous",
	Repaired:           "repaired",
	BadCheckDigit:      "bad-check-digit",
	HTMLStripped:       "html-stripped",
	WhitespaceCleaned:  "whitespace-cleaned",
	ControlsRemoved:    "controls-removed",
	Recomposed:         "recomposed",
	DuplicateDropped:   "duplicate-dropped",
	EmptyDropped:       "empty-dropped",
	UnknownElement:     "unknown-element",
	NestedMarkup:       "nested-markup",
	StrayText:          "stray-text",
	WrongNamespace:     "wrong-namespace",
	BadLanguageTag:     "bad-language-tag",
	Warning:            "warning",
	PlaceholderDropped: "placeholder-dropped",
	CharactersLost:     "characters-lost",
	Inherited:          "inherited",
	NotMapped:          "not-mapped",
	ByConvention:       "by-convention",
}

// String is the kind's name in JSON and in metrics: "not-understood".
func (k NoteKind) String() string {
	if k >= noteKindCount {
		return ""
	}
	return noteKindNames[k]
}

// NoteKinds are all kinds except NoNote, for metrics and reports that show zeroes too.
func NoteKinds() []NoteKind {
	kinds := make([]NoteKind, 0, noteKindCount-1)
	for k := NoNote + 1; k < noteKindCount; k++ {
		kinds = append(kinds, k)
	}
	return kinds
}

// MarshalText is the same as [NoteKind.String].
func (k NoteKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what [NoteKind.MarshalText] wrote.
func (k *NoteKind) UnmarshalText(text []byte) error {
	for i, name := range noteKindNames {
		if name == string(text) {
			*k = NoteKind(i)
			return nil
		}
	}
	return fmt.Errorf("read a note: there is no kind %q", text)
}

// MarshalNotes writes notes as JSON, to be kept with the record; nil if there are none.
func MarshalNotes(notes []Note) ([]byte, error) {
	if len(notes) == 0 {
		return nil, nil
	}
	return json.Marshal(notes)
}

// UnmarshalNotes reads what MarshalNotes wrote.
func UnmarshalNotes(b []byte) (notes []Note, err error) {
	if len(b) > 0 {
		err = json.Unmarshal(b, &notes)
	}
	return notes, err
}
