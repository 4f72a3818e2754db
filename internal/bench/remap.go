package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// mappingFile is the source's mapping; beside it is the built-in one that it includes.
const mappingFile = "bench.map"

// writeRules writes the source's rules: the built-in ones and others beside them.
func (b *bench) writeRules(lines ...string) error {
	text := "format oai_dc\ninclude oai_dc.map\n"
	for _, l := range lines {
		text += l + "\n"
	}
	return os.WriteFile(filepath.Join(b.dir, mappingFile), []byte(text), 0o600)
}

// remap measures new rules over all the originals that are kept: rules that change a term of each record,
// then some that change one record in a hundred. Events go out meanwhile.
func (b *bench) remap(ctx context.Context) error {
	publisher := `publisher is "Publisher of all"`
	for _, r := range []struct {
		name    string
		lines   []string
		changes int
		aim     float64
	}{
		{"every record changes", []string{publisher}, b.records, 15_000},
		{"one in a hundred changes", []string{publisher, `audience is "Readers of some" where identifier matches "00$"`}, (b.records - 1) / 100, 0},
	} {
		if err := b.writeRules(r.lines...); err != nil {
			return err
		}
		before, used, start := b.fromHere(), processorTime(), time.Now()
		report, err := b.runRemap(ctx)
		if err != nil {
			return err
		}
		took, peak := time.Since(start), resident("VmHWM")
		if int(report.Changed) != r.changes || int(report.Changed+report.Same) != b.records {
			return fmt.Errorf("the remap changed %d records of %d, and left %d as they were", report.Changed, b.records, report.Same)
		}
		b.aim("remap, "+r.name, float64(b.records)/took.Seconds(), "records/s", r.aim)
		if err := b.published(ctx); err != nil {
			return err
		}
		b.add("  until every event is acknowledged", float64(b.records)/time.Since(start).Seconds(), "records/s")
		b.add("  time of all processors, with the events", float64((processorTime()-used).Microseconds())/float64(b.records), "µs/record")
		if before > 0 {
			b.add("  memory at its peak, beyond that before", peak-before, "MB")
		}
	}
	return nil
}

func (b *bench) runRemap(ctx context.Context) (report *pipeline.RemapReport, err error) {
	err = b.client.Remap(ctx, app.RemapOrder{Source: "synthetic", Apply: true}, func(l *app.RemapLine) error {
		if l.Error != "" {
			return errors.New(l.Error)
		}
		report = l.Report
		return nil
	})
	if err == nil && report == nil {
		err = errors.New("the remap ended without a report")
	}
	return report, err
}
