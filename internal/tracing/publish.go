package tracing

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Stream is where events are published.
type Stream interface {
	pipeline.Publisher
	pipeline.Eraser
}

// Publisher traces what is published to a stream.
func (t *Tracer) Publisher(s Stream) Stream { return traced{s, t} }

type traced struct {
	Stream
	tracer *Tracer
}

// Publish implements [pipeline.Publisher].
func (p traced) Publish(ctx context.Context, after pipeline.Tail, events []pipeline.Event) (pipeline.Tail, error) {
	began := time.Now()
	tail, err := p.Stream.Publish(ctx, after, events)
	if len(events) > 0 {
		p.tracer.published(events, tail, err, pipeline.Stage{Began: began, Ended: time.Now()})
	}
	return tail, err
}

// published traces a batch, if one of its pages is traced. It ends what is traced of the pages whose last change is in the
// stream now.
func (t *Tracer) published(events []pipeline.Event, tail pipeline.Tail, err error, took pipeline.Stage) {
	first, last := &events[0], &events[len(events)-1]
	a := acknowledgement{tail.Cursor, took.Ended, begin()}
	within, whole := t.pages.take(first.Epoch, first.Seq, last.Seq, a)
	if len(within) == 0 && !t.chosen() {
		return
	}
	batch := &span{place: a.batch, name: "publish batch", kind: producer, began: took.Began, ended: took.Ended, failed: err != nil,
		attributes: []attribute{number("messaging.batch.message_count", int64(len(events))), text("messaging.system", "nats"),
			number("sheaf.epoch", first.Epoch), number("sheaf.seq.first", first.Seq), number("sheaf.seq.last", last.Seq), number("sheaf.seq.acknowledged", tail.Seq)}}
	for _, page := range within {
		batch.links = append(batch.links, page.place)
	}
	t.send(batch)
	for _, page := range whole {
		t.send(page.published(a))
	}
}

// committed is a page that is in the log: which part of it, and since when.
type committed struct {
	place
	epoch       int64
	first, last int64
	at          time.Time
}

// An acknowledgement says up to where the stream has the log, since when, and by which batch.
type acknowledgement struct {
	pipeline.Cursor
	at    time.Time
	batch place
}

// covers says whether all of a page is in the stream.
func (a acknowledgement) covers(c committed) bool { return a.Epoch == c.epoch && c.last <= a.Seq }

// published is the span of the time from a page's commit to the acknowledgement of its last event.
func (c committed) published(a acknowledgement) *span {
	ended := a.at
	if ended.Before(c.at) { // the relay was faster than the word of the commit
		ended = c.at
	}
	return &span{place: c.within(), parent: c.span, name: "publish", kind: producer, began: c.at, ended: ended, links: []place{a.batch}}
}

// maxPages bounds the traced pages whose changes are not in the stream yet.
const maxPages = 1024

// pages are the traced pages whose changes are not in the stream yet, in the order of the log. When there are too many, the
// oldest go without a span of their publishing.
type pages struct {
	mu   sync.Mutex
	all  []committed
	last acknowledgement
}

// add notes a page, unless the stream has it already.
func (p *pages) add(c committed) (_ acknowledgement, already bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last.covers(c) {
		return p.last, true
	}
	if len(p.all) == maxPages {
		p.all = slices.Delete(p.all, 0, 1)
	}
	p.all = append(p.all, c)
	return acknowledgement{}, false
}

// take gives the pages with changes among those from first to last, and takes out those that the stream has whole.
func (p *pages) take(epoch, first, last int64, a acknowledgement) (within, whole []committed) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = a
	p.all = slices.DeleteFunc(p.all, func(c committed) bool {
		if c.epoch == epoch && c.first <= last && c.last >= first {
			within = append(within, c)
		}
		if a.covers(c) {
			whole = append(whole, c)
		}
		return a.covers(c)
	})
	return within, whole
}
