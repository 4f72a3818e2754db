package store

import (
	"context"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Curator is a log in which people say what is not to be served.
type Curator interface {
	pipeline.Erasures
	// Remove takes a record down for good, or withdraws it: a tombstone stays, and whatever its source sends is kept out. A
	// record that the log has not is kept out if it comes. One that was taken down stays so.
	Remove(ctx context.Context, r pipeline.Removal) (pipeline.Suppression, error)
	// Readmit lets a record that was withdrawn come back in the given state. What its source sends next counts as news.
	// [pipeline.ErrNotWithdrawn], [pipeline.ErrNotFound].
	Readmit(ctx context.Context, change pipeline.Change) error
	// Suppressed gives up to limit of what is kept out, behind the given identifier, in order of the identifiers.
	Suppressed(ctx context.Context, after string, limit int) ([]pipeline.Suppression, error)
	// Dismiss notes that items in quarantine, which are given by their numbers, need nobody's attention any more. It says how
	// many of them there are.
	Dismiss(ctx context.Context, numbers []int64, who string) (int64, error)
	// Stop notes that a source is not to be harvested, which runs heed ([pipeline.Pass]). A source that is retired stays so,
	// and nothing of it is held any more. Resume takes that back; if the source was retired, its next pass is a full one from
	// what restart makes of its cursor. [pipeline.ErrNotFound] if it was not stopped.
	Stop(ctx context.Context, source string, stop pipeline.Stop) error
	Resume(ctx context.Context, source string, restart func(harvest.Cursor) harvest.Cursor) error
	// Rename gives a source another name. What the log has of it stays as it is, with the name in its identifiers, of which
	// the status tells. [pipeline.ErrNotFound] if there is none with the first name; the second must not be there, or have
	// nothing.
	Rename(ctx context.Context, from, to string) error
	// Retire deletes up to limit live records of a source that is retired, behind the given item, and gives the last one, or 0
	// if there are no more. What the source sends of them after it was resumed counts as news. [pipeline.ErrNotFound] if it
	// is not retired.
	Retire(ctx context.Context, source string, after int64, limit int) (deleted, last int64, err error)
}
