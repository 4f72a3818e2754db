package tracing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	maxBatch    = 512              // spans that are sent at once
	gather      = time.Second      // how long the first of them waits for others
	sendTimeout = 10 * time.Second // for one request
	sendRetry   = 30 * time.Second // the longest wait after a failure
	lastTry     = 2 * time.Second  // what is left at the end has this long
	maxAnswer   = 64 << 10         // bytes that are read of an answer
)

// errRefused says that a collector will not take the spans, however often they are sent.
var errRefused = errors.New("the collector refuses the spans")

// Run sends spans until ctx ends, and then those that are left, if the collector takes them at once. While the collector is
// away the newest spans are dropped as soon as the queue is full.
func (t *Tracer) Run(ctx context.Context) error {
	for {
		batch := t.gather(ctx)
		if ctx.Err() != nil {
			t.finish(context.WithoutCancel(ctx), batch)
			return ctx.Err()
		}
		t.deliver(ctx, batch)
	}
}

// gather waits for spans.
func (t *Tracer) gather(ctx context.Context) (batch []*span) {
	var enough <-chan time.Time
	for len(batch) < maxBatch {
		select {
		case s := <-t.queue:
			if batch = append(batch, s); enough == nil {
				timer := time.NewTimer(gather)
				defer timer.Stop()
				enough = timer.C
			}
		case <-enough:
			return batch
		case <-ctx.Done():
			return batch
		}
	}
	return batch
}

// deliver sends a batch, again and again while the collector may yet take it. It says once that the collector is away, and
// once that it is back.
func (t *Tracer) deliver(ctx context.Context, batch []*span) {
	// A request that is under way is not cut off at once: the collector may have what it would be sent again.
	sending, cutOff := context.WithCancel(context.WithoutCancel(ctx))
	defer cutOff()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(lastTry, cutOff) })()
	wait := time.Duration(0)
	for {
		err := t.post(sending, batch)
		switch {
		case err == nil:
			if wait > 0 {
				t.options.Logger.Info("traces are sent again", "collector", t.options.URL)
			}
			return
		case errors.Is(err, errRefused):
			t.dropped.Add(int64(len(batch)))
			t.options.Logger.Warn("traces are dropped", "collector", t.options.URL, "spans", len(batch), "err", err)
			return
		case ctx.Err() != nil:
			t.finish(context.WithoutCancel(ctx), batch)
			return
		case wait == 0:
			t.options.Logger.Warn("traces wait for the collector, and are dropped when too many wait", "collector", t.options.URL, "err", err)
		}
		wait = min(max(2*wait, time.Second), sendRetry)
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// finish sends what is left, or counts it as dropped.
func (t *Tracer) finish(ctx context.Context, left []*span) {
	ctx, cancel := context.WithTimeout(ctx, lastTry)
	defer cancel()
	for range len(t.queue) {
		left = append(left, <-t.queue)
	}
	for batch := range slices.Chunk(left, maxBatch) {
		if t.post(ctx, batch) != nil {
			t.dropped.Add(int64(len(batch)))
		}
	}
}

// post sends a batch once.
func (t *Tracer) post(ctx context.Context, batch []*span) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(t.options.URL, "/")+"/v1/traces", bytes.NewReader(t.encode(batch)))
	if err != nil {
		return fmt.Errorf("%w: %w", errRefused, err)
	}
	for name, values := range t.options.Header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	res, err := t.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	switch {
	case res.StatusCode/100 == 2:
		lost := min(rejected(answer), int64(len(batch)))
		t.dropped.Add(lost)
		t.sent.Add(int64(len(batch)) - lost)
		return nil
	case err != nil:
		return err
	case slices.Contains([]int{http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}, res.StatusCode):
		return errors.New(res.Status) // as the protocol has it: these may be sent again, and no others
	default:
		return fmt.Errorf("%w: %s", errRefused, res.Status)
	}
}
