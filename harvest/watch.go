package harvest

import (
	"context"
	"errors"
	"io"
	"time"
)

// A watch ends a request that stands still. It cancels the request's context when a time limit passes.
type watch struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	whole  *time.Timer
	still  *time.Timer
	limit  time.Duration
}

type stalled struct{ what string }

func (s stalled) Error() string   { return s.what }
func (s stalled) Timeout() bool   { return true }
func (s stalled) Temporary() bool { return true }

func newWatch(ctx context.Context, whole time.Duration) (*watch, context.Context) {
	w := &watch{}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	w.whole = time.AfterFunc(whole, func() { w.cancel(stalled{"the answer took longer than " + whole.String()}) })
	return w, w.ctx
}

// within cancels the request unless within is called again in time.
func (w *watch) within(d time.Duration, what string) {
	if w.still != nil && w.limit == d && w.still.Reset(d) {
		return
	}
	if w.still != nil {
		w.still.Stop()
	}
	w.limit = d
	w.still = time.AfterFunc(d, func() { w.cancel(stalled{what + " for " + d.String()}) })
}

func (w *watch) stop() {
	w.whole.Stop()
	if w.still != nil {
		w.still.Stop()
	}
	w.cancel(nil)
}

// explain names the limit that passed if the transport says only that the request was cancelled.
func (w *watch) explain(err error) error {
	var s stalled
	if errors.As(context.Cause(w.ctx), &s) {
		return s
	}
	return err
}

type idleReader struct {
	r    io.Reader
	w    *watch
	idle time.Duration
}

func (r *idleReader) Read(p []byte) (int, error) {
	r.w.within(r.idle, "the answer stood still")
	return r.r.Read(p)
}
