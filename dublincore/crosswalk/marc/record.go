package marc

import (
	"strings"
	"unicode/utf8"
)

// A Record is a MARC record.
type Record struct {
	Leader string // 24 characters, unless the record was written otherwise
	Fields []Field

	lossy  bool
	others int
}

// Others is how many records of MARCXML stand behind this one in a collection. They are not read: [Split] parts a
// collection.
func (r *Record) Others() int { return r.others }

// A Field is a control field, which has Data, or a data field, which has indicators and Subfields.
type Field struct {
	Tag        string // three characters
	Ind1, Ind2 byte   // the indicators of a data field, ' ' if blank; 0 in a control field
	Data       string
	Subfields  []Subfield
}

// A Subfield is a part of a data field.
type Subfield struct {
	Code byte
	Text string
}

// IsControl reports whether f is a control field. In most records those are the fields 001 to 009, but systems
// have added others (FMT, LDR).
func (f *Field) IsControl() bool { return f.Ind1 == 0 && f.Ind2 == 0 && len(f.Subfields) == 0 }

// Subfield is the text of the first subfield with the code; empty if there is none, or if f is nil.
func (f *Field) Subfield(code byte) string {
	if f == nil {
		return ""
	}
	for i := range f.Subfields {
		if f.Subfields[i].Code == code {
			return f.Subfields[i].Text
		}
	}
	return ""
}

// Linked is the tag of the field whose original script f is: "245" for an 880 with the subfield $6 245-01. It is
// empty for all other fields.
func (f *Field) Linked() string {
	if f.Tag != "880" {
		return ""
	}
	if link := f.Subfield('6'); len(link) >= 3 {
		return link[:3]
	}
	return ""
}

// Field is the first field with the tag; nil if there is none.
func (r *Record) Field(tag string) *Field {
	for i := range r.Fields {
		if r.Fields[i].Tag == tag {
			return &r.Fields[i]
		}
	}
	return nil
}

// Lossy reports whether characters were lost when the record was read, or before: U+FFFD stands in its text.
func (r *Record) Lossy() bool { return r.lossy }

// IsUNIMARC reports whether the record is UNIMARC rather than MARC 21. The leader does not say so; it is known by
// the title, which is in field 200 instead of 245, and by the coded data in 100$a.
func (r *Record) IsUNIMARC() bool {
	if r.Field("245") != nil || r.Field("200") == nil {
		return false
	}
	for i := range r.Fields {
		if f := &r.Fields[i]; f.Tag == "100" {
			if coded := f.Subfield('a'); len(coded) >= 20 && strings.Trim(coded[:8], "0123456789") == "" {
				return true
			}
		}
	}
	return false
}

func isASCII[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
