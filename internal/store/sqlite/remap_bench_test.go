package sqlite

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// oaidcRules are real rules over oai_dc.
type oaidcRules struct{ *crosswalk.Mapping }

func (r oaidcRules) Map(item *harvest.Item) (*dublincore.Record, error) {
	res, err := r.Apply(crosswalk.Input{Original: item.Original})
	if err != nil {
		return nil, err
	}
	res.Record.Notes = res.Notes
	return res.Record, nil
}

// oaidcPage is a page of n records of the usual size.
func oaidcPage(from, n int) *harvest.Page {
	p := &harvest.Page{Full: true}
	for i := from; i < from+n; i++ {
		p.Items = append(p.Items, harvest.Item{
			Key: fmt.Sprint(i), Format: harvest.Format{Prefix: "oai_dc", Namespace: "http://www.openarchives.org/OAI/2.0/oai_dc/"},
			Original: fmt.Appendf(nil, `<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <dc:title>Record %d</dc:title><dc:creator>Author, %d</dc:creator><dc:date>%d-04</dc:date><dc:language>eng</dc:language><dc:type>Text</dc:type>
  <dc:description>%s</dc:description><dc:identifier>https://repository.example.org/%d</dc:identifier></oai_dc:dc>`, i, i%977, 1900+i%100, someText[:len(someText)-i*37%400], i),
		})
	}
	return p
}

// BenchmarkRemap runs rules with one changed term over kept originals: counting, and applying.
func BenchmarkRemap(b *testing.B) {
	const records = 100_000
	var versions []pipeline.Mapper
	for _, title := range []string{"", " | upper"} {
		m, err := crosswalk.Compile("ours.map", []byte("format oai_dc\ntitle from title"+title+"\ncreator from creator\ndate from date | date\nlanguage from language | language\ntype from type | type\ndescription from description\nidentifier from identifier\n"))
		if err != nil {
			b.Fatal(err)
		}
		versions = append(versions, by(oaidcRules{m}))
	}
	s, _ := benchStore(b)
	src := &pipeline.Source{Name: "a", Mapper: versions[0], Harvest: &pages{of: records}}
	runner := &pipeline.Runner{Log: s, Namespace: "a.example", Observer: quietRuns{}, Logger: slog.New(slog.DiscardHandler)}
	if report, err := runner.Run(b.Context(), src, pipeline.Order{Full: true}); err != nil || report.Counts.Added != records {
		b.Fatal(report, err)
	}
	run := func(b *testing.B, apply bool) {
		b.ReportAllocs()
		n, before := 0, processorTime()
		for b.Loop() {
			n++
			r := &pipeline.Remapper{Log: s, Source: src, Mapper: versions[1]}
			if !apply {
				if report, err := r.Count(b.Context()); err != nil || report.Changed != records {
					b.Fatal(report, err)
				}
				continue
			}
			if _, err := r.Apply(b.Context()); err != nil {
				b.Fatal(err)
			}
			versions[0], versions[1] = versions[1], versions[0]
		}
		b.ReportMetric(float64(n*records)/b.Elapsed().Seconds(), "records/s")
		b.ReportMetric(float64((processorTime()-before).Microseconds())/float64(n*records), "cpu-µs/record")
	}
	b.Run("count", func(b *testing.B) { run(b, false) })
	b.Run("apply", func(b *testing.B) { run(b, true) })
}

// processorTime is what the process has used, of all cores: the clock on the wall says little where
// others use the machine too.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// pages gives so many records, 500 on a page.
type pages struct{ of int }

func (p *pages) Page(_ context.Context, at harvest.Cursor) (*harvest.Page, error) {
	from, _ := strconv.Atoi(string(at))
	page := oaidcPage(from, min(500, p.of-from))
	page.Next = harvest.Cursor(strconv.Itoa(from + len(page.Items)))
	page.Done = from+len(page.Items) >= p.of
	return page, nil
}
