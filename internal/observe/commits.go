package observe

import (
	"sync"
	"time"
)

// CommitTimes remembers when the last thousand commits happened. Datestamps are whole seconds, which is too
// coarse to measure how long an event takes to its acknowledgement. The zero value is ready for use.
type CommitTimes struct {
	mu   sync.Mutex
	ring [1024]struct {
		seq int64
		at  time.Time
	}
	next int
}

func (c *CommitTimes) note(seq int64, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ring[c.next%len(c.ring)].seq, c.ring[c.next%len(c.ring)].at = seq, at
	c.next++
}

// between calls f for each commit whose last seq is in (after, upTo].
func (c *CommitTimes) between(after, upTo int64, f func(at time.Time)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.ring {
		if e := &c.ring[i]; e.seq > after && e.seq <= upTo {
			f(e.at)
		}
	}
}
