package pipeline

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
)

// Formats are the formats that can be made of a record beside oai_dc and oai_qdc, which every record
// has; and how: by which version of each one's writer, and for which gateway (Finish.Gateway). Logs keep
// the bits, so none ever gets another meaning. Those of a record by version 1 for the first gateway are its
// formats alone.
type Formats uint64

// The formats that demand something of a record.
const (
	MODS Formats = 1 << iota
	EDM
	OpenAIRE
)

// Where the bits are: 16 for formats, then 6 for each version, counted from 0 for version 1, then 12 for the
// number of the gateway.
const (
	formatBits  = 16
	versionBits = 6
	gatewayAt   = 40
	gatewayBits = 12
)

// MaxGateway is the greatest number of a gateway.
const MaxGateway = 1<<gatewayBits - 1

// demanding are the prefixes of the formats of the bits, and versioned of the versions, in their order. (The
// version of oai_dc has no bits: it is written when a record is stored.)
var (
	demanding = [...]string{"mods", "edm", "oai_openaire"}
	versioned = [...]string{"mods", "edm", "oai_openaire", "oai_qdc"}
)

// FormatsOf says which formats can be made of the record, by the newest writers of the table (those of this
// release if nil), for the gateway of this number.
func FormatsOf(rec *dublincore.Record, table *formats.Table, gateway int) (out Formats) {
	if table == nil {
		table = formats.Builtin()
	}
	for i, prefix := range versioned {
		f, known := table.Named(prefix)
		if !known || !f.Has(rec) {
			continue
		}
		if i < len(demanding) {
			out |= 1 << i
		}
		out |= Formats(f.Version-1) << (formatBits + versionBits*i)
		if f.NamesGateway(rec) {
			out |= Formats(gateway) << gatewayAt
		}
	}
	return out
}

// Version is the version of the format's writer that the record is written by.
func (fs Formats) Version(prefix string) int {
	i := slices.Index(versioned[:], prefix)
	if i < 0 {
		return 1
	}
	return 1 + int(fs>>(formatBits+versionBits*i)&(1<<versionBits-1))
}

// Gateway is the number of the gateway that the record is written for.
func (fs Formats) Gateway() int { return int(fs >> gatewayAt & MaxGateway) }

// FormatNamed is the format of this metadataPrefix; 0 if there is none among them.
func FormatNamed(prefix string) Formats {
	if i := slices.Index(demanding[:], prefix); i >= 0 {
		return 1 << i
	}
	return 0
}

// Each calls f with each of the formats alone, and its metadataPrefix.
func (fs Formats) Each(f func(one Formats, prefix string)) {
	for i, prefix := range demanding {
		if one := Formats(1) << i; fs&one != 0 {
			f(one, prefix)
		}
	}
}

// EachVersion calls f with each format that has versions, and the one that the record is written by.
func (fs Formats) EachVersion(f func(prefix string, version int)) {
	if fs>>formatBits&(1<<(versionBits*len(versioned))-1) == 0 {
		return // version 1 of all, as in nearly every record
	}
	for _, prefix := range versioned {
		f(prefix, fs.Version(prefix))
	}
}

// sameMade says whether two records, which have the same formats, are written alike in all of them but oai_dc. They
// may differ though their fingerprints don't: some writers look at values as their source wrote them.
func (f *Finish) sameMade(fs Formats, a, b *dublincore.Record) bool {
	table := f.Formats
	if table == nil {
		table = formats.Builtin()
	}
	for _, prefix := range versioned {
		if bit := FormatNamed(prefix); bit != 0 && fs&bit == 0 {
			continue
		}
		writer, known := table.At(prefix, fs.Version(prefix))
		if !known || !bytes.Equal(writer.Append(nil, a, anyItem), writer.Append(nil, b, anyItem)) {
			return false
		}
	}
	return true
}

// anyItem is for comparing only: identifier and gateway are the same on both sides.
var anyItem = formats.Item{Identifier: "oai:a:b"}

// writeVersions writes the versions beyond the first of the newest writers of a table.
func writeVersions(w io.Writer, table *formats.Table) {
	if table == nil {
		table = formats.Builtin()
	}
	for _, f := range table.All() {
		if f.Version > 1 {
			fmt.Fprintf(w, "format %s %d\n", f.Prefix, f.Version)
		}
	}
}
