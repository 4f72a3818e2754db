package events

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A Consumer is how far a durable consumer of the stream of records has come, and how near it is to missing events
// because the stream drops them at its old end.
type Consumer struct {
	Name string `json:"name"`
	// Pending is how many events are to be delivered to it yet, Unacked how many were delivered and not acknowledged.
	Pending uint64 `json:"pending"`
	Unacked uint64 `json:"unacked"`
	// Margin is how many messages are in the stream before the first that it has not acknowledged: so many may go from
	// the old end before it misses one. It says nothing of a consumer that has acknowledged everything.
	Margin uint64 `json:"margin"`
	// Room is the part of the stream's bounds that is left before that first message goes: 1 when the consumer has
	// everything, 0 when the message goes next.
	Room float64 `json:"room"`
	// Left is how long that takes at most: until the message is too old, or, at the pace of the stream so far, until
	// the stream is too large. Zero if the consumer has everything.
	Left time.Duration `json:"left,omitempty"`
	// LastAck is when it acknowledged something last; zero if the broker does not know (it forgets that when it stops).
	LastAck time.Time `json:"last_ack,omitzero"`
	// Missed says that messages went before it had acknowledged them.
	Missed bool `json:"missed,omitempty"`

	next  uint64 // the number of the first message that it has not acknowledged; 0 if there is none
	floor uint64 // up to which number it has acknowledged everything
	first uint64 // the number of the oldest message in the stream
}

// done reports whether the consumer has acknowledged everything.
func (c *Consumer) done() bool { return c.Pending == 0 && c.Unacked == 0 }

// littleRoom is the part of the stream's bounds below which a consumer is about to miss events.
const littleRoom = .1

// Behind reports whether the consumer is about to miss events.
func (c *Consumer) Behind() bool { return !c.done() && c.Room < littleRoom }

// consumers asks the broker for the durable consumers of the stream of records, at most maxListed, in order of their
// names.
func (c *Client) consumers(ctx context.Context) ([]Consumer, error) {
	if _, err := c.connected(); err != nil {
		return nil, err
	}
	ctx, cancel := c.within(ctx)
	defer cancel()
	s, err := c.js.Stream(ctx, c.names.records)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, c.classify(ctx, err)
	}
	var infos []*jetstream.ConsumerInfo
	list := s.ListConsumers(ctx)
	for info := range list.Info() {
		if info.Config.Durable != "" && info.Config.AckPolicy != jetstream.AckNonePolicy && len(infos) < maxListed {
			infos = append(infos, info)
		}
	}
	if err := list.Err(); err != nil {
		return nil, fmt.Errorf("list the consumers of the stream: %w", c.classify(ctx, err))
	}
	out := make([]Consumer, len(infos))
	for i, info := range infos {
		first, err := c.firstUnacked(ctx, s, info)
		if err != nil {
			return nil, fmt.Errorf("read what the consumer %s has yet to read: %w", info.Name, c.classify(ctx, err))
		}
		out[i] = standing(s.CachedInfo(), info, first, time.Now())
	}
	slices.SortFunc(out, func(a, b Consumer) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// maxLooked bounds of how many filters of a consumer the first message is looked for.
const maxLooked = 8

// firstUnacked reads the first message that the consumer has not acknowledged, of those that are left; nil if there is
// none. The broker doesn't say which one it is: behind the place up to which all is acknowledged the stream may hold
// much that the consumer doesn't want.
func (c *Client) firstUnacked(ctx context.Context, s jetstream.Stream, info *jetstream.ConsumerInfo) (first *jetstream.RawStreamMsg, err error) {
	if info.NumPending == 0 && info.NumAckPending == 0 {
		return nil, nil
	}
	filters := slices.Clone(info.Config.FilterSubjects)
	if info.Config.FilterSubject != "" {
		filters = append(filters, info.Config.FilterSubject)
	}
	if len(filters) == 0 || len(filters) > maxLooked {
		filters = []string{c.names.subjects + "records.>"}
	}
	for _, filter := range filters {
		m, err := s.GetMsg(ctx, max(info.AckFloor.Stream+1, 1), jetstream.WithGetMsgSubject(filter))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if first == nil || m.Sequence < first.Sequence {
			first = m
		}
	}
	return first, nil
}

// standing works out how a consumer stands whose first message that it has not acknowledged is first.
func standing(stream *jetstream.StreamInfo, info *jetstream.ConsumerInfo, first *jetstream.RawStreamMsg, now time.Time) Consumer {
	state := &stream.State
	out := Consumer{
		Name: info.Name, Pending: info.NumPending, Unacked: uint64(info.NumAckPending), Room: 1,
		floor: info.AckFloor.Stream, first: state.FirstSeq,
	}
	if info.AckFloor.Last != nil {
		out.LastAck = *info.AckFloor.Last
	}
	if first == nil {
		return out
	}
	out.next = first.Sequence
	if first.Sequence > state.FirstSeq {
		out.Margin = first.Sequence - state.FirstSeq
	}
	if most := stream.Config.MaxAge; most > 0 {
		left := max(most-now.Sub(first.Time), 0)
		out.Left, out.Room = left, min(out.Room, float64(left)/float64(most))
	}
	if most := float64(stream.Config.MaxBytes); most > 0 && state.Msgs > 0 {
		each := float64(state.Bytes) / float64(state.Msgs)
		free := max(most-float64(state.Bytes)+float64(out.Margin)*each, 0)
		out.Room = min(out.Room, free/most)
		if span := state.LastTime.Sub(state.FirstTime); span > 0 {
			full := time.Duration(min(free/float64(state.Bytes)*float64(span), float64(farOff)))
			if out.Left == 0 || full < out.Left {
				out.Left = full
			}
		}
	}
	// Without a filter all that is gone behind the floor was for this consumer. With one a single look doesn't tell:
	// ConsumerWatch compares two.
	if info.Config.FilterSubject == "" && len(info.Config.FilterSubjects) == 0 {
		out.Missed = info.AckFloor.Stream+1 < state.FirstSeq
	}
	return out
}

// farOff is as long as it matters.
const farOff = 10 * 365 * 24 * time.Hour
