package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"
)

const (
	relayBatch   = 1024             // records read and published at once
	relayRetry   = 5 * time.Second  // the longest wait after a failure
	markInterval = 10 * time.Second // how often the place is saved while there is something to publish
	markRest     = time.Second      // after how long without anything to publish it is saved
)

// A Relay publishes the log: a reader that remembers the last seq it published.
//
// What it remembers is the stream's own last event; the mark in the log only stands in for it where
// the stream has forgotten (its messages have expired) or has lost its tail (the broker's machine
// lost power). So each final state comes to be in the stream exactly once, however often the gateway,
// the broker or the line between them dies. States that were overwritten before they were published
// are skipped.
type Relay struct {
	Log       Relayed
	Publisher Publisher
	Observer  RelayObserver
	Logger    *slog.Logger
	// Keep is how long the stream keeps an event; 30 days if zero.
	Keep time.Duration
	// Look is how often the end of the stream is looked at, whether there is something to publish or not; 30 s if
	// zero.
	Look time.Duration

	tail  Tail   // the end of the stream; valid if located
	place Cursor // the last event of this epoch in the stream
	saved Mark
	when  time.Time // when saved was saved
	moved time.Time // when place came to be what it is

	located bool
	looked  time.Time // when it was located
	// batch is how many records are read and published at once. After a failure it begins with one, because others may
	// put messages into the stream too: little time must pass between a look at its end and an event behind it.
	batch int
	// next is what is read ahead, behind the batch that is being published; nil if nothing is.
	next *readAhead
}

// A readAhead is a batch that is read while the one before it is published. What was read may change meanwhile, as it may
// between any reading and publishing: then the new state comes later in the log, and is published too.
type readAhead struct {
	after Cursor // the place that it was read behind
	limit int
	done  chan struct{} // closed when the rest is there

	records []Record
	head    Head
	err     error
}

// readAfter reads a batch behind a place in the background.
func (r *Relay) readAfter(ctx context.Context, after Cursor, limit int) *readAhead {
	a := &readAhead{after: after, limit: limit, done: make(chan struct{})}
	go func() {
		defer close(a.done)
		a.records, a.head, a.err = r.Log.Read(ctx, after.Seq, limit)
	}()
	return a
}

// read reads the batch behind the relay's place, which may have been read already.
func (r *Relay) read(ctx context.Context) ([]Record, Head, error) {
	a := r.next
	r.next = nil
	if a != nil {
		<-a.done // also what is not wanted: only so much is read at once
		if a.after == r.place && a.limit == r.batch && a.err == nil && len(a.records) > 0 {
			return a.records, a.head, nil
		}
	}
	return r.Log.Read(ctx, r.place.Seq, r.batch)
}

// A RelayObserver hears what a relay does, on the relay's goroutine.
type RelayObserver interface {
	// Published follows each acknowledged batch; head is that of the snapshot it was read from.
	Published(events []Event, head Head)
	// PublishFailed follows each failure.
	PublishFailed(err error)
	// CaughtUp follows each time that there was nothing more to publish.
	CaughtUp(place Cursor)
}

// Run publishes what is new until ctx ends. A failure is logged and tried again: the log keeps what
// waits.
func (r *Relay) Run(ctx context.Context) error {
	defer func() {
		if r.next != nil {
			<-r.next.done
		}
		r.leave(ctx)
	}()
	wait := time.Duration(0)
	for ctx.Err() == nil {
		grown := r.Log.Changed()
		n, err := r.runOnce(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			r.located, r.batch = false, 1
			r.Observer.PublishFailed(err)
			if wait = min(max(2*wait, 50*time.Millisecond), relayRetry); n > 0 { // it comes on
				wait = 50 * time.Millisecond
			}
			if !errors.Is(err, ErrLostPlace) {
				r.Logger.Warn("events wait in the log", "err", err, "retry_in", wait.String())
			}
			sleep(ctx, wait/2+rand.N(wait/2+1))
		case n == 0:
			wait = 0
			r.idle(ctx, grown)
		default:
			wait = 0
		}
	}
	return ctx.Err()
}

const (
	relayKeep = 30 * 24 * time.Hour
	relayLook = 30 * time.Second
)

