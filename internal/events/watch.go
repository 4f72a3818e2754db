package events

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Filter says which events to watch.
type Filter struct {
	// Prefix is that of the gateway's streams. Default: SHEAF.
	Prefix string
	// Domain is the JetStream domain of the streams; empty for that of the server.
	Domain string
	// Source is the one source to watch; empty for all.
	Source string
	// After is a place in the log: the events behind it are given. With the zero Cursor only new events are given.
	After pipeline.Cursor
	// Begins is told, before any event is given, behind which place the new ones are: that of the stream's last event. It is
	// not called if After is set, or if the stream does not end with an event. Optional.
	Begins func(pipeline.Cursor)
}

// A Message is an event as it came.
type Message struct {
	pipeline.Cursor        // its place in the log
	Prev            int64  // the seq of the event before it, of whatever source; 0 if it is the epoch's first
	StreamSeq       uint64 // its number in the stream
	Subject         string
	Data            []byte // the CloudEvent, JSON; valid until the function returns
}

// ErrGap says that events between the place asked for and the oldest that the stream can go on with
// are not in the stream. The consumer reads the log first, which sheaf export writes out.
var ErrGap = errors.New("the stream does not reach back to that place: read the log with sheaf export, which says where to go on")

// ErrOtherEpoch says that the place asked for belongs to a history of the log that has ended. The
// consumer starts again.
var ErrOtherEpoch = errors.New("that place is of an epoch that has ended: read the log anew with sheaf export, which says where to go on")

// Watch gives the events, in the order of the log, to fn, until ctx ends, fn returns an error, or the
// connection is closed. It leaves nothing behind on the server, and goes on where it was when the
// connection or the server comes back. ErrGap and ErrOtherEpoch come before anything is given, or, if
// the stream was empty, with the first event.
func Watch(ctx context.Context, nc *nats.Conn, f Filter, fn func(Message) error) error {
	if f.Prefix == "" {
		f.Prefix = defaultPrefix
	}
	js, err := jetstream.New(nc)
	if f.Domain != "" {
		js, err = jetstream.NewWithDomain(nc, f.Domain)
	}
	if err != nil {
		return fmt.Errorf("watch events: %w", err)
	}
	w := watcher{Filter: f, names: newNames(f.Prefix)}
	if w.stream, err = js.Stream(ctx, w.names.records); err != nil {
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			err = fmt.Errorf("there is no stream %s; is this the gateway's NATS server, and has it published anything?", w.names.records)
		}
		return fmt.Errorf("watch events: %w", err)
	}
	if err := w.run(ctx, fn); err != nil {
		return fmt.Errorf("watch events: %w", err)
	}
	return nil
}

type watcher struct {
	Filter
	names  names
	stream jetstream.Stream
	start  uint64 // the number of the first message to give
	// unproven says that no message has come yet that proves that nothing is missing before start.
	unproven bool
}

func (w *watcher) run(ctx context.Context, fn func(Message) error) error {
	if err := w.locate(ctx); err != nil {
		return err
	}
	filter := w.names.subjects + "records.>"
	if w.Source != "" {
		filter = w.names.subjects + "records." + string(appendToken(nil, w.Source)) + ".>"
	}
	cons, err := w.stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{filter}, DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: w.start,
	})
	if err != nil {
		return err
	}
	it, err := cons.Messages()
	if err != nil {
		return err
	}
	defer it.Stop()
	for {
		m, err := it.Next(jetstream.NextContext(ctx))
		if err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return err
		}
		if err := w.give(ctx, m, fn); err != nil {
			return err
		}
	}
}

func (w *watcher) give(ctx context.Context, m jetstream.Msg, fn func(Message) error) error {
	if w.unproven {
		first, err := w.from(ctx, w.start)
		if err != nil {
			return err
		}
		if err := w.prove(first); err != nil {
			return err
		}
		w.unproven = false
	}
	meta, err := m.Metadata()
	if err != nil {
		return err
	}
	out := Message{Subject: m.Subject(), Data: m.Data(), StreamSeq: meta.Sequence.Stream}
	if out.Cursor, out.Prev, err = cursorOf(m.Headers()); err != nil {
		return nil // somebody else has put it there
	}
	return fn(out)
}

// locate finds the number of the first message behind the place asked for. Places grow along the
// stream, so it is a matter of halving.
func (w *watcher) locate(ctx context.Context) error {
	state := w.stream.CachedInfo().State
	end := state.LastSeq + 1
	w.start = end
	if w.After == (pipeline.Cursor{}) {
		if w.Begins == nil {
			return nil
		}
		last, err := w.stream.GetMsg(ctx, state.LastSeq)
		if err != nil { // there is none; what else is wrong the consumer will meet as well
			return nil
		}
		if at, _, err := cursorOf(last.Header); err == nil {
			w.Begins(at)
		}
		return nil
	}
	var first *jetstream.RawStreamMsg // the one at start, if there is one
	for low, high := max(state.FirstSeq, 1), end; low < high; {
		mid := low + (high-low)/2
		m, err := w.from(ctx, mid)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			high = mid
			continue
		}
		if err != nil {
			return err
		}
		at, _, err := cursorOf(m.Header)
		switch {
		case err != nil:
			return err
		case w.After.Before(at):
			first, w.start, high = m, mid, mid
		default:
			low = m.Sequence + 1
		}
	}
	if first == nil {
		w.unproven = true
		return nil
	}
	return w.prove(first)
}

// prove checks that m, the first message behind the place that was asked for, follows it without a gap.
func (w *watcher) prove(m *jetstream.RawStreamMsg) error {
	at, prev, err := cursorOf(m.Header)
	switch {
	case err != nil:
		return err
	case at.Epoch != w.After.Epoch:
		return ErrOtherEpoch
	case prev > w.After.Seq:
		return fmt.Errorf("%w (asked for %s, and the first event there is follows %d)", ErrGap, w.After, prev)
	}
	return nil
}

// from gives the first event whose number is n or more. What others have put into the stream is passed over, as the relay
// passes over it.
func (w *watcher) from(ctx context.Context, n uint64) (*jetstream.RawStreamMsg, error) {
	for {
		m, err := w.stream.GetMsg(ctx, n, jetstream.WithGetMsgSubject(w.names.subjects+"records.>"))
		if err != nil {
			return nil, err
		}
		if _, _, err := cursorOf(m.Header); err == nil {
			return m, nil
		}
		n = m.Sequence + 1
	}
}

// cursorOf reads an event's place, and that of the one before it, from its headers.
func cursorOf(h nats.Header) (c pipeline.Cursor, prev int64, err error) {
	for _, field := range []struct {
		name string
		to   *int64
	}{{headerEpoch, &c.Epoch}, {headerSeq, &c.Seq}, {headerPrev, &prev}} {
		if *field.to, err = strconv.ParseInt(h.Get(field.name), 10, 64); err != nil {
			return c, prev, fmt.Errorf("its header %s is %q", field.name, h.Get(field.name))
		}
	}
	return c, prev, nil
}
