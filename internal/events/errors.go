package events

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

var (
	errTimeout = errors.New("NATS did not answer")
	errRefused = errors.New("NATS refused")
	errOrder   = errors.New("events are out of order")
)

// classify translates an error of the library into one of this package. ctx is that of the call: only if its own deadline
// has passed, the broker was too slow.
func (c *Client) classify(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, pipeline.ErrForeign), errors.Is(err, pipeline.ErrLostPlace), errors.Is(err, ErrNotConnected),
		errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, nats.ErrReconnectBufExceeded), errors.Is(err, nats.ErrConnectionClosed),
		errors.Is(err, nats.ErrDisconnected), errors.Is(err, nats.ErrConnectionReconnecting):
		return c.because(fmt.Errorf("%w (%w)", ErrNotConnected, err))
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, nats.ErrTimeout), ctx.Err() != nil:
		return c.because(fmt.Errorf("%w: %w", errTimeout, err))
	}
	return fmt.Errorf("%w: %w", errRefused, err)
}

// count counts a failure of Tail or Publish, and gives the next try more time if this one had too little. It does not
// count that the gateway is stopping.
func (c *Client) count(err error) {
	kind := kindRefused
	switch {
	case errors.Is(err, context.Canceled):
		return
	case errors.Is(err, pipeline.ErrForeign):
		kind = kindForeign
	case errors.Is(err, pipeline.ErrLostPlace):
		kind = kindLostPlace
	case errors.Is(err, ErrNotConnected):
		kind = kindDisconnected
	case errors.Is(err, errTimeout), errors.Is(err, context.DeadlineExceeded):
		kind = kindTimeout
		c.patience.unanswered()
	}
	c.metrics.errors.WithLabelValues(kind).Inc()
}
