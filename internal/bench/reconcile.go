package main

import (
	"context"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// reconcile measures how long it takes to hold the list of a source against the log: everything is listed, over HTTP, and
// nothing lacks.
func (b *bench) reconcile(ctx context.Context) error {
	b.provider.still.Store(true)
	defer b.provider.still.Store(false)
	clean, used, start := newPeak(), processorTime(), time.Now()
	var last control.HarvestLine
	if err := b.client.Harvest(ctx, "synthetic", pipeline.Order{Reconcile: true}, func(l *control.HarvestLine) error { last = *l; return nil }); err != nil {
		return err
	}
	took, used := time.Since(start), processorTime()-used
	if c := last.Reconciled; c == nil || int(c.Listed) != b.records || c.Found+c.Missing+c.Extra != 0 {
		return fmt.Errorf("the reconciliation ended %s: %s%s, %+v", last.Result, last.Why, last.Error, c)
	}
	b.aim("reconciliation, identifiers listed and compared", float64(b.records)/took.Seconds(), "/s", 1_000_000/60.0)
	b.add("  processor time each", float64(used.Microseconds())/float64(b.records), "µs")
	if clean {
		b.add("  peak memory of the process", resident("VmHWM"), "MB")
	}
	return nil
}
