package events

import (
	"context"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// How many messages may wait for their acknowledgement at once, unless the configuration says otherwise. It hides the
// way to the broker and back, and bounds what is wasted when the first of them is refused.
const defaultWindow = 512

// ackEvery is how many messages share an acknowledgement, where one answers for those before it. An acknowledgement of its
// own costs each event a quarter of the way to an embedded broker.
const ackEvery = 64

// How long a Publish that was cancelled still waits for the answers to what it has sent.
const settle = time.Second

var _ pipeline.Publisher = (*Client)(nil)

// Publish appends the events behind the tail, in their order, each exactly once: see
// pipeline.Publisher. Events must be in log order, and behind the tail's.
//
// Each message names the stream sequence and the message id that must be last, so whatever is still
// on its way when Publish gives up can only land where it belongs, or not at all. On a replicated stream
// the batch does the same (batch.go).
func (c *Client) Publish(ctx context.Context, after pipeline.Tail, events []pipeline.Event) (pipeline.Tail, error) {
	c.publishing.Lock()
	defer c.publishing.Unlock()
	f := flight{c: c, after: after, events: events, answered: make([]bool, len(events)), firstErr: len(events)}
	err := f.run(ctx)
	t := f.tail()
	if err != nil {
		c.count(err)
		return t, fmt.Errorf("publish the events after %s: %w", t.Cursor, err)
	}
	return t, nil
}

// A flight is one call of Publish.
type flight struct {
	c      *Client
	after  pipeline.Tail
	events []pipeline.Event

	// chained is whether each message names the id of the one before it. Then a message that is in the stream stands
	// directly behind its predecessor, so its acknowledgement answers for all before it, and only some ask for one.
	chained bool

	sent     int
	asked    int    // how many of the sent ask for an answer
	settled  int    // how many of those have been answered, one way or the other
	acked    int    // how many from the start on are known to be in the stream, without a gap
	answered []bool // by index: whether its acknowledgement is there
	lastID   string // the message id of the last one sent

	batchEnd int // in a batch, the index of the event behind it; 0 outside

	// The error of the earliest event that failed. The events behind it fail because of it.
	err      error
	firstErr int
}

func (f *flight) run(ctx context.Context) error {
	if len(f.events) == 0 {
		return nil
	}
	lost, err := f.c.connected()
	if err != nil {
		return err
	}
	if err := f.inOrder(); err != nil {
		return err
	}
	if err := f.c.noteEpoch(ctx, f.events[len(f.events)-1].Epoch); err != nil {
		return err
	}
	f.c.call++
	f.lastID = f.after.MsgID
	if f.c.batches.Load() {
		return f.flyInBatches(ctx, lost)
	}
	if f.chained = f.c.o.Replicas == 1; !f.chained {
		f.lastID = "" // see batch.go
	}
	return f.fly(ctx, lost)
}

// fly sends messages and hears answers until all that were asked for are there, or no more can be expected.
func (f *flight) fly(ctx context.Context, lost <-chan struct{}) error {
	most := f.c.patience.time()
	timer := time.NewTimer(most)
	defer timer.Stop()
	cancelled := ctx.Done()
	for {
		f.send()
		if f.settled == f.asked && (f.err != nil || f.sent == len(f.events)) {
			return f.err
		}
		select {
		case m := <-f.c.acks:
			f.hear(m)
			f.hearMore()
			timer.Reset(most)
		case <-lost:
			f.hearMore()
			f.fail(f.acked, f.c.because(ErrNotConnected))
			return f.err
		case <-timer.C:
			f.fail(f.acked, f.c.because(fmt.Errorf("%w within %v", errTimeout, most)))
			return f.err
		case <-cancelled:
			f.fail(f.acked, context.Cause(ctx))
			cancelled = nil
			timer.Reset(min(settle, f.c.o.Timeout))
		}
	}
}

// send sends until the window is full, or something has gone wrong.
func (f *flight) send() {
	for f.err == nil && f.sent < len(f.events) && f.sent-f.acked < f.c.o.Window {
		ev := &f.events[f.sent]
		m := f.c.message(ev, f.after.StreamSeq+uint64(f.sent), f.lastID, f.sent)
		// The last one of a window asks too: if the call is cancelled then, nothing that it has sent stays unheard of.
		asks := f.asks(f.sent) || f.sent+1-f.acked == f.c.o.Window
		if !asks {
			m.Reply = ""
		}
		if err := f.c.nc.PublishMsg(m); err != nil {
			f.fail(f.sent, f.c.classify(context.Background(), err))
			return
		}
		if asks {
			f.asked++
		}
		if f.chained {
			f.lastID = f.c.scratch.id
		}
		f.sent++
	}
}

// asks reports whether message i asks for an acknowledgement: also the first, so that the reason of a refusal is told
// by the message that is refused for it, and several in each window, so that it is never full without one to come.
func (f *flight) asks(i int) bool {
	every := max(1, min(ackEvery, f.c.o.Window/4))
	return !f.chained || i == 0 || (i+1)%every == 0 || i+1 == len(f.events)
}

// reach counts the first n events as published.
func (f *flight) reach(n int) {
	for ; f.acked < n; f.acked++ {
		f.c.metrics.published.WithLabelValues(changejson.Operation(&f.events[f.acked])).Inc()
	}
}

// hearMore takes the answers that are here already.
func (f *flight) hearMore() {
	for {
		select {
		case m := <-f.c.acks:
			f.hear(m)
		default:
			return
		}
	}
}

// fail notes why event i did not get into the stream.
func (f *flight) fail(i int, err error) {
	if i < f.firstErr {
		f.firstErr, f.err = i, err
	}
}

// inOrder refuses what would break the order of the stream.
func (f *flight) inOrder() error {
	last := f.after.Cursor
	for i := range f.events {
		at := pipeline.Cursor{Epoch: f.events[i].Epoch, Seq: f.events[i].Seq}
		if !last.Before(at) {
			return fmt.Errorf("%w: event %s was to follow %s", errOrder, at, last)
		}
		last = at
	}
	return nil
}

// tail returns the tail behind the last event that is certainly in the stream.
func (f *flight) tail() pipeline.Tail {
	if f.acked == 0 {
		return f.after
	}
	ev := &f.events[f.acked-1]
	return pipeline.Tail{
		StreamSeq: f.after.StreamSeq + uint64(f.acked),
		MsgID:     string(changejson.AppendEventID(nil, ev)),
		Cursor:    pipeline.Cursor{Epoch: ev.Epoch, Seq: ev.Seq},
		Datestamp: ev.Datestamp,
		Seen:      ev.HeadSeen,
	}
}

// noteEpoch keeps the epoch in the stream's metadata up to date.
func (c *Client) noteEpoch(ctx context.Context, epoch int64) error {
	if epoch <= c.epoch.Load() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, c.patience.time())
	defer cancel()
	if err := c.writeEpoch(ctx, epoch); err != nil {
		return c.classify(ctx, err)
	}
	c.epoch.Store(epoch)
	return nil
}
