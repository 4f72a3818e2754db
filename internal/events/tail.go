package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// The headers of an event, beside those of NATS.
const (
	headerEpoch = "Sheaf-Epoch"
	headerSeq   = "Sheaf-Seq"
	headerPrev  = "Sheaf-Prev-Seq"
	headerOp    = "Sheaf-Op"
)

// Tail says what the stream of records ends with. It makes the stream if there is none, and brings
// its configuration up to date. ErrForeign if another gateway owns it, ErrNotConnected if there is no
// connection.
//
// If the newest messages were removed (they expired, or a person purged the stream), the Tail has the
// number of the last one all the same, and no message id; its cursor is that of the newest that is
// left, zero if none is.
func (c *Client) Tail(ctx context.Context) (pipeline.Tail, error) {
	t, err := c.tail(ctx)
	if err != nil {
		c.count(err)
		return pipeline.Tail{}, fmt.Errorf("read the end of the stream: %w", err)
	}
	return t, nil
}

func (c *Client) tail(ctx context.Context) (pipeline.Tail, error) {
	if _, err := c.connected(); err != nil {
		return pipeline.Tail{}, err
	}
	ctx, cancel := c.within(ctx)
	defer cancel()
	s, err := c.ensure(ctx, c.recordsConfig())
	if err != nil {
		return pipeline.Tail{}, c.classify(ctx, err)
	}
	c.epoch.Store(metadataEpoch(s.CachedInfo()))
	// From the state on, the stream can only grow: what is last now is the last there was, or later.
	t := pipeline.Tail{StreamSeq: s.CachedInfo().State.LastSeq}
	m, err := s.GetLastMsgForSubject(ctx, c.names.subjects+"records.>")
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return t, nil
	}
	if err != nil {
		return pipeline.Tail{}, c.classify(ctx, fmt.Errorf("read the last message of the stream %s: %w", c.names.records, err))
	}
	if m.Sequence >= t.StreamSeq {
		t.StreamSeq = m.Sequence
		t.MsgID = m.Header.Get(nats.MsgIdHdr)
	}
	if t.Cursor, t.Datestamp, err = place(m.Header, m.Data); err != nil {
		return pipeline.Tail{}, fmt.Errorf("the last message of the stream %s (number %d) is none of ours: %w", c.names.records, m.Sequence, err)
	}
	return t, nil
}

// place reads where in the log an event belongs.
func place(h nats.Header, data []byte) (pipeline.Cursor, time.Time, error) {
	c, _, err := cursorOf(h)
	if err != nil {
		return pipeline.Cursor{}, time.Time{}, err
	}
	var e struct{ Time time.Time }
	if err := json.Unmarshal(data, &e); err != nil {
		return pipeline.Cursor{}, time.Time{}, err
	}
	return c, e.Time.UTC(), nil
}
