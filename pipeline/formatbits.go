package pipeline

import "strings"

// The first releases had a number for what [Formats] say, and logs and fingerprints have it still: what can be
// said by it is kept so for ever, and no record moves because of the form of its formats. It has room for
// three formats, for the versions of four, and for the number of a gateway:

var (
	numberedFormats  = [...]string{"mods", "edm", "oai_openaire"}            // a bit each, from the lowest on
	numberedVersions = [...]string{"mods", "edm", "oai_openaire", "oai_qdc"} // six bits each, from bit 16 on; 0 is version 1
)

const (
	versionsAt  = 16
	versionBits = 6
	gatewayAt   = 40
	gatewayBits = 12
)

// Number is the number of the formats; ok is false if they say what no number can.
func (fs Formats) Number() (n int64, ok bool) {
	said := strings.Count(fs.text, "=") // entries; a prefix has none
	for i, prefix := range numberedVersions {
		every := i >= len(numberedFormats)
		version := fs.find(prefix)
		if every {
			version = fs.find(everyRecord + prefix)
		}
		if version < 1 || version > 1<<versionBits {
			continue
		}
		said--
		if n |= int64(version-1) << (versionsAt + versionBits*i); !every {
			n |= 1 << i
		}
	}
	gateway := fs.Gateway()
	if said > 0 || gateway >= 1<<gatewayBits {
		return 0, false
	}
	return n | int64(gateway)<<gatewayAt, true
}

// NumberedFormats are the formats of a number that is not negative.
func NumberedFormats(n int64) Formats {
	entries := make([]formatEntry, 0, len(numberedVersions))
	for i, prefix := range numberedVersions {
		version := 1 + int(n>>(versionsAt+versionBits*i)&(1<<versionBits-1))
		switch {
		case i < len(numberedFormats) && n>>i&1 != 0:
			entries = append(entries, formatEntry{prefix, prefix, version})
		case i >= len(numberedFormats) && version > 1:
			entries = append(entries, formatEntry{prefix, everyRecord + prefix, version})
		}
	}
	return formatsText(entries, int(n>>gatewayAt&(1<<gatewayBits-1)))
}

// FormatBit is the bit of a format in the numbers that have it; 0 if none can.
func FormatBit(prefix string) int64 {
	for i, p := range numberedFormats {
		if p == prefix {
			return 1 << i
		}
	}
	return 0
}