// idle waits until the log has grown, the stream should be looked at, or the place saved.
func (r *Relay) idle(ctx context.Context, grown <-chan struct{}) {
	wait := r.untilLook()
	if r.mark() != r.saved {
		wait = min(wait, markRest-time.Since(r.moved))
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-grown:
	case <-ctx.Done():
	case <-timer.C:
	}
}

// untilLook is how long the end of the stream need not be looked at. Somebody may have purged or cut the stream, or
// changed its bounds, and the answers to what is published do not tell.
func (r *Relay) untilLook() time.Duration {
	return cmp.Or(r.Look, relayLook) - time.Since(r.looked)
}

// runOnce publishes one batch, and says how many of its events are in the stream, also if the others are not.
func (r *Relay) runOnce(ctx context.Context) (int, error) {
	if !r.located || r.untilLook() <= 0 {
		if err := r.locate(ctx); err != nil {
			return 0, err
		}
	}
	if r.batch == 0 {
		r.batch = relayBatch
	}
	records, head, err := r.read(ctx)
	if err != nil {
		return 0, fmt.Errorf("read what is to be published: %w", err)
	}
	if head.Epoch != r.place.Epoch {
		r.located = false // the log has begun a new epoch since
		return 1, nil
	}
	if len(records) == 0 {
		r.Observer.CaughtUp(r.place)
		r.erase(ctx)
		return 0, r.save(ctx)
	}
	events := make([]Event, len(records))
	prev := r.place.Seq
	for i := range records {
		events[i] = Event{Record: records[i], Epoch: head.Epoch, Prev: prev}
		events[i].Source = cmp.Or(SourceIn(events[i].Identifier), events[i].Source) // a rename moves no subject
		events[i].HeadSeen = At(Cursor{Epoch: head.Epoch, Seq: records[i].Seq}, head.Seq).Seen
		prev = records[i].Seq
	}
	if len(records) == r.batch && r.batch == relayBatch { // there is more, if it is as it was
		r.next = r.readAfter(ctx, Cursor{Epoch: head.Epoch, Seq: prev}, relayBatch)
	}
	tail, err := r.Publisher.Publish(ctx, r.tail, events)
	n := acknowledged(events, tail)
	if n > 0 {
		r.tail, r.place, r.moved = tail, tail.Cursor, time.Now()
		r.Observer.Published(events[:n], head)
	}
	if err != nil {
		return n, err
	}
	r.batch = min(2*r.batch, relayBatch)
	return n, r.save(ctx)
}

// acknowledged is how many of the events are in the stream, as far as is known.
func acknowledged(events []Event, tail Tail) int {
	n := 0
	for n < len(events) && tail.Epoch == events[n].Epoch && events[n].Seq <= tail.Seq {
		n++
	}
	return n
}

// locate finds out how far the stream has come, and whether it has come further than the log: then
// the log has gone back, and a new epoch begins.
func (r *Relay) locate(ctx context.Context) error {
	tail, err := r.Publisher.Tail(ctx)
	if err != nil {
		return err
	}
	mark, err := r.Log.Mark(ctx)
	if err != nil {
		return err
	}
	epochs, err := r.Log.Epochs(ctx)
	if err != nil {
		return err
	}
	head, err := r.Log.Head(ctx)
	if err != nil {
		return err
	}
	foreign := ahead(tail, epochs, head)
	if !foreign {
		if foreign, err = r.diverged(ctx, tail, head); err != nil {
			return err
		}
	}
	if foreign {
		why := fmt.Sprintf("the event stream ends with %s of %s, which is not in the log", tail.Cursor, tail.Datestamp.Format(time.RFC3339))
		if err := r.Log.NewEpoch(ctx, Head{Cursor: tail.Cursor, Datestamp: tail.Datestamp}, why); err != nil {
			return err
		}
		if head, err = r.Log.Head(ctx); err != nil {
			return err
		}
	}
	r.tail, r.saved = tail, mark
	place := Cursor{Epoch: head.Epoch}
	switch {
	case tail.Epoch == head.Epoch:
		// What is really there decides, whatever number the stream has come to: newer messages may be lost
		// with the broker's machine. Messages expire from the oldest on, so none that is newer has expired.
		place.Seq = tail.Seq
	case mark.Epoch == head.Epoch && r.expired(mark, tail):
		place.Seq = mark.Seq
	}
	r.tellCut(place)
	r.place = place
	r.located, r.looked = true, time.Now()
	return nil
}

