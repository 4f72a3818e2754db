package main

import (
	"context"
	"regexp"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// An everydayPace is the pace of a source in everyday life: a small page from time to time. The zero value holds nobody up.
type everydayPace struct {
	on     atomic.Bool
	served atomic.Int64 // records since it was turned on
	began  atomic.Int64 // when it was turned on, in nanoseconds
}

const (
	pacePage = 50
	paceTime = 50 * time.Millisecond // with pacePage: 1,000 records a second
	paced    = 15_000                // records at that pace
)

// page is how many records the next page has. It waits until it may be sent.
func (p *everydayPace) page(ctx context.Context, whole int) int {
	if !p.on.Load() {
		return whole
	}
	// A page that is late doesn't make the next ones late.
	due := time.Unix(0, p.began.Load()).Add(time.Duration(p.served.Add(pacePage)/pacePage) * paceTime)
	select {
	case <-time.After(time.Until(due)):
	case <-ctx.Done():
	}
	return pacePage
}

var publishedTotal = regexp.MustCompile(`(?m)^sheaf_events_published_total\{op="upserted"\} (\S+)$`)

// publish measures the way of events: how long each takes at 1,000 changes a second, and how many a second go out of a
// log that is full, into a stream that has none of them. (A new epoch publishes every record again.)
func (b *bench) publish(ctx context.Context) error {
	if err := b.everyday(ctx); err != nil {
		return err
	}
	sent, err := b.metric(ctx, publishedTotal)
	if err != nil {
		return err
	}
	if _, err := b.client.Epoch(ctx, false); err != nil {
		return err
	}
	// The relay sees the new epoch when it looks at the stream next, up to half a minute later. What it publishes counts
	// from the first look that finds events.
	var start time.Time
	first, now := sent, sent
	for now < sent+float64(b.records) {
		time.Sleep(250 * time.Millisecond) // each look asks the broker too
		if now, err = b.metric(ctx, publishedTotal); err != nil {
			return err
		}
		if start.IsZero() && now > sent {
			start, first = time.Now(), now
		}
	}
	if took := time.Since(start).Seconds(); now > first {
		b.aim("events published from a full log", (now-first)/took, "events/s", 60_000)
	}
	return nil
}

// everyday harvests at 1,000 changes a second for a while, and the rest at once.
func (b *bench) everyday(ctx context.Context) error {
	slow := &b.provider.slow
	before, err := b.buckets(ctx)
	if err != nil {
		return err
	}
	slow.served.Store(0)
	slow.began.Store(time.Now().UnixNano())
	slow.on.Store(true)
	b.provider.revision.Add(1)
	ended := make(chan error, 1)
	start := time.Now()
	go func() {
		_, err := b.harvestOnce(ctx, "synthetic", pipeline.Counts{Updated: int64(b.records)})
		ended <- err
	}()
	for n := int64(0); n < int64(min(paced, b.records)); n = slow.served.Load() {
		time.Sleep(5 * time.Millisecond)
	}
	rate := float64(slow.served.Load()) / time.Since(start).Seconds()
	after, err := b.buckets(ctx)
	slow.on.Store(false)
	if err2 := <-ended; err == nil {
		err = err2
	}
	if err != nil {
		return err
	}
	b.quantiles(strconv.Itoa(int(rate))+" changes/s", before, after, 50)
	return b.published(ctx)
}
