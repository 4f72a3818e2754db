package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
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
	headerSeen  = "Sheaf-Seen-Seq"
	headerOp    = "Sheaf-Op"
)

// Tail says what the stream of records ends with. It makes the stream if there is none, and brings
// its configuration up to date. ErrForeign if another gateway owns it, ErrNotConnected if there is no
// connection.
//
// The Tail has the number of the last message that there ever was. Its cursor is that of the newest message
// that is left and that the log has published, zero if there is none: newer ones may have expired, been
// purged, or be lost, and others may have put theirs behind it. Only if that message is the last, the Tail has
// its id.
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
	brief, cancel := context.WithTimeout(ctx, c.patience.time())
	defer cancel()
	s, err := c.ensure(brief, c.recordsConfig())
	if err != nil {
		return pipeline.Tail{}, c.classify(brief, err)
	}
	c.epoch.Store(metadataEpoch(s.CachedInfo()))
	c.useBatches(s.CachedInfo().Config.AllowAtomicPublish)
	// From the state on, the stream can only grow: what is last now is the last there was, or later.
	t := pipeline.Tail{StreamSeq: s.CachedInfo().State.LastSeq}
	m, err := s.GetLastMsgForSubject(brief, c.names.subjects+"records.>")
	if err == nil {
		t.StreamSeq = max(t.StreamSeq, m.Sequence)
		m, err = c.lastOfOurs(ctx, s, m)
	}
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return t, nil
	}
	if err != nil {
		return pipeline.Tail{}, c.classify(ctx, fmt.Errorf("read the end of the stream %s: %w", c.names.records, err))
	}
	if m.Sequence == t.StreamSeq {
		t.MsgID = m.Header.Get(nats.MsgIdHdr)
	}
	if seen, wrong := strconv.ParseInt(m.Header.Get(headerSeen), 10, 64); wrong == nil {
		t.Seen = seen
	}
	t.Cursor, t.Datestamp, _, err = place(m.Header, m.Data)
	return t, err
}

// maxStrays bounds how many messages that are not ours are stepped over at the end of the stream.
const maxStrays = 4096

// A looked is what is known of the messages of a stream up to one: which is the last that the log has published. While
// others put theirs behind it all the time, only what is new is read, so that the relay gets a word in between.
type looked struct {
	created time.Time // when the stream was
	upto    uint64    // the number of the last message that was looked at
	ours    uint64    // the number of the last of ours; 0 if there is none
	id      string    // its message id
	strays  int       // those of others behind it
}

// lastOfOurs goes back from a message to the last one that the log has published. It counts and reports once what others
// have put behind it. The error is [jetstream.ErrMsgNotFound] if the log has published none of them.
func (c *Client) lastOfOurs(ctx context.Context, s jetstream.Stream, m *jetstream.RawStreamMsg) (_ *jetstream.RawStreamMsg, err error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	newest, fresh := m.Sequence, 0
	now := looked{created: s.CachedInfo().Created, upto: newest}
	defer func() {
		if fresh > 0 {
			c.strays = newest
			c.metrics.strays.Add(float64(fresh))
			c.strayed.Add(uint64(fresh))
			c.log.Warn("messages that this gateway did not publish stand in its stream; they are passed over", "stream", c.names.records, "messages", fresh, "last", newest)
		}
		if err == nil || errors.Is(err, jetstream.ErrMsgNotFound) {
			c.looked = now
		}
	}()
	first, from := max(s.CachedInfo().State.FirstSeq, 1), sealedFrom(s.CachedInfo(), false)
	for seq := newest; seq >= first; seq-- {
		if known := c.looked; seq == known.upto && known.created.Equal(now.created) {
			m, err = c.recall(ctx, s, known, from)
			if !errors.Is(err, errForgotten) {
				now.ours, now.id, now.strays = known.ours, known.id, now.strays+known.strays
				if now.strays >= maxStrays {
					err = c.tooManyStrays()
				}
				return m, err
			}
		}
		if m == nil || m.Sequence != seq {
			m, err = c.messageAt(ctx, s, seq)
		}
		switch {
		case errors.Is(err, jetstream.ErrMsgNotFound): // somebody has removed it
			continue
		case err != nil:
			return nil, err
		case c.ours(m, from):
			now.ours, now.id = seq, m.Header.Get(nats.MsgIdHdr)
			return m, nil
		}
		if seq > c.strays {
			fresh++
		}
		if now.strays++; now.strays == maxStrays {
			return nil, c.tooManyStrays()
		}
	}
	return nil, jetstream.ErrMsgNotFound
}

// messageAt reads a message of a stream. Each may take the time that the broker has: thousands of strays are read one
// after the other, and the end of the stream must be found however far away the broker is.
func (c *Client) messageAt(ctx context.Context, s jetstream.Stream, seq uint64) (*jetstream.RawStreamMsg, error) {
	ctx, cancel := context.WithTimeout(ctx, c.patience.time())
	defer cancel()
	return s.GetMsg(ctx, seq)
}

func (c *Client) tooManyStrays() error {
	return fmt.Errorf("its last %d messages are not this gateway's; stop whoever publishes on %srecords.>, and remove them (nats stream rmm)", maxStrays, c.names.subjects)
}

// errForgotten says that what was known of a stream is not so any more.
var errForgotten = errors.New("the message is not there any more")

// recall reads the message of ours that was found last. The error is [jetstream.ErrMsgNotFound] if there was none,
// and errForgotten if it is not what it was.
func (c *Client) recall(ctx context.Context, s jetstream.Stream, known looked, sealedFrom uint64) (*jetstream.RawStreamMsg, error) {
	if known.ours == 0 {
		return nil, jetstream.ErrMsgNotFound
	}
	m, err := c.messageAt(ctx, s, known.ours)
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return nil, errForgotten
	case err != nil:
		return nil, err
	case m.Header.Get(nats.MsgIdHdr) != known.id || !c.ours(m, sealedFrom):
		return nil, errForgotten
	}
	return m, nil
}

// ours reports whether the log has published a message. Messages from the time before it sealed them have no seal. Of those
// only what a log can have given out is believed.
func (c *Client) ours(m *jetstream.RawStreamMsg, sealedFrom uint64) bool {
	at, datestamp, prev, err := place(m.Header, m.Data)
	if err != nil || !(pipeline.Head{Cursor: at, Datestamp: datestamp}).Believable(time.Now()) {
		return false
	}
	if c.check == nil || m.Sequence < sealedFrom {
		return true
	}
	return c.check.sealed(m, at, prev, datestamp)
}

// place reads where in the log an event belongs, and the seq of the event before it.
func place(h nats.Header, data []byte) (at pipeline.Cursor, datestamp time.Time, prev int64, err error) {
	if at, prev, err = cursorOf(h); err != nil {
		return pipeline.Cursor{}, time.Time{}, 0, err
	}
	var e struct{ Time time.Time }
	if err := json.Unmarshal(data, &e); err != nil {
		return pipeline.Cursor{}, time.Time{}, 0, err
	}
	return at, e.Time.UTC(), prev, nil
}
