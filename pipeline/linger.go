package pipeline

import (
	"context"
	"time"
)

// grace is how long a run that was stopped may take to store the pages that it has fetched. A gateway that
// stops waits for it, so it is short.
const grace = 5 * time.Second

// lingering gives a context that ends d after ctx does, or when the function is called.
func lingering(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	late, end := context.WithCancel(context.WithoutCancel(ctx))
	keep := context.AfterFunc(ctx, func() { time.AfterFunc(d, end) })
	return late, func() {
		keep()
		end()
	}
}
