package pipeline

import (
	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
)

// Formats are the formats that can be made of a record beside oai_dc and oai_qdc, which every record
// has. Logs keep the bits, so none ever gets another meaning.
type Formats uint32

// The formats that demand something of a record.
const (
	MODS Formats = 1 << iota
	EDM
	OpenAIRE
)

// demanding are the formats of the bits, in their order.
var demanding = [...]*formats.Format{named("mods"), named("edm"), named("oai_openaire")}

func named(prefix string) *formats.Format {
	f, ok := formats.Named(prefix)
	if !ok {
		panic("pipeline: there is no format " + prefix)
	}
	return f
}

// FormatsOf says which formats can be made of the record.
func FormatsOf(rec *dublincore.Record) (out Formats) {
	for i, f := range demanding {
		if f.Has(rec) {
			out |= 1 << i
		}
	}
	return out
}

// FormatNamed is the format of this metadataPrefix; 0 if there is none among them.
func FormatNamed(prefix string) Formats {
	for i, f := range demanding {
		if f.Prefix == prefix {
			return 1 << i
		}
	}
	return 0
}

// Each calls f with each of the formats alone, and its metadataPrefix.
func (fs Formats) Each(f func(one Formats, prefix string)) {
	for i, d := range demanding {
		if one := Formats(1) << i; fs&one != 0 {
			f(one, d.Prefix)
		}
	}
}
