package events

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// On a replicated stream a message can't name the message id that it follows: a server that comes back by
// catching up knows no last id, refuses the next entry of the Raft log, and stops being a replica for good (seen on
// 2.15.2 in each of four rolling restarts). And the number alone names no predecessor: of the messages that a stale
// relay left on the line, all but the first would fit behind whatever another relay has published meanwhile.
//
// So there the events go in batches that the stream takes whole or not at all. Only the first message of a batch
// names a number, and the stream looks at it when the batch is complete: if anything has been published since the
// batch was made, nothing of it lands.

// batchMost is how many events a batch may have. Servers take 1,000 unless they are told otherwise.
const batchMost = 256

const (
	headerBatchID     = "Nats-Batch-Id"
	headerBatchSeq    = "Nats-Batch-Sequence"
	headerBatchCommit = "Nats-Batch-Commit"
)

// takesBatches reports whether a server of this version knows batches: 2.12 was the first.
func takesBatches(version string) bool {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	a, errA := strconv.Atoi(major)
	b, errB := strconv.Atoi(minor)
	return errA == nil && errB == nil && (a > 2 || a == 2 && b >= 12)
}

// useBatches notes whether the stream takes batches. Where a replicated one doesn't, the server is too old: then the
// number of the last message is the only fence against a stale relay, and that is told.
func (c *Client) useBatches(allowed bool) {
	use := allowed && c.o.Replicas > 1
	if was := c.batches.Swap(use); c.o.Replicas > 1 && !use && (was || !c.toldNoBatches.Swap(true)) {
		c.log.Warn("the NATS servers are older than 2.12 and take no batches; two gateways on one log at the same time could put an event into the stream late", "server_version", c.nc.ConnectedServerVersion())
	}
}

// flyInBatches sends batch after batch, each when the one before it is in the stream.
func (f *flight) flyInBatches(ctx context.Context, lost <-chan struct{}) error {
	for f.acked < len(f.events) {
		f.batchEnd = min(f.acked+min(batchMost, f.c.o.Window), len(f.events))
		if err := f.sendBatch(); err != nil {
			return err
		}
		if err := f.awaitBatch(ctx, lost); err != nil {
			return err
		}
	}
	return nil
}

// sendBatch sends the events from the last acknowledged one to the end of the batch. Only the first and the last are
// answered.
func (f *flight) sendBatch() error {
	first := f.acked
	id := fmt.Sprintf("%s%d.%d", f.c.inbox, f.c.call, first)
	for i := first; i < f.batchEnd; i++ {
		m := f.c.message(&f.events[i], f.after.StreamSeq+uint64(i), "", i)
		f.c.inBatch(m, id, i-first+1, i+1 == f.batchEnd)
		f.sent = i + 1
		if err := f.c.nc.PublishMsg(m); err != nil {
			return f.c.classify(context.Background(), err)
		}
	}
	return nil
}

// inBatch makes the client's one message the n-th of a batch.
func (c *Client) inBatch(m *nats.Msg, id string, n int, last bool) {
	s := &c.scratch
	s.header[hBatchID][0], s.header[hBatchSeq][0] = id, strconv.Itoa(n)
	m.Header[headerBatchID], m.Header[headerBatchSeq] = s.header[hBatchID], s.header[hBatchSeq]
	if n > 1 {
		delete(m.Header, headerLastSeq)
	} else {
		m.Header[headerLastSeq] = s.header[hLastSeq]
	}
	if last {
		m.Header[headerBatchCommit] = s.header[hBatchCommit]
	} else {
		delete(m.Header, headerBatchCommit)
	}
	if n > 1 && !last {
		m.Reply = ""
	}
}

// awaitBatch waits until the batch is in the stream, or is known not to be, or nothing more can be known.
func (f *flight) awaitBatch(ctx context.Context, lost <-chan struct{}) error {
	began, most := time.Now(), f.c.patience.time()
	timer := time.NewTimer(most)
	defer timer.Stop()
	cancelled := ctx.Done()
	for f.acked < f.batchEnd && f.err == nil {
		select {
		case m := <-f.c.acks:
			f.hear(m)
		case <-lost:
			f.hearMore()
			if f.acked < f.batchEnd {
				f.fail(f.acked, f.c.because(ErrNotConnected))
			}
		case <-timer.C:
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			f.fail(f.acked, f.c.because(fmt.Errorf("%w within %v", errTimeout, most)))
		case <-cancelled: // what is sent may still be answered
			cancelled = nil
			timer.Reset(min(settle, f.c.o.Timeout))
		}
	}
	if f.acked == f.batchEnd {
		f.c.patience.answered(time.Since(began))
	}
	if f.acked == f.batchEnd && f.acked < len(f.events) && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return f.err
}

// hearOfBatch takes an answer to the first message of a batch, which says nothing if all is well, or to the last.
func (f *flight) hearOfBatch(m *nats.Msg, index int) {
	if len(m.Data) == 0 && m.Header.Get("Status") == "" {
		return
	}
	a := f.c.parseAck(m)
	want := f.after.StreamSeq + uint64(f.batchEnd)
	switch {
	case a.err != nil:
		f.fail(index, a.err)
	case index+1 != f.batchEnd || a.seq != want:
		f.fail(index, fmt.Errorf("%w: the batch ends with number %d, not %d", pipeline.ErrLostPlace, a.seq, want))
	default:
		f.reach(f.batchEnd)
	}
}
