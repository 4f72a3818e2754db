package follow

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

const (
	firstPause = 250 * time.Millisecond
	lastPause  = time.Minute
)

// A permanentError is one that waiting does not mend.
type permanentError struct{ error }

// A busyError says how long the gateway wants to be left alone.
type busyError struct {
	error
	after time.Duration
}

// pause waits before the next try, and returns the error if there should be none.
func (r *run) pause(ctx context.Context, err error) error {
	var permanent permanentError
	if errors.As(err, &permanent) {
		return permanent.error
	}
	if r.Patience > 0 && time.Since(r.progress) > r.Patience {
		return err
	}
	r.failures++
	var gone *goneError
	if r.failures == 1 && (errors.Is(err, errCut) || errors.As(err, &gone)) {
		return nil // it is there, and something came of the last try
	}
	d := min(firstPause<<min(r.failures-1, 10), lastPause)
	d = d/2 + rand.N(d/2+1) // many followers lose their gateway at once, and should not come back at once
	var busy busyError
	if errors.As(err, &busy) {
		d = max(d, min(busy.after, 10*time.Minute))
	}
	if r.Patience > 0 {
		d = min(d, max(r.Patience/4, firstPause))
	}
	r.Log.Warn("will try again", "err", err, "in", d)
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
