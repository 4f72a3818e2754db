package events

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

var _ pipeline.Eraser = (*Client)(nil)

// eraseRead is how many headers are read at once.
const eraseRead = 500

// Erase overwrites the messages about a record that were published before its tombstone (see [pipeline.Eraser]). The headers
// of its part of the stream are read to find them.
func (c *Client) Erase(ctx context.Context, source, identifier string, tombstone pipeline.Cursor) error {
	if _, err := c.connected(); err != nil {
		return err
	}
	ev := pipeline.Event{Record: pipeline.Record{Source: source, Identifier: identifier}}
	return errors.Join(
		c.erase(ctx, c.names.records, string(c.names.appendSubject(nil, &ev, "*")), &ev, tombstone),
		c.erase(ctx, c.names.ops, string(c.names.refreshed(&ev, "*")), &ev, tombstone))
}

// erase overwrites the messages of one stream, of those on a subject, that are about a record.
func (c *Client) erase(ctx context.Context, stream, subject string, ev *pipeline.Event, tombstone pipeline.Cursor) error {
	s, err := c.js.Stream(ctx, stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil
	}
	if err != nil {
		return c.classify(ctx, err)
	}
	found, err := c.messagesOf(ctx, s, subject, ev, tombstone)
	if err != nil {
		return c.classify(ctx, err)
	}
	for _, seq := range found {
		if err := s.SecureDeleteMsg(ctx, seq); err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
			return c.classify(ctx, fmt.Errorf("message %d: %w", seq, err))
		}
	}
	return nil
}

// messagesOf gives the numbers of the messages about a record that were published before its tombstone.
func (c *Client) messagesOf(ctx context.Context, s jetstream.Stream, subject string, ev *pipeline.Event, tombstone pipeline.Cursor) (found []uint64, err error) {
	reader, err := s.CreateConsumer(ctx, jetstream.ConsumerConfig{
		FilterSubject: subject, HeadersOnly: true, AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, InactiveThreshold: time.Minute,
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.DeleteConsumer(ctx, reader.CachedInfo().Name)) }()
	id, _, _ := strings.Cut(string(changejson.AppendEventID(nil, ev)), "@")
	for left := reader.CachedInfo().NumPending; left > 0; {
		batch, err := reader.Fetch(int(min(left, eraseRead)), jetstream.FetchMaxWait(c.o.Timeout))
		if err != nil {
			return nil, err
		}
		read := uint64(0)
		for m := range batch.Messages() {
			read++
			if about(m.Headers(), id, tombstone) {
				meta, err := m.Metadata()
				if err != nil {
					return nil, err
				}
				found = append(found, meta.Sequence.Stream)
			}
		}
		if err := batch.Error(); err != nil || read == 0 {
			return nil, errors.Join(err, errTimeout)
		}
		left -= min(read, left)
	}
	return found, nil
}

// about says whether a message is about a record, and older than its tombstone.
func about(h nats.Header, id string, tombstone pipeline.Cursor) bool {
	if record, _, _ := strings.Cut(h.Get(nats.MsgIdHdr), "@"); record != id {
		return false
	}
	epoch, errEpoch := strconv.ParseInt(h.Get(headerEpoch), 10, 64)
	seq, errSeq := strconv.ParseInt(h.Get(headerSeq), 10, 64)
	return errEpoch != nil || errSeq != nil || epoch < tombstone.Epoch || epoch == tombstone.Epoch && seq < tombstone.Seq
}
