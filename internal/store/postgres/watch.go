package postgres

import (
	"context"
	"time"
)

// headAge is how old the head of a running gateway may be that nobody asks and that harvests nothing new:
// well below the day after which its next start would ask, so that the next start has no reason to ask whether the clock is right.
const headAge = time.Hour

// watch does, until the log is closed, what has to be done from time to time.
func (s *Store) watch() {
	tick := time.NewTicker(headAge)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.now(context.Background())
		case <-s.ended.Done():
			return
		}
	}
}
