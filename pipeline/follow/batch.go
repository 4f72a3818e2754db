package follow

import (
	"context"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Batch is what a consumer writes in one transaction.
type Batch struct {
	// Changes are in the order of the log. A record is in it once, or several times; the last one is right.
	Changes []Change
	// Place is where to go on, once the batch is written.
	Place Place
	// Head is where the log ends, if the copy is there with this batch: then it holds what the gateway holds, and their
	// digests are equal. Nil otherwise.
	Head *Head

	sweep, asked bool
}

// Pass is to be kept with each record of the batch.
func (b *Batch) Pass() int64 { return b.Place.Pass }

// Sweep says whether the pass has met everything with this batch. Then the records that were written in any other
// pass are none of the log: the consumer deletes them, after it has written those of this batch. A handler asks it for every
// batch.
func (b *Batch) Sweep() bool {
	b.asked = true
	return b.sweep
}

// give hands changes to the consumer, and moves the place.
func (r *run) give(ctx context.Context, changes []Change, to pipeline.Position, head *Head) error {
	next := r.place
	next.Position = to
	if head != nil {
		next.Filling = false
	}
	if len(changes) == 0 && next == r.place && !(head != nil && r.once) {
		return nil
	}
	b := &Batch{Changes: changes, Place: next, Head: head, sweep: r.place.Filling && !next.Filling}
	if err := r.handle(ctx, b); err != nil {
		return &handlerError{err}
	}
	if !b.asked {
		return &handlerError{ErrNotSwept}
	}
	r.place = next
	r.failures, r.progress = 0, time.Now()
	return nil
}

// A handlerError is what the consumer said. It is not tried again.
type handlerError struct{ err error }

func (e *handlerError) Error() string { return fmt.Sprintf("the handler: %v", e.err) }
