package storetest

import (
	"sync"
	"time"
)

// A Clock is a clock that tests set. It has the two faces that a log asks for: the wall clock, and
// the time elapsed, which nobody can set. Both stand still unless the test moves them.
type Clock struct {
	mu      sync.Mutex
	wall    time.Time
	elapsed time.Duration
	jitter  time.Duration
	random  uint64
}

// NewClock returns a clock that stands half a second before a day begins that not every year has.
func NewClock() *Clock {
	return &Clock{wall: time.Date(2024, 2, 28, 23, 59, 59, 500e6, time.UTC), elapsed: time.Hour}
}

// Wall is the time as people have it.
func (c *Clock) Wall() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick()
	return c.wall
}

// Elapsed is the time since a fixed moment.
func (c *Clock) Elapsed() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick()
	return c.elapsed
}

// Pass lets time pass.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall, c.elapsed = c.wall.Add(d), c.elapsed+d
}

// Set sets the wall clock forward, or back if d is negative.
func (c *Clock) Set(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall = c.wall.Add(d)
}

// Run lets up to d pass whenever somebody looks at the clock, a different time each time: what is
// done concurrently then straddles second boundaries as often as not, without anybody waiting.
func (c *Clock) Run(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.jitter = d
}

func (c *Clock) tick() {
	if c.jitter == 0 {
		return
	}
	c.random = c.random*6364136223846793005 + 1442695040888963407
	d := time.Duration(c.random>>33) % c.jitter
	c.wall, c.elapsed = c.wall.Add(d), c.elapsed+d
}
