package store

import (
	"crypto/sha256"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Absent is the deletion of a record of which its source no longer speaks. Whatever the source says of it next is news.
func Absent(identifier string, origin pipeline.Origin, at time.Time) pipeline.Change {
	origin.Harvested = at.UTC().Truncate(time.Second)
	return pipeline.Change{
		Identifier: identifier, Deleted: pipeline.Absent, Origin: origin,
		Fingerprint: sha256.Sum256([]byte("deleted: " + pipeline.Absent)),
	}
}
