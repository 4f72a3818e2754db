package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// remap measures new rules over all the originals that a log keeps: rules that change a term of each
// record, then some that change one record in a hundred. The log is one of its own, of which nothing
// is published: events cost the same whatever made them.
func (b *bench) remap(ctx context.Context) (err error) {
	const everybody = `publisher is "Publisher of all"`
	old, err := mapping()
	if err != nil {
		return err
	}
	dir := filepath.Join(b.dir, "remap")
	log, err := sqlite.Open(ctx, dir, sqlite.Options{Namespace: "bench.example.org"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close(), os.RemoveAll(dir)) }()
	src := &pipeline.Source{Name: "synthetic", Harvest: &shelf{b.records}, Mapper: by(old)}
	runner := &pipeline.Runner{Log: log, Namespace: "bench.example.org", Observer: unheard{}, Logger: slog.Default()}
	if report, err := runner.Run(ctx, src, pipeline.Order{Full: true}); err != nil || report.Counts.Added != int64(b.records) {
		return fmt.Errorf("the harvest added %d records of %d: %w", report.Counts.Added, b.records, err)
	}
	for _, r := range []struct {
		name    string
		lines   []string
		changes int
		aim     float64
	}{
		{"every record changes", []string{everybody}, b.records, 15_000},
		{"one in a hundred changes", []string{everybody, `audience is "Readers of some" where identifier matches "00$"`}, (b.records - 1) / 100, 0},
	} {
		m, err := mapping(r.lines...)
		if err != nil {
			return err
		}
		clean, used, start := newPeak(), processorTime(), time.Now()
		report, err := (&pipeline.Remapper{Log: log, Source: src, Mapper: by(m)}).Apply(ctx)
		if err != nil {
			return err
		}
		took, used := time.Since(start), processorTime()-used
		if int(report.Changed) != r.changes || int(report.Changed+report.Same) != b.records {
			return fmt.Errorf("the remap changed %d records of %d, and left %d as they were", report.Changed, b.records, report.Same)
		}
		b.aim("remap, "+r.name, float64(b.records)/took.Seconds(), "records/s", r.aim)
		b.add("  time of all processors", float64(used.Microseconds())/float64(b.records), "µs/record")
		if clean {
			b.add("  memory, peak resident", resident("VmHWM"), "MB")
		}
	}
	return nil
}

// by makes rules of a mapping alone.
func by(m mapper) *rules.Rules { return &rules.Rules{Source: "synthetic", Crosswalk: m} }

// A mapper runs a mapping.
type mapper struct{ *crosswalk.Mapping }

// mapping is the rules built in for oai_dc, and others beside them.
func mapping(lines ...string) (mapper, error) {
	text := "format oai_dc\ninclude oai_dc.map\n"
	for _, l := range lines {
		text += l + "\n"
	}
	m, err := crosswalk.Compile("bench.map", []byte(text))
	return mapper{m}, err
}

func (m mapper) Map(item *harvest.Item) (*dublincore.Record, error) {
	r, err := m.Apply(crosswalk.Input{Original: item.Original})
	if err != nil {
		return nil, err
	}
	r.Record.Notes = r.Notes
	return r.Record, nil
}

// A shelf is a source of so many records, numbered, that costs no network.
type shelf struct{ records int }

func (s *shelf) Page(_ context.Context, at harvest.Cursor) (*harvest.Page, error) {
	from, _ := strconv.Atoi(string(at))
	to := min(from+pageSize, s.records)
	p := &harvest.Page{Full: true, Next: harvest.Cursor(strconv.Itoa(to)), Done: to == s.records}
	for i := from; i < to; i++ {
		p.Items = append(p.Items, harvest.Item{
			Key: fmt.Sprintf("item/%07d", i), Sets: []string{string('a' + rune(i%5))}, Original: appendOAIDC(nil, i, 0),
			Format: harvest.Format{Prefix: "oai_dc", Namespace: dublincore.NamespaceOAIDC, Schema: dublincore.SchemaOAIDC},
		})
	}
	return p, nil
}

// unheard is an observer of runs that says nothing.
type unheard struct{}

func (unheard) RunBegan(*pipeline.Run)                                               {}
func (unheard) PageCommitted(*pipeline.Run, *pipeline.Receipt, pipeline.Counts, int) {}
func (unheard) RunEnded(*pipeline.Run, *pipeline.Report)                             {}
