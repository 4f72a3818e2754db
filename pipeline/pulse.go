package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

const (
	defaultDeadline = 24 * time.Hour
	// defaultStuck is longer than any single request may take (harvest.Options.Whole), so that a slow source is never
	// taken for a stuck one.
	defaultStuck = 30 * time.Minute
)

var (
	errDeadline = errors.New("the run came to its deadline")
	// ErrStuck says that a run was ended because it did nothing any more.
	ErrStuck = errors.New("the harvest was stuck, and was ended")
	// ErrHangs says that a source has not come back from a run that was ended.
	ErrHangs = errors.New("the source has not come back from an earlier harvest, which was ended; it is asked again when it has. If that doesn't happen, start the gateway again")
)

// stuckAdvice says what to do about a run that was stuck.
const stuckAdvice = "The next harvest goes on from the last page that was stored, and is tried soon. If the source really is quiet for so long, set stuck_after in its configuration to more; if this comes again, ask its operators"

// watched gives the context of a run, which ends at its deadline, or when the run is stuck. The function done is to be called
// at its end.
func (r *Runner) watched(ctx context.Context, src *Source) (_ context.Context, _ *pulse, done func()) {
	deadline := cmp.Or(src.Deadline, r.Deadline, defaultDeadline)
	inner, cancel := context.WithTimeoutCause(ctx, deadline, errDeadline)
	inner, end := context.WithCancelCause(inner)
	p := newPulse(harvest.WaiterOf(ctx), &r.hoard)
	var watching sync.WaitGroup
	watching.Go(func() { p.watch(inner, cmp.Or(src.StuckAfter, defaultStuck), end) })
	return harvest.WithWaiter(inner, p), p, func() {
		end(nil)
		cancel()
		watching.Wait()
		p.held.end()
	}
}

// A pulse notes when a run did something: it asked for something, it was answered, it stored a page. It implements
// harvest.Waiter, and passes on what it hears.
type pulse struct {
	next harvest.Waiter // may be nil
	held share

	mu      sync.Mutex
	last    time.Time    // of the last sign of life; in the future while it is known to wait until then
	waiting harvest.Wait // what the run waits for at the moment
	excused bool         // it waits for other runs, which have pulses of their own

	requests map[string]int64 // see Account
	bytes    int64
}

func newPulse(next harvest.Waiter, all *hoard) *pulse {
	return &pulse{next: next, held: share{of: all}, last: time.Now(), requests: map[string]int64{}}
}

// beat notes a sign of life.
func (p *pulse) beat() { p.note(harvest.Wait{}, false) }

func (p *pulse) note(w harvest.Wait, excused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting, p.excused, p.last = w, excused, time.Now()
	if w.Until.After(p.last) {
		p.last = w.Until
	}
}

// Wait implements harvest.Waiter.
func (p *pulse) Wait(w harvest.Wait) {
	p.held.came(0)
	p.note(w, w.For == harvest.ForTurn || w.For == ForPlace)
	if p.next != nil {
		p.next.Wait(w)
	}
}

// Resume implements harvest.Waiter.
func (p *pulse) Resume(ctx context.Context) {
	if p.next != nil {
		p.note(harvest.Wait{For: ForPlace}, true)
		p.next.Resume(ctx)
	}
	p.beat()
}

// Admit implements harvest.Admitter.
func (p *pulse) Admit(ctx context.Context) error { return p.held.of.room(ctx) }

// Answered implements harvest.Listener.
func (p *pulse) Answered(kind harvest.Kind, bytes int) {
	p.held.came(bytes)
	p.beat()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests[cmp.Or(string(kind), "ok")]++
	p.bytes += int64(bytes)
}

// sum is what was asked and answered until now.
func (p *pulse) sum() (requests map[string]int64, bytes int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.requests), p.bytes
}

// watch calls stuck, with the reason, when the run has been quiet for the given time. It returns then, or when ctx ends.
func (p *pulse) watch(ctx context.Context, quiet time.Duration, stuck func(error)) {
	for ctx.Err() == nil {
		left, waiting := p.left(quiet)
		if left <= 0 {
			stuck(stuckError(quiet, waiting))
			return
		}
		sleep(ctx, left)
	}
}

// left is how long the run may go on being quiet.
func (p *pulse) left(quiet time.Duration) (time.Duration, harvest.Wait) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.excused {
		return quiet, p.waiting
	}
	return time.Until(p.last.Add(quiet)), p.waiting
}

func stuckError(quiet time.Duration, w harvest.Wait) error {
	what := ""
	if w.For != "" {
		what = fmt.Sprintf("; it waited for %s of %s", w.For, w.Host)
	}
	return fmt.Errorf("%w: no page came, nothing was asked or answered, and nothing was stored for %s%s", ErrStuck, quiet, what)
}