// tellCut tells of it if the stream goes back to this place. A relay that starts knows from the mark how far the
// stream had come; later only its own place counts, so that it tells of each cut once.
func (r *Relay) tellCut(place Cursor) {
	had := r.place
	if had.Epoch != place.Epoch {
		had = r.saved.Cursor
	}
	if had.Epoch != place.Epoch || had.Seq <= place.Seq {
		return
	}
	r.Logger.Warn("the event stream has lost messages; they are published again", "from", place, "to", had)
	r.Observer.PublishFailed(fmt.Errorf("%w: it ended with %s, and ends with %s now", ErrCut, had, place))
}

// expired says whether a stream that holds nothing of this epoch any more had what the mark stands for, and has
// kept it for as long as it should. Else it was purged, or lost: then all is published again.
func (r *Relay) expired(mark Mark, tail Tail) bool {
	if tail.Cursor != (Cursor{}) || mark.StreamSeq > tail.StreamSeq {
		return false
	}
	return time.Since(mark.Saved) > cmp.Or(r.Keep, relayKeep)-markSlack
}

// markSlack is how much later than the event that it stands for a mark may have been saved.
const markSlack = 2 * markInterval

// ahead says whether the stream holds an event that this log never gave out, or one that was read when the log had come
// further than it ever has.
func ahead(tail Tail, epochs []Cursor, head Head) bool {
	if tail.Cursor == (Cursor{}) {
		return false
	}
	seen := max(tail.Seq, tail.Seen)
	if tail.Epoch == head.Epoch {
		return seen > head.Seq
	}
	for _, e := range epochs {
		if e.Epoch == tail.Epoch {
			return seen > e.Seq
		}
	}
	return true
}

// diverged says whether the stream's last event is one of another history than the log's, though the
// log has given out its seq: an older state of the machine was put back, mark and all, and the log has
// grown beyond what it lost before a broker was there to compare with. What was given out again was
// given out later, so the datestamp tells. Where the stream had not come to what is lost, the relay has seen it: records
// that had moved on there are back behind the relay, at places that it had passed.
func (r *Relay) diverged(ctx context.Context, tail Tail, head Head) (bool, error) {
	if tail.Cursor == (Cursor{}) || tail.Epoch != head.Epoch {
		return false, nil
	}
	at, err := r.Log.Stamped(ctx, tail.Seq)
	if err != nil || !at.Equal(tail.Datestamp) || tail.Seen == 0 {
		return err == nil && !at.Equal(tail.Datestamp), err
	}
	seen, err := r.Log.Stamped(ctx, tail.Seen)
	return err == nil && seen.IsZero(), err
}

// mark is the relay's place, as it was saved if it has not moved since.
func (r *Relay) mark() Mark {
	return Mark{Cursor: r.place, StreamSeq: r.tail.StreamSeq, Saved: r.saved.Saved}
}

// save writes the place down when there is nothing else to do, and from time to time. A relay that keeps up with a harvest has
// nothing more to do after each page for a moment, and a transaction of its own, with its sync of the disk, costs as much as
// the page's.
func (r *Relay) save(ctx context.Context) error {
	if r.mark() == r.saved || time.Since(r.when) < markInterval && time.Since(r.moved) < markRest {
		return nil
	}
	return r.write(ctx)
}

// leave writes the place down for the relay that comes next.
func (r *Relay) leave(ctx context.Context) {
	if !r.located || r.mark() == r.saved {
		return
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), relayRetry)
	defer cancel()
	if err := r.write(last); err != nil {
		r.Logger.Debug("the relay ends", "err", err) // the stream itself says how far it has come
	}
}

func (r *Relay) write(ctx context.Context) error {
	m := r.mark()
	m.Saved = time.Now().UTC().Truncate(time.Second)
	if err := r.Log.SetMark(ctx, m); err != nil {
		return fmt.Errorf("save the relay's place: %w", err)
	}
	r.saved, r.when = m, time.Now()
	return nil
}

// sleep waits, but not longer than ctx.
func sleep(ctx context.Context, d time.Duration) { sleepUntil(ctx, nil, d) }

// sleepUntil waits, but not longer than ctx, nor when the channel is closed.
func sleepUntil(ctx context.Context, closed <-chan struct{}, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-closed:
	case <-ctx.Done():
	}
}
