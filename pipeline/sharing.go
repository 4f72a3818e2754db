package pipeline

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Sharing divides the hosts that are harvested among several gateways on one log: one gateway at a time asks a host, so that
// the host's budget holds over all of them. A source that is read from files stands for itself.
type Sharing interface {
	// Mine says whether this gateway is the one that harvests what is due on the host. The channel is closed when that may have
	// changed.
	Mine(host string) (mine bool, changed <-chan struct{})
	// Hold waits until no other gateway harvests the host, and keeps the others from it until the hold is released.
	Hold(ctx context.Context, host string) (*Hold, error)
	// Rest notes that no gateway should ask the host before a time.
	Rest(ctx context.Context, host string, until time.Time) error
}

// A Hold keeps other gateways from a host.
type Hold struct {
	Held    context.Context // ends when that can't be kept up any more: another gateway may harvest the host then
	Rest    time.Time       // the host should not be asked before
	Release func()
}

// ForGateway is what a run waits for while another gateway harvests the host.
const ForGateway harvest.Reason = "gateway"

var (
	// errOthers ends a run whose host another gateway may harvest.
	errOthers = errors.New("the database was not heard of for so long that another gateway may harvest the source by now")
	// errDone says that another gateway has done what was due while it was waited for.
	errDone = errors.New("another gateway has harvested the source")
)

// Shared is what a [Sharing] knows the source's host by.
func (s *Source) Shared() string { return cmp.Or(s.Host, "source "+s.Name) }

// mine says whether this gateway harvests the source when it is due, and has a channel that is closed when that may have changed.
func (s *Scheduler) mine(src *Source) (bool, <-chan struct{}) {
	if s.Sharing == nil {
		return true, nil
	}
	return s.Sharing.Mine(src.Shared())
}

// A restingError says that a host has asked to be left alone, perhaps another gateway.
type restingError struct{ until time.Time }

func (e *restingError) Error() string {
	return "the host has asked to be left alone until " + e.until.UTC().Format(time.RFC3339)
}

// longestRest is for how long a harvest that a person has asked for leaves a host alone that has asked for it; one that is due
// waits to the end.
const longestRest = 5 * time.Minute

// share keeps other gateways from the host of a source until release is called; for a job, if it is not nil, only if that is still
// due. The run is ended with cancel if that can't be kept up.
func (s *Scheduler) share(ctx context.Context, src *Source, j *Job, known time.Time, cancel context.CancelCauseFunc) (release func(), err error) {
	if s.Sharing == nil {
		return func() {}, nil
	}
	s.places.note(src.Name, harvest.Wait{For: ForGateway, Host: src.Shared()})
	defer s.places.forget(src.Name)
	hold, err := s.Sharing.Hold(ctx, src.Shared())
	if err != nil {
		if ctx.Err() == nil {
			s.Logger.Warn("whether another gateway harvests the host is not known, so the source is not harvested", "source", src.Name, "err", err)
		}
		return nil, err
	}
	now := time.Now()
	switch {
	case j != nil && s.doneSince(ctx, j, known):
		err = errDone
	case j != nil && hold.Rest.After(now):
		err = &restingError{hold.Rest}
	}
	if err != nil {
		hold.Release()
		return nil, err
	}
	if src.Host != "" {
		s.Hosts.Follow(src.Host, now, earlier(hold.Rest, now.Add(longestRest)))
	}
	stop := context.AfterFunc(hold.Held, func() { cancel(errOthers) })
	return func() {
		stop()
		s.leave(context.WithoutCancel(ctx), src)
		hold.Release()
	}, nil
}

// leave has the next gateway give the host the rest of its pause.
func (s *Scheduler) leave(ctx context.Context, src *Source) {
	if src.Host == "" {
		return
	}
	until := s.Hosts.NotBefore(src.Host)
	if !until.After(time.Now()) {
		return
	}
	if err := s.Sharing.Rest(ctx, src.Host, until); err != nil {
		s.Logger.Warn("the pause of a host is not noted for other gateways", "host", src.Host, "err", err)
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// doneSince says of a job whether another gateway has completed a pass since the one that was known.
func (s *Scheduler) doneSince(ctx context.Context, j *Job, known time.Time) bool {
	last, err := s.Last(ctx, j.Source.Name)
	return err == nil && last.After(known)
}
