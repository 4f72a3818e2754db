package events

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Refresh sends the present state of a record once more, because somebody has asked for it at that moment: on the
// stream of notices, so that the stream of records holds each change once. The event is that of the change, except for
// its type and its id: an id that was used before would be taken for a repetition.
func (c *Client) Refresh(ctx context.Context, ev *pipeline.Event, asked time.Time) error {
	if err := c.refresh(ctx, ev, asked); err != nil {
		if !errors.Is(err, context.Canceled) {
			c.metrics.errors.WithLabelValues(kindNotice).Inc()
		}
		return fmt.Errorf("send %s again: %w", ev.Identifier, err)
	}
	return nil
}

func (c *Client) refresh(ctx context.Context, ev *pipeline.Event, asked time.Time) error {
	if _, err := c.connected(); err != nil {
		return err
	}
	again := "/refreshed/" + strconv.FormatInt(asked.UnixNano(), 10)
	e := c.enc.Refreshed(again)
	m := &nats.Msg{
		Subject: string(c.names.refreshed(ev, changejson.Operation(ev))),
		Header: nats.Header{
			nats.MsgIdHdr: {string(changejson.AppendEventID(nil, ev)) + again}, headerContentType: {changejson.EventType}, headerOp: {changejson.Operation(ev)},
			headerEpoch: {strconv.FormatInt(ev.Epoch, 10)}, headerSeq: {strconv.FormatInt(ev.Seq, 10)},
		},
		Data: e.AppendEvent(nil, ev, int(c.nc.MaxPayload())-headerRoom),
	}
	return c.put(ctx, m)
}

// put puts a message into the stream of notices, which it makes if there is none.
func (c *Client) put(ctx context.Context, m *nats.Msg) error {
	ctx, cancel := c.within(ctx)
	defer cancel()
	if !c.ops.Load() {
		if _, err := c.ensure(ctx, c.opsConfig()); err != nil {
			return c.classify(ctx, err)
		}
		c.ops.Store(true)
	}
	if _, err := c.js.PublishMsg(ctx, m, jetstream.WithRetryAttempts(0)); err != nil {
		// The stream may have been removed: look again next time.
		c.ops.Store(false)
		return c.classify(ctx, err)
	}
	return nil
}

// refreshed is the subject of an event that is sent again.
func (n names) refreshed(ev *pipeline.Event, op string) []byte {
	subject := n.appendSubject(nil, ev, op)
	return append([]byte(n.subjects+"refreshed"), subject[len(n.subjects)+len("records"):]...)
}
