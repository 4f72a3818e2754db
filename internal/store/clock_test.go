package store

import (
	"testing"
	"time"
)

// handClock is moved by hand.
type handClock struct{ at time.Duration }

func (c *handClock) Wall() time.Time        { return time.Unix(1_800_000_000, 0).Add(c.at) }
func (c *handClock) Elapsed() time.Duration { return c.at }

// TestSmallStepsBehindTheHead: a log that is opened while the clock is behind its head takes small steps
// of the clock one by one; together they are no alarm. A clock that is set back and right again is none.
func TestSmallStepsBehindTheHead(t *testing.T) {
	clock := &handClock{time.Hour}
	head := clock.Wall().Unix() + 200
	g := NewGuard(stepped{clock, new(time.Duration)}, nil)
	steps := g.clock.(stepped).by
	for _, by := range []time.Duration{40, 40, -90, 50, 40, 40, -30, 30, 50, 50, 50, 50, 50, 50} {
		*steps += by * time.Second
		if now, err := g.Stamp(head); err != nil {
			t.Fatalf("after a step of %d s: %v", by, err)
		} else {
			head = now
		}
	}
	*steps += 61 * time.Second
	if _, err := g.Stamp(head); err == nil {
		t.Fatal("a step of 61 s was believed")
	}
}

// stepped is a clock that was set by as much.
type stepped struct {
	*handClock
	by *time.Duration
}

func (c stepped) Wall() time.Time { return c.handClock.Wall().Add(*c.by) }

// TestSuspendedBetweenTheClocks: a process that is suspended after it has read one clock, and before it reads the
// other, sees no step of the wall clock, neither then nor later.
func TestSuspendedBetweenTheClocks(t *testing.T) {
	clock := &sleepy{handClock: &handClock{time.Hour}}
	head := clock.Wall().Unix()
	clock.sleep = 10 * time.Minute
	g := NewGuard(clock, nil)
	for i := range 4 {
		if _, err := g.Stamp(head); err != nil {
			t.Fatalf("look %d: %v", i, err)
		}
		if i == 1 {
			clock.sleep = 10 * time.Minute
		}
		clock.at += time.Second
	}
}

// sleepy is a clock whose process is suspended for a while, once, after it has read the wall clock.
type sleepy struct {
	*handClock
	sleep time.Duration
}

func (c *sleepy) Wall() time.Time {
	wall := c.handClock.Wall()
	c.at += c.sleep
	c.sleep = 0
	return wall
}
