package pipeline

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

const (
	firstRetry = time.Minute // after a failed run
	lastRetry  = time.Hour   // the longest wait between tries of a source that goes on failing
	// stoppedLook is how often a source that was stopped is looked at again.
	stoppedLook = 15 * time.Second
	spread      = time.Minute // over which sources that are due at start begin, so that a restart is no stampede
)

// ErrRunning says that a run of the source is under way.
var ErrRunning = errors.New("a harvest of this source is under way already")

// ErrCancelled says that a person has ended a run.
var ErrCancelled = errors.New("the next harvest goes on from here")

// because gives the error of a run whose context has ended: what a person said (see [Scheduler.Cancel]), or else err.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, ErrCancelled) || errors.Is(cause, ErrStopped) || errors.Is(cause, errOthers) {
		return cause
	}
	return err
}

// A Job is a source and when it is due. It must not be changed once it is assigned.
type Job struct {
	Source *Source
	// Every is the time between the end of one complete pass and the next run; never by itself if zero.
	Every time.Duration
	// At, if not nil, moves a due time to a moment that the operator allows (a time of day, a window). retry
	// says that it is not the regular one, but follows a failure.
	At func(due time.Time, retry bool) time.Time
}

// A Scheduler runs sources when they are due, each at most once at a time. How many go on at once is bounded
// (places.go). What it runs, [Scheduler.Assign] says (assign.go).
type Scheduler struct {
	Runner *Runner
	// Last says when a source's last pass was complete; the zero time if it never was, or if its last run was cut off and
	// should go on at once.
	Last func(ctx context.Context, source string) (time.Time, error)
	// Sharing divides the hosts among several gateways on one log; nil if there can be only one.
	Sharing Sharing
	// Hosts are those that the sources ask; with Sharing.
	Hosts  *harvest.Hosts
	Limits Limits
	Logger *slog.Logger

	once     sync.Once
	places   *places
	mu       sync.Mutex
	jobs     []*Job
	assigned chan struct{}        // closed when there are other jobs
	running  map[string]*underWay // by source
	cut      map[string]*underWay // runs that Assign has ended, whose passes go on under another job
	due      map[string]time.Time
}

func (s *Scheduler) setUp() {
	s.once.Do(func() {
		s.places = newPlaces(s.Limits)
		s.assigned = make(chan struct{})
		s.running = map[string]*underWay{}
		s.cut = map[string]*underWay{}
		s.due = map[string]time.Time{}
	})
}

// keep runs one job again and again, while this gateway is the one that does, until it has ended; a run that is under way then
// goes on, unless ctx has ended.
func (s *Scheduler) keep(ctx, job context.Context, j *Job) {
	var due, known time.Time // when it is due, and the last complete pass as it was known then
	failures, retry, ours := 0, false, false
	cut := s.wasCut(job, j.Source.Name)
	defer s.expect(j.Source.Name, time.Time{})
	for job.Err() == nil {
		mine, changed := s.mine(j.Source)
		if !mine {
			ours = false
			s.expect(j.Source.Name, time.Time{})
			sleepUntil(job, changed, time.Hour)
			continue
		}
		if !ours { // from the start, or since another gateway is gone
			due, known = s.firstDue(ctx, j)
			failures, retry, ours = 0, false, true
		}
		if cut {
			due, retry, cut = time.Now(), true, false
		}
		at := due
		if j.At != nil {
			at = j.At(due, retry)
		}
		s.expect(j.Source.Name, at)
		if wait := time.Until(at); wait > 0 {
			sleepUntil(job, changed, wait)
			continue
		}
		report, err := s.harvest(ctx, j.Source, Order{}, j, known)
		retry = err != nil || report.Result == Partial
		var resting *restingError
		switch {
		case errors.Is(err, ErrRunning):
			due = time.Now().Add(firstRetry)
		case errors.Is(err, errDone), errors.Is(err, errOthers):
			ours = false
		case errors.As(err, &resting):
			due = resting.until
		case errors.Is(err, ErrStopped): // nobody is told when that ends
			due, retry = time.Now().Add(min(stoppedLook, j.Every)), true
		case errors.Is(err, ErrCancelled): // whoever did that does not want it again at once
			due, retry = time.Now().Add(j.Every), false
		case err != nil:
			failures++
			due = time.Now().Add(patience(err, retryAfter(failures, j.Every), j.Every))
		case report.Result == Partial:
			failures = 0
			due = time.Now().Add(min(firstRetry, j.Every))
		default:
			failures, known = 0, time.Now()
			due = time.Now().Add(j.Every)
		}
	}
}

// retryAfter doubles with each failure in a row, up to an hour, and is never later than the next
// regular run.
func retryAfter(failures int, every time.Duration) time.Duration {
	return min(firstRetry<<min(failures-1, 10), lastRetry, every)
}

