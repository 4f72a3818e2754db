package store

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
	// maxAway is how far the clock may be ahead of the head when the log is opened, without anything
	// that vouches for it. A log that is open keeps its head younger than that.
	maxAway = 24 * time.Hour
	// maxPause is how much time may pass while both clocks are read, and readings how often they are read until
	// less has passed.
	maxPause = time.Second
	readings = 10
)

// A Clock tells the time, twice: Wall as people have it, and Elapsed since some fixed moment, which
// nobody can set. One that is also a [Witness] can say why it should be believed.
type Clock interface {
	Wall() time.Time
	Elapsed() time.Duration
}

// A Witness is a clock that knows more about itself.
type Witness interface {
	// Synchronized says whether the system keeps the wall clock right by a time service.
	Synchronized() bool
	// Boot names the start of the machine from which Elapsed counts; empty where that is not known.
	// Elapsed can be compared across processes that have the same Boot.
	Boot() string
}

// A Guard stamps commits, and refuses when the clock can't be trusted (promise 2): a datestamp in the
// future, once given out, would hold every later change there.
type Guard struct {
	clock   Clock
	anchors Anchors // nil if none are kept

	mu       sync.Mutex
	believed bool          // once since the log was opened
	wall     time.Time     // a moment at which both were believed,
	elapsed  time.Duration // as each tells it
}

// NewGuard guards a clock. The anchors are nil where nothing is kept from one run to the next.
func NewGuard(c Clock, anchors Anchors) *Guard {
	g := &Guard{clock: c, anchors: anchors}
	g.wall, g.elapsed = g.now()
	return g
}

// Wall is what the wall clock says, right or wrong.
func (g *Guard) Wall() time.Time { return g.clock.Wall() }

// now reads both clocks. What time.Now returns carries a reading of the monotonic clock, and the difference
// of two such times is what that clock says, however the wall clock was set in between: Round takes it off.
//
// The two are read one after the other, and the process may be suspended in between. It would then take the pause
// for a step of the wall clock, so it reads again until no time to speak of has passed.
func (g *Guard) now() (wall time.Time, elapsed time.Duration) {
	before := g.clock.Elapsed()
	for range readings {
		wall, elapsed = g.clock.Wall().Round(0), g.clock.Elapsed()
		if elapsed-before < maxPause {
			break
		}
		before = elapsed
	}
	return wall, elapsed
}

// Stamp is the datestamp for a commit after one at head: the wall clock's second, or head's if that
// is later. The error wraps pipeline.ErrPaused.
//
// A clock that was set forward pauses commits until it is set back, or until somebody says that the new
// time is right. A clock that is behind is no danger: the head waits for it.
func (g *Guard) Stamp(head int64) (int64, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	wall, err := g.look(head)
	if err != nil {
		return 0, err
	}
	return max(head, wall.Unix()), nil
}

// Trouble says what is wrong with the clock now; nil if nothing is.
func (g *Guard) Trouble(head int64) error {
	_, err := g.Stamp(head)
	return err
}

// look reads the wall clock, and says why it can't be trusted if it can't.
func (g *Guard) look(head int64) (time.Time, error) {
	wall, elapsed := g.now()
	if away := time.Duration(wall.Unix()-head) * time.Second; !g.believed && away > maxAway && !g.vouched() {
		return wall, fmt.Errorf("%w: it says %s, which is %d days after the last change, and no time service of the system vouches for it; set it right, or say that it is right with sheaf clock --confirm",
			pipeline.ErrPaused, wall.UTC().Format(time.RFC3339), away/(24*time.Hour))
	}
	if !g.believed {
		g.believe()
	}
	step := wall.Sub(g.wall) - (elapsed - g.elapsed)
	switch {
	case step > maxStep:
		return wall, fmt.Errorf("%w: it was set forward by %s while the gateway ran; set it right, or say that the new time is right with sheaf clock --confirm",
			pipeline.ErrPaused, step.Round(time.Second))
	case time.Unix(head, 0).Sub(wall) > maxAhead:
		return wall, fmt.Errorf("%w: the last change is stamped %s, %s ahead of it; set the clock right; if it is right, begin a new epoch with sheaf epoch, or wait until then",
			pipeline.ErrPaused, time.Unix(head, 0).UTC().Format(time.RFC3339), time.Unix(head, 0).Sub(wall).Round(time.Second))
	case wall.Unix() >= head || step > 0:
		// Slow drift and small steps are believed, so that they never add up to an alarm. While the head
		// waits for a clock that was set back, no step back is: setting it right again is no step forward.
		g.wall, g.elapsed = wall, elapsed
	}
	return wall, nil
}

// Confirm believes the clock because a person says that it is right. It returns the time that it believes.
func (g *Guard) Confirm() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.believe()
}

// believe takes the present moment as one at which both clocks are right, and keeps it.
func (g *Guard) believe() time.Time {
	g.believed = true
	g.wall, g.elapsed = g.now()
	if w, ok := g.clock.(Witness); ok && g.anchors != nil {
		g.anchors.KeepAnchor(Anchor{Boot: w.Boot(), Elapsed: g.elapsed, Wall: g.wall})
	}
	return g.wall
}

// vouched says whether something other than a person says that the clock is right: the system's time
// service, or the monotonic clock, which has gone on from a moment at which the wall clock was believed.
func (g *Guard) vouched() bool {
	w, ok := g.clock.(Witness)
	return ok && (w.Synchronized() || g.anchors != nil && g.anchors.ReadAnchor().agrees(w.Boot(), g.now))
}
