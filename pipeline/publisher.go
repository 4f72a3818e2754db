package pipeline

import (
	"context"
	"errors"
	"time"
)

// A Publisher appends events to a stream. Package events implements it on NATS JetStream.
type Publisher interface {
	// Tail says what the stream ends with. It creates the stream if there is none. ErrForeign if the
	// stream belongs to another gateway.
	Tail(ctx context.Context) (Tail, error)

	// Publish appends the events in their order, directly after the tail, each exactly once. It returns
	// the tail after the last event that was acknowledged without a gap before it, and an error if
	// that was not the last event given: ErrLostPlace if the stream does not end with the tail given
	// (somebody else has published); any other error leaves it open whether the rest arrived. In
	// each case the caller reads its place again; nothing of this call is in flight any more that the
	// stream could still accept after something else.
	Publish(ctx context.Context, after Tail, events []Event) (Tail, error)

	// Notify publishes a notice for operators, at most once, best effort.
	Notify(ctx context.Context, n Notice) error
}

// What a Publisher answers when it can't.
var (
	ErrLostPlace = errors.New("the stream does not end where it was left")
	ErrForeign   = errors.New("the stream belongs to another gateway")
	ErrCut       = errors.New("the event stream has lost messages, which are published again")
)

// A Tail is the end of the stream.
type Tail struct {
	// StreamSeq is the broker's number of the last message that was ever in the stream; 0 if there was none.
	StreamSeq uint64
	// MsgID is the id of the last message; empty if the stream holds none (any more).
	MsgID string
	// Cursor and Datestamp are those of the last event; zero if the stream holds none.
	Cursor
	Datestamp time.Time
	// Seen is the HeadSeen of the last event.
	Seen int64
}

// An Event is the state of a record after a change.
type Event struct {
	Record
	Epoch int64
	// Prev is the seq of the event before it in this epoch; 0 for the first.
	Prev int64
	// HeadSeen is the seq of the head that the event was read under, if that is beyond its own; else 0 (see [Position]).
	HeadSeen int64
}

// A Notice is news for operators: about a source, a harvest, the log.
type Notice struct {
	// Type is the CloudEvents type without "sheaf." and ".v1": "harvest.completed", "source.unreachable".
	Type   string
	Source string
	Time   time.Time
	// Data are facts as JSON values.
	Data map[string]any
}
