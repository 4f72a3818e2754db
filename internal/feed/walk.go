package feed

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A piece of an answer is read at once: so many records, or so many bytes of them.
const (
	pieceRecords = 512
	pieceBytes   = 1 << 20
)

// A walk is the place of one follower in the log.
type walk struct {
	door *Door
	q    *request
	r    *http.Request

	epoch int64 // of the place; 0 until the log was read for the first time
	after int64 // all up to here was told, or is not wanted
	seen  int64 // the greatest seq of a head that the log was read under
	upto  int64 // all that is wanted up to here is in what was read last
	prev  int64 // the seq of the line before
	head  pipeline.Head
	live  int64 // records, when the walk was at the head
	atEnd bool  // nothing stood behind after when the log was read last
	// removals is what the door had counted before the log was read last.
	removals int64
	ahead    *piece // what is read while what was read last is written; nil if nothing is
}

// A piece is a part of the log, or what is being read of it.
type piece struct {
	wanted   pipeline.Wanted
	removals int64 // what the door had counted before
	done     chan struct{}
	page     pipeline.Changes
	err      error
}

func (d *Door) newWalk(q *request, r *http.Request) *walk {
	return &walk{door: d, q: q, r: r, epoch: q.after.Epoch, after: q.after.Seq, seen: q.after.Seen, prev: q.after.Seq}
}

// place is where the follower goes on.
func (w *walk) place() pipeline.Position { return w.at(w.after) }

// at is the place behind what stands at a seq.
func (w *walk) at(seq int64) pipeline.Position {
	return pipeline.At(pipeline.Cursor{Epoch: w.epoch, Seq: seq}, w.seen)
}

// read gives the next changes, at most limit. The error is a problem if the place is not in the log (any more).
func (w *walk) read(limit int) ([]pipeline.Event, error) {
	if err := w.door.o.Limits.Turn(w.r); err != nil {
		return nil, err
	}
	p := w.take(w.q.wanted(w.place(), min(limit, pieceRecords)))
	page, err := p.page, p.err
	w.removals = p.removals
	switch {
	case errors.Is(err, pipeline.ErrLost):
		return nil, w.door.gone("The log was put back to an earlier state, and what stood at this place is lost.", &page.Head)
	case err != nil:
		return nil, err
	case w.epoch == 0:
		w.epoch = page.Head.Epoch
	case w.epoch != page.Head.Epoch && w.q.after == (pipeline.Position{}) && w.prev == 0: // nothing was told yet
		w.epoch, w.after, w.seen = 0, 0, 0
		return w.read(limit)
	case w.epoch != page.Head.Epoch:
		return nil, w.door.gone("It is one of another epoch: of another gateway, or of a history of this log that has ended.", &page.Head)
	case max(w.after, w.seen) > page.Head.Seq:
		return nil, w.door.gone("It is larger than that of the last change, or has seen more of the log than there is.", &page.Head)
	}
	w.seen = page.Head.Seq
	w.head, w.live, w.upto, w.atEnd = page.Head, page.Live, page.Upto, page.Upto == page.Head.Seq
	events := make([]pipeline.Event, 0, len(page.Records))
	for i := range page.Records {
		ev := pipeline.Event{Record: page.Records[i], Epoch: w.epoch}
		ev.NameSource()
		if w.q.source == "" || w.q.source == ev.Source || w.q.source == page.Records[i].Source {
			events = append(events, ev)
		}
	}
	if len(events) == 0 {
		w.after = w.upto
	} else if left := limit - len(events); left > 0 && !w.atEnd {
		w.ahead = w.begin(w.q.wanted(w.at(w.upto), min(left, pieceRecords)))
	}
	return events, nil
}

// begin reads a piece in the background.
func (w *walk) begin(what pipeline.Wanted) *piece {
	p := &piece{wanted: what, removals: w.door.removals.Load(), done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.page, p.err = w.door.o.Log.Changes(w.r.Context(), what)
	}()
	return p
}

// take gives a piece, which may have been read already. If something was taken down since then, it is read again: what is
// written must be as it was after the last removal.
func (w *walk) take(what pipeline.Wanted) *piece {
	p := w.ahead
	w.settle()
	if p == nil || p.wanted != what || p.err != nil || p.removals != w.door.removals.Load() {
		p = w.begin(what)
		<-p.done
	}
	return p
}

// settle waits until nothing is being read any more.
func (w *walk) settle() {
	if w.ahead != nil {
		<-w.ahead.done
		w.ahead = nil
	}
}

// sleep waits until the log has grown since the channel was taken, but not longer than for d.
func (w *walk) sleep(grown <-chan struct{}, d time.Duration) (more bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	w.door.o.Limits.Rest(w.r, func() {
		select {
		case <-grown:
			more = true
		case <-timer.C:
		case <-w.door.closed:
		case <-w.r.Context().Done():
		}
	})
	return more
}

// next reads until there is something to tell, or the time to wait is over.
func (w *walk) next(limit int) ([]pipeline.Event, error) {
	for until := time.Now().Add(w.q.wait); ; {
		grown := w.door.o.Log.Changed()
		events, err := w.read(limit)
		if err != nil || len(events) > 0 || !w.atEnd {
			return events, err
		}
		left := time.Until(until)
		if left <= 0 || !w.sleep(grown, left) {
			return nil, context.Cause(w.r.Context())
		}
	}
}
