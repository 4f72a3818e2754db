package events

import (
	"sync/atomic"
	"time"
)

// A patience is how long a try to publish waits for the broker. When the server that led a replicated stream stops,
// what it was asked is lost, and nobody says so: another leads within a fraction of a second, and whoever waits for
// five seconds waits in vain for most of them. So a try begins with little time, and gets more of it where brokers are
// slow: after each try that got no answer, and by what the last answer took. To give up too early costs a look at the
// end of the stream, nothing else.
type patience struct {
	least, most time.Duration
	now         atomic.Int64
}

const (
	leastPatience = time.Second
	// An answer may take this many times what the last one took.
	patienceMargin = 4
)

// newPatience waits up to most for an answer, from the first try on if there is one server only: its connection is lost
// with it, and that is noticed at once.
func newPatience(most time.Duration, replicas int) *patience {
	p := &patience{least: most, most: most}
	if replicas > 1 {
		p.least = min(leastPatience, most)
	}
	p.now.Store(int64(p.least))
	return p
}

// time is how long the next try may take.
func (p *patience) time() time.Duration { return time.Duration(p.now.Load()) }

// unanswered follows a try that got no answer in its time.
func (p *patience) unanswered() { p.set(p.time() + p.least/4) }

// answered follows an answer that took so long.
func (p *patience) answered(after time.Duration) { p.set(patienceMargin * after) }

func (p *patience) set(d time.Duration) { p.now.Store(int64(min(max(d, p.least), p.most))) }
