package pipeline

import "slices"

// Formats are the formats that can be made of a record beside oai_dc and oai_qdc, which every record
// has; and how: by which version of each one's writer, and for which [Gateway]. Logs keep
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

// A Gateway is what formats say of whoever serves a record, where the record lacks it.
type Gateway struct {
	Name string `json:"name"`
	// Root is the public root, to which the paths of the pages about records are added; without it
	// no page is named.
	Root string `json:"root"`
}

// MaxGateway is the greatest number of a gateway.
const MaxGateway = 1<<gatewayBits - 1

// demanding are the prefixes of the formats of the bits, and versioned of the versions, in their order. (The
// version of oai_dc has no bits: it is written when a record is stored.)
var (
	demanding = [...]string{"mods", "edm", "oai_openaire"}
	versioned = [...]string{"mods", "edm", "oai_openaire", "oai_qdc"}
)

// VersionedFormats are the prefixes of the formats of which a record says by which version it is written.
func VersionedFormats() []string { return versioned[:] }

// With adds a format, written by a version of its writer.
func (fs Formats) With(prefix string, version int) Formats {
	i := slices.Index(versioned[:], prefix)
	return fs | FormatNamed(prefix) | Formats(version-1)<<(formatBits+versionBits*i)
}

// For says that a format names the gateway of this number.
func (fs Formats) For(gateway int) Formats { return fs | Formats(gateway)<<gatewayAt }

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
