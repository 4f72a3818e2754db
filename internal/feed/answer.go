package feed

import (
	"context"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const (
	// chunk is how much is written at once. Before each write the door looks whether something was taken down since it
	// was read, so a reader that is slow gets no more of it than this.
	chunk = 64 << 10
	// idlePieces is how many pieces are read of which the filters leave nothing, before the follower is told how far that
	// was.
	idlePieces = 64
	// alive is how long a stream says nothing.
	alive = 20 * time.Second
)

func (d *Door) serveChanges(w http.ResponseWriter, r *http.Request) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // that of the request, which is whole; else waiting would end with it
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Add("Link", "<"+d.o.URL+SchemaPath+`>; rel="describedby"`)
	h.Set("Vary", "Accept, Accept-Encoding")
	q, wrong := parse(r)
	if wrong != nil {
		wrong.write(w)
		return
	}
	a := &answer{walk: d.newWalk(q, r), w: w, h: h}
	defer a.end()
	var err error
	switch {
	case r.Method == http.MethodHead:
		if _, err = a.walk.read(1); err == nil {
			a.begin()
		}
	case q.stream:
		err = a.stream(r.Context())
	default:
		err = a.lines(r.Context())
	}
	if err != nil && r.Context().Err() == nil && !a.begun {
		asProblem(err).write(w)
	}
	// An answer that has begun ends without its last line, by which the follower knows that it was cut.
}

// An answer is written to one follower.
type answer struct {
	*walk
	w      http.ResponseWriter
	h      http.Header
	zip    *gzip.Writer // nil if nobody asked for it
	buf    []byte
	told   int64 // the head that the follower knows to have read under
	begun  bool
	served int
}

func (a *answer) begin() {
	if a.begun {
		return
	}
	a.begun = true
	if a.q.stream {
		a.h.Set("Content-Type", "text/event-stream")
		a.h.Set("X-Accel-Buffering", "no") // nginx would keep events back
	} else {
		a.h.Set("Content-Type", "application/x-ndjson")
		if web.Gzip(a.h, a.r) {
			a.zip = web.NewGzip(a.w)
		}
	}
	a.w.WriteHeader(http.StatusOK)
}

// end charges what was served.
func (a *answer) end() {
	a.settle()
	a.door.o.Limits.Served(a.r, a.served)
}

// lines answers with lines up to the limit or the head, and a last one.
func (a *answer) lines(ctx context.Context) error {
	idle := 0
	for left := a.q.limit; left > 0; left = a.q.limit - a.served {
		var events []pipeline.Event
		var err error
		if a.begun || idle > 0 {
			events, err = a.read(left)
		} else {
			events, err = a.next(left)
		}
		if err != nil {
			if asProblem(err).Status == http.StatusServiceUnavailable && a.begun {
				break // what was told is right; the follower asks for the rest
			}
			return err
		}
		if err := a.write(events); err != nil {
			return err
		}
		if idle++; len(events) > 0 {
			idle = 0
		}
		if a.atEnd && a.after == a.upto || idle == idlePieces || a.door.over(ctx) {
			break
		}
	}
	a.begin()
	a.buf = append(a.last(a.buf[:0]), '\n')
	if err := a.flush(); err != nil || a.zip == nil {
		return err
	}
	return a.zip.Close()
}

// write writes changes that were read, unless something was taken down meanwhile: then the rest of them is left, to
// be read again.
func (a *answer) write(events []pipeline.Event) error {
	x := a.q.with
	a.buf = a.buf[:0]
	told := a.after // with what is in the buffer
	n, seen := 0, a.seen
	if len(events) > 0 && events[0].Seq < seen && a.told != seen {
		x.Seen = seen
	} else {
		seen = a.told
	}
	for i := range events {
		ev := &events[i]
		if ev.Prev = a.prev; n > 0 {
			ev.Prev = told
		}
		if a.q.stream {
			a.buf = append(append(append(a.buf, "event: record\nid: "...), a.at(ev.Seq).String()...), "\ndata: "...)
		}
		a.buf = a.door.enc.AppendLine(a.buf, ev, x)
		if x.Seen = 0; a.q.stream {
			a.buf = append(a.buf, '\n')
		}
		told, n = ev.Seq, n+1
		if len(a.buf) < chunk && i < len(events)-1 {
			continue
		}
		if a.door.removals.Load() != a.removals {
			return nil
		}
		if err := a.flush(); err != nil {
			return err
		}
		a.after, a.prev, a.told = told, told, seen
		a.served += n
		a.buf, n = a.buf[:0], 0
	}
	a.after = a.upto
	return nil
}

// flush sends what is in the buffer.
func (a *answer) flush() (err error) {
	a.begin()
	if a.zip == nil {
		_, err = a.w.Write(a.buf)
	} else if _, err = a.zip.Write(a.buf); err == nil {
		err = a.zip.Flush()
	}
	return err
}

// last appends what an answer ends with: the head under which its last records were read, and where to go on.
func (a *answer) last(dst []byte) []byte {
	dst = append(dst, `{"head":{"epoch":"`...)
	dst = strconv.AppendInt(dst, a.head.Epoch, 10)
	dst = append(dst, `","seq":"`...)
	dst = strconv.AppendInt(dst, a.head.Seq, 10)
	dst = append(dst, `","datestamp":"`...)
	dst = append(changejson.AppendTime(dst, a.head.Datestamp), '"')
	if !a.head.DigestPending {
		dst = append(dst, `,"digest":"`...)
		dst = append(hex.AppendEncode(dst, a.head.Digest[:]), '"')
	}
	more := a.after < a.head.Seq
	if !more {
		dst = append(dst, `,"records":`...)
		dst = strconv.AppendInt(dst, a.live, 10)
	}
	dst = append(dst, `},"next":"`...)
	dst = append(dst, a.place().String()...)
	dst = append(dst, `","more":`...)
	return append(strconv.AppendBool(dst, more), '}')
}

// stream answers with events until the follower goes, or the gateway stops.
func (a *answer) stream(ctx context.Context) error {
	told := pipeline.Position{} // the place that the follower was told last
	for {
		grown := a.door.o.Log.Changed()
		events, err := a.read(pieceRecords)
		if p := asProblemOrNil(err); p != nil && p.Status == http.StatusServiceUnavailable && a.begun && ctx.Err() == nil {
			a.sleep(nil, p.retry) // others are before us
			if a.door.over(ctx) {
				return nil
			}
			continue
		}
		if err != nil {
			return err
		}
		if err := a.write(events); err != nil {
			return err
		}
		if a.door.over(ctx) {
			return nil
		}
		if !a.atEnd || a.after < a.upto {
			continue
		}
		if told != a.place() {
			told = a.place()
			a.buf = append(append(append(a.buf[:0], "event: head\nid: "...), told.String()...), "\ndata: "...)
			a.buf = append(a.last(a.buf), "\n\n"...)
			if err := a.send(); err != nil {
				return err
			}
		}
		for !a.sleep(grown, alive) {
			if a.door.over(ctx) {
				return nil
			}
			a.buf = append(a.buf[:0], ":\n\n"...)
			if err := a.send(); err != nil {
				return err
			}
		}
	}
}

// send sends what is in the buffer at once.
func (a *answer) send() error {
	if err := a.flush(); err != nil {
		return err
	}
	return http.NewResponseController(a.w).Flush()
}

func asProblemOrNil(err error) *problem {
	if err == nil {
		return nil
	}
	return asProblem(err)
}
