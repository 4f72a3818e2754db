package events

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A StreamSize is how large the stream of records is, and how far those who read it have come.
type StreamSize struct {
	Messages, Bytes uint64
	MaxBytes        int64     // its bound; not positive if there is none
	Oldest          time.Time // when the oldest message was published; zero without messages

	Consumers int // that the broker knows, at most maxListed
	// Pending is how many messages must still be sent to the slowest consumer.
	Pending uint64
	// Margin is how many messages may go from the old end of the stream before the slowest consumer misses one.
	Margin uint64
}

// maxListed bounds how many consumers are looked at.
const maxListed = 1024

// Size asks the broker for the size of the stream of records, and for those who read it.
func (c *Client) Size(ctx context.Context) (size StreamSize, err error) {
	if _, err := c.connected(); err != nil {
		return size, err
	}
	s, err := c.js.Stream(ctx, c.names.records)
	if err != nil {
		return size, fmt.Errorf("read the size of the stream: %w", c.classify(ctx, err))
	}
	info := s.CachedInfo()
	state := info.State
	size = StreamSize{Messages: state.Msgs, Bytes: state.Bytes, MaxBytes: info.Config.MaxBytes}
	if state.Msgs > 0 {
		size.Oldest = state.FirstTime
	}
	list := s.ListConsumers(ctx)
	for consumer := range list.Info() {
		if size.Consumers == maxListed {
			break
		}
		size.add(consumer, state.FirstSeq)
	}
	if err := list.Err(); err != nil {
		return size, fmt.Errorf("list the consumers of the stream: %w", c.classify(ctx, err))
	}
	return size, nil
}

// add adds a consumer to the size. first is the number of the oldest message in the stream.
func (s *StreamSize) add(c *jetstream.ConsumerInfo, first uint64) {
	margin := uint64(0)
	if next := c.AckFloor.Stream + 1; next > first {
		margin = next - first
	}
	if s.Consumers == 0 || margin < s.Margin {
		s.Margin = margin
	}
	s.Pending = max(s.Pending, c.NumPending)
	s.Consumers++
}
