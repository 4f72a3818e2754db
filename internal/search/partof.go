package search

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// PartOf is chosen as a facet is, by what [WholesKey] gives, but it is neither counted nor offered to readers: it finds the records
// that are directly part of one, however many they are.
const PartOf = "partof"

// Bounds of what a record says that it is part of.
const (
	maxWholes = 4
	maxWhole  = 400 // bytes of one
)

// Wholes is what a record says that it is part of: titles and identifiers of other records.
func Wholes(dc *dublincore.Record) (out []string) {
	for i := range dc.Values {
		v := &dc.Values[i]
		if v.Term == dublincore.IsPartOf && v.Text != "" && len(v.Text) <= maxWhole && len(out) < maxWholes {
			out = append(out, v.Text)
		}
	}
	return out
}

// ofNothing is what [WholesKey] gives for nothing.
const ofNothing = "-"

// WholesKey stands for all that a record says to be part of, in any order, which may be nothing: by that the outermost records are found. A component of a finding aid
// names the level above it and the whole, and files of two series may have one title: only all of it together tells where the
// record belongs. It is a hash because the texts would be kept a second time.
func WholesKey(wholes []string) string {
	if len(wholes) == 0 {
		return ofNothing
	}
	wholes = slices.Compact(slices.Sorted(slices.Values(wholes)))
	sum := sha256.Sum256([]byte(strings.Join(wholes, "\x00")))
	return hex.EncodeToString(sum[:8])
}
