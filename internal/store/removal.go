package store

import (
	"crypto/sha256"
	"strings"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Removed is the state in which a record is that a person has taken down or withdrawn. Of one that was taken down only
// where it came from is kept.
func Removed(identifier string, why pipeline.Reason, origin pipeline.Origin) pipeline.Change {
	origin.Provenance = nil
	return pipeline.Change{Identifier: identifier, Deleted: why, Origin: origin, Fingerprint: sha256.Sum256([]byte("deleted: " + why))}
}

// Worldwide says whether an upstream identifier means one thing whatever source uses it, so that what was taken down under
// it is kept out of every source.
func Worldwide(upstream string) bool {
	return strings.HasPrefix(upstream, "oai:") || strings.Contains(upstream, "://")
}