// patience is how long to wait after a failure: as long as the remote asks for, within reason, and until
// the next regular run where it shuts us out, for then asking again is only a nuisance.
func patience(err error, wait, every time.Duration) time.Duration {
	var remote *harvest.Error
	if !errors.As(err, &remote) {
		return wait
	}
	if remote.Kind == harvest.Forbidden || remote.Kind == harvest.Challenged {
		wait = every
	}
	return max(wait, min(remote.RetryAfter, max(every, 24*time.Hour)))
}

// firstDue is when a job is due after the start, and when it was last complete: at once if it never was or is late, but
// spread out, by name, so that it is the same at each start.
func (s *Scheduler) firstDue(ctx context.Context, j *Job) (due, last time.Time) {
	last, err := s.Last(ctx, j.Source.Name)
	if err != nil {
		s.Logger.Error("the last harvest is not known", "source", j.Source.Name, "err", err)
	}
	now := time.Now()
	if due := last.Add(j.Every); !last.IsZero() && due.After(now) {
		return due, last
	}
	if last.IsZero() {
		return now, last
	}
	h := fnv.New32a()
	h.Write([]byte(j.Source.Name))
	return now.Add(time.Duration(h.Sum32()) % min(spread, j.Every)), last
}

// Due is when Run harvests a source next; the zero time if it does not.
func (s *Scheduler) Due(source string) time.Time {
	s.setUp()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.due[source]
}

// expect notes when a source is harvested next; the zero time says that it is not.
func (s *Scheduler) expect(source string, due time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.due[source] = due; due.IsZero() {
		delete(s.due, source)
	}
}

// Harvest runs a source now. ErrRunning if it runs already. If another gateway harvests its host, it waits for that.
func (s *Scheduler) Harvest(ctx context.Context, src *Source, o Order) (*Report, error) {
	return s.harvest(ctx, src, o, nil, time.Time{})
}

// harvest runs a source now. For a job, if it is not nil, it ends with errDone if another gateway has completed a pass since the
// one that was known.
func (s *Scheduler) harvest(ctx context.Context, src *Source, o Order, j *Job, known time.Time) (*Report, error) {
	s.setUp()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	run := s.claim(src, j, cancel)
	if run == nil {
		return nil, fmt.Errorf("%s: %w", src.Name, ErrRunning)
	}
	defer s.unclaim(src.Name, run)
	failed := func(err error) (*Report, error) {
		run.err = because(ctx, fmt.Errorf("harvest %s: %w", src.Name, err))
		run.report = &Report{Source: src.Name, Result: Cancelled, Started: time.Now(), Err: run.err}
		return run.report, run.err
	}
	release, err := s.share(ctx, src, j, known, cancel)
	if err != nil {
		return failed(err)
	}
	defer release()
	at, err := s.places.enter(ctx, src)
	if err != nil {
		return failed(err)
	}
	defer at.leave()
	run.report, run.err = s.Runner.Run(harvest.WithWaiter(ctx, at), src, o)
	return run.report, run.err
}

// An underWay is a run that is under way; what became of it can be read when ended is closed.
type underWay struct {
	source *Source
	cancel context.CancelCauseFunc
	ended  chan struct{}
	report *Report
	err    error
}

// Join waits for the end of the run of a source that is under way, and says what became of it. It is false if there is
// none. If ctx ends before, the run goes on.
func (s *Scheduler) Join(ctx context.Context, source string) (report *Report, joined bool, err error) {
	s.setUp()
	s.mu.Lock()
	run := s.running[source]
	s.mu.Unlock()
	if run == nil {
		return nil, false, nil
	}
	select {
	case <-run.ended:
		return run.report, true, run.err
	case <-ctx.Done():
		return nil, true, ctx.Err()
	}
}

// Cancel ends the run of a source that is under way, and waits for its end; nil if there is none. A run that waits ends at
// once, and pages that it has fetched are stored. The next run goes on from there. The error why (ErrCancelled or
// ErrStopped, and who said so) is what the run ends with.
func (s *Scheduler) Cancel(ctx context.Context, source string, why error) (*Report, error) {
	s.setUp()
	s.mu.Lock()
	run := s.running[source]
	s.mu.Unlock()
	if run == nil {
		return nil, nil
	}
	run.cancel(why)
	select {
	case <-run.ended:
		return run.report, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Waiting says what the run of a source waits for; the zero Waiting if it has none, or works.
func (s *Scheduler) Waiting(source string) Waiting {
	s.setUp()
	return s.places.waitingOf(source)
}

// claim makes a run of a source the one that is under way; nil if there is one, or if the job that it is for was replaced.
func (s *Scheduler) claim(src *Source, j *Job, cancel context.CancelCauseFunc) *underWay {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[src.Name] != nil || j != nil && !slices.Contains(s.jobs, j) {
		return nil
	}
	run := &underWay{source: src, cancel: cancel, ended: make(chan struct{})}
	s.running[src.Name] = run
	return run
}

func (s *Scheduler) unclaim(name string, run *underWay) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, name)
	close(run.ended)
}
