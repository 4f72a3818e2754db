package main

import (
	"context"
	"fmt"
	"runtime"
	"syscall"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk"
)

const (
	mappedOriginals = 2_000                   // different ones of each format
	mappingTurn     = 1500 * time.Millisecond // of processor time, for each format
)

// mapping measures the built-in crosswalks on one core, from the bytes of an original to a record in
// memory. What counts is the time of the processor.
func (b *bench) mapping(ctx context.Context) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, f := range []struct {
		name, crosswalk string
		write           func(*author)
		aim             float64
	}{
		{"MARCXML", "marc21", marcXML, 20_000}, {"MODS", "mods", mods, 10_000}, {"oai_dc", "oai_dc", oaiDC, 60_000},
	} {
		m, err := crosswalk.Builtin(f.crosswalk)
		if err != nil {
			return err
		}
		records, bytes := originals(mappedOriginals, f.write), 0
		for _, r := range records {
			bytes += len(r)
		}
		rate, err := mapFor(ctx, m, records)
		if err != nil {
			return fmt.Errorf("map %s: %w", f.name, err)
		}
		b.aim(fmt.Sprintf("map %s (%.1f KB) to Dublin Core, one core", f.name, float64(bytes)/1024/mappedOriginals), rate, "records/s", f.aim)
	}
	if err := b.mapOwn(ctx); err != nil {
		return err
	}
	b.add("  as published: DPLA's mapping", 354, "records/s")
	b.add("  as published: metha's conversion, at best", 9_000, "records/s")
	return nil
}

// mapOwn measures the same with the records that are harvested, so that a harvest can be compared with it.
func (b *bench) mapOwn(ctx context.Context) error {
	m, err := crosswalk.Builtin("oai_dc")
	if err != nil {
		return err
	}
	records := make([][]byte, mappedOriginals)
	for i := range records {
		records[i] = appendOAIDC(nil, i, 0)
	}
	if b.mapped, err = mapFor(ctx, m, records); err != nil {
		return fmt.Errorf("map what is harvested: %w", err)
	}
	b.add("map the records that are harvested, one core", b.mapped, "records/s")
	return nil
}

// mapFor maps the records one after the other, again and again, and says how many a second.
func mapFor(ctx context.Context, m *crosswalk.Mapping, records [][]byte) (float64, error) {
	begin, n := processorTime(), 0
	for processorTime()-begin < mappingTurn {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		for _, r := range records {
			if _, err := m.Apply(crosswalk.Input{Original: r}); err != nil {
				return 0, err
			}
		}
		n += len(records)
	}
	return float64(n) / (processorTime() - begin).Seconds(), nil
}

// processorTime is what the process has used so far, of all cores.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
