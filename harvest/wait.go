package harvest

import (
	"context"
	"time"
)

// A Reason says what a fetch waits for.
type Reason string

// The reasons. They are words of the status of a source.
const (
	ForTurn   Reason = "turn"   // others are asking the host, and it is asked one thing at a time
	ForPause  Reason = "pause"  // the rest that the host is given between two requests
	ForAnswer Reason = "answer" // the host's answer, to its end
	ForRetry  Reason = "retry"  // after a failure, or because the host asks for patience
)

// A Wait is what a fetch waits for.
type Wait struct {
	For   Reason
	Host  string    // the host that is asked
	Until time.Time // the zero time if nobody knows
}

// A Waiter is told when a fetch waits. A harvest spends almost all of its time waiting, so a scheduler can lend the
// harvest's place to another one for as long.
type Waiter interface {
	// Wait says what the fetch waits for from now on. It may be called several times before Resume.
	Wait(w Wait)
	// Resume says that the fetch has ended. It returns when the caller may go on, or when ctx ends.
	Resume(ctx context.Context)
}

// A Listener is a Waiter that also hears how each request was answered: with a number of bytes, or not at all. The kind is
// empty if the answer was good.
type Listener interface {
	Waiter
	Answered(kind Kind, bytes int)
}

// An Admitter is a Waiter that is asked before each request is sent, when the host's turn has come: what many fetches bring at
// once has to find room.
type Admitter interface {
	Waiter
	// Admit returns nil when the request may be sent. Otherwise it fails with the error.
	Admit(ctx context.Context) error
}

type waiterKey struct{}

// WithWaiter returns a context whose fetches tell w when they wait.
func WithWaiter(ctx context.Context, w Waiter) context.Context {
	return context.WithValue(ctx, waiterKey{}, w)
}

// WaiterOf gives the waiter of a context; nil if it has none.
func WaiterOf(ctx context.Context) Waiter {
	waiter, _ := ctx.Value(waiterKey{}).(Waiter)
	return waiter
}

// waits tells the waiter of the context, if it has one.
func waits(ctx context.Context, w Wait) {
	if waiter := WaiterOf(ctx); waiter != nil {
		waiter.Wait(w)
	}
}

// resumes tells the waiter of the context that the fetch has ended.
func resumes(ctx context.Context) {
	if waiter := WaiterOf(ctx); waiter != nil {
		waiter.Resume(ctx)
	}
}

// admitted waits until the waiter of the context, if it wants to be asked, lets a request be sent.
func admitted(ctx context.Context) error {
	if admitter, ok := WaiterOf(ctx).(Admitter); ok {
		return admitter.Admit(ctx)
	}
	return nil
}

// answered tells the waiter of the context how a request was answered, if it wants to hear that.
func answered(ctx context.Context, resp *Response, problem *Error) {
	listener, ok := WaiterOf(ctx).(Listener)
	if !ok {
		return
	}
	var kind Kind
	if problem != nil {
		kind = problem.Kind
	}
	bytes := 0
	if resp != nil {
		bytes = len(resp.Body)
	}
	listener.Answered(kind, bytes)
}
