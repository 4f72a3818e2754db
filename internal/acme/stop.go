package acme

import (
	"context"
	"errors"
	"io"
	"net/http"
)

var errStopped = errors.New("the gateway is stopping")

// stoppable ends requests when the keeper stops, and begins none from then on. The library takes no context, and has timers
// that can't be stopped; without this a gateway would wait for minutes, and one that was reloaded would renew twice.
type stoppable struct {
	http.RoundTripper
	alive context.Context
}

func (s stoppable) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := context.Cause(s.alive); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	unhook := context.AfterFunc(s.alive, func() { cancel(errStopped) })
	done := func() {
		unhook()
		cancel(nil)
	}
	resp, err := s.RoundTripper.RoundTrip(r.WithContext(ctx))
	if err != nil {
		done()
		return nil, err
	}
	resp.Body = closing{http.MaxBytesReader(nil, resp.Body, maxAnswer), done}
	return resp, nil
}

// maxAnswer bounds an answer of the authority, in bytes.
const maxAnswer = 1 << 20

type closing struct {
	io.ReadCloser
	done func()
}

func (c closing) Close() error {
	defer c.done()
	return c.ReadCloser.Close()
}
