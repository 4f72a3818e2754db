package sqlite

import (
	"fmt"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

const (
	// maxStep is how far the wall clock may run ahead of the monotonic one: more than any discipline
	// of a healthy clock, less than an hour of daylight saving set by hand.
	maxStep = time.Minute
	// maxAhead is how far the head may be ahead of the wall clock.
	maxAhead = 5 * time.Minute
)

// A Clock tells the time, twice: Wall as people have it, and Elapsed since some fixed moment, which
// nobody can set.
type Clock interface {
	Wall() time.Time
	Elapsed() time.Duration
}

// guard stamps commits, and refuses when the clock can't be trusted (promise 2): a datestamp in the
// future, once given out, would hold every later change there.
type guard struct {
	clock Clock

	mu      sync.Mutex
	wall    time.Time     // a moment at which both were believed,
	elapsed time.Duration // as each tells it
	trouble error
}

func newGuard(c Clock) *guard {
	return &guard{clock: c, wall: c.Wall(), elapsed: c.Elapsed()}
}

// stamp is the datestamp for a commit after one at head: the wall clock's second, or head's if that
// is later. The error wraps pipeline.ErrPaused.
//
// A clock that was set forward pauses commits until it is set back or the program is started again
// (which is how a person says that the new time is right). A clock that is behind is no danger: the
// head waits for it.
func (g *guard) stamp(head int64) (int64, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	wall, elapsed := g.clock.Wall(), g.clock.Elapsed()
	step := wall.Sub(g.wall) - (elapsed - g.elapsed)
	g.trouble = nil
	switch {
	case step > maxStep:
		g.trouble = fmt.Errorf("%w: it was set forward by %s while the gateway ran; set it right, or restart the gateway if the new time is right",
			pipeline.ErrPaused, step.Round(time.Second))
	case time.Unix(head, 0).Sub(wall) > maxAhead:
		g.trouble = fmt.Errorf("%w: the last change is stamped %s, %s ahead of it; set the clock right, or wait until then",
			pipeline.ErrPaused, time.Unix(head, 0).UTC().Format(time.RFC3339), time.Unix(head, 0).Sub(wall).Round(time.Second))
	case wall.Unix() >= head || step > 0:
		// Slow drift and small steps are believed, so that they never add up to an alarm. While the head
		// waits for a clock that was set back, no step back is: setting it right again is no step forward.
		g.wall, g.elapsed = wall, elapsed
	}
	if g.trouble != nil {
		return 0, g.trouble
	}
	return max(head, wall.Unix()), nil
}

// Trouble says what is wrong with the clock, as of the last stamp; nil if nothing is.
func (g *guard) Trouble() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.trouble
}
