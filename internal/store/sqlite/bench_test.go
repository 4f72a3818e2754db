package sqlite

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/endpoint"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

var someText = bytes.Repeat([]byte("An account of the harvest, with notes on weather, prices and the state of the roads. "), 12)

// benchChange is a record of the usual size: 1.2 KB of oai_dc, and as much of Dublin Core and original.
func benchChange(n, content int) pipeline.Change {
	c := change("a", n, content)
	cut := len(someText) - n*37%400
	c.OAIDC = fmt.Appendf(nil, "<oai_dc:dc><dc:title>Record %d, %d</dc:title><dc:description>%s</dc:description></oai_dc:dc>", n, content, someText[:cut])
	c.DC = fmt.Appendf(nil, `{"title":[{"value":"Record %d, %d"}],"description":[{"value":%q}]}`, n, content, someText[:cut])
	c.Original = fmt.Appendf(nil, "<mods><title>Record %d, %d</title><abstract>%s</abstract></mods>", n, content, someText[:cut])
	return c
}

func benchStore(b *testing.B) (*Store, *pipeline.Run) {
	b.Helper()
	s, err := Open(b.Context(), b.TempDir(), Options{Namespace: "a.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	run, err := s.Begin(b.Context(), "a", nil)
	if err != nil {
		b.Fatal(err)
	}
	return s, run
}

func benchCommit(b *testing.B, s *Store, batch *pipeline.Batch) {
	if _, err := s.Commit(b.Context(), batch); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkCommit commits pages of fresh records, and of ones that came again: changed, in other sets and
// formats, and unchanged.
func BenchmarkCommit(b *testing.B) {
	for _, size := range []int{100, 500} {
		b.Run(fmt.Sprint("fresh/", size), func(b *testing.B) {
			s, run := benchStore(b)
			b.ReportAllocs()
			at, n := run.Cursor, 0
			for b.Loop() {
				b.StopTimer()
				batch := &pipeline.Batch{Run: run, From: at, Next: harvest.Cursor(fmt.Sprint(n)), Changes: make([]pipeline.Change, size)}
				for i := range batch.Changes {
					batch.Changes[i] = benchChange(n, 0)
					n++
				}
				at = batch.Next
				b.StartTimer()
				benchCommit(b, s, batch)
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
		})
	}
	for _, size := range []int{100, 500} {
		b.Run(fmt.Sprint("changed/", size), func(b *testing.B) {
			s, run := benchStore(b)
			const records = 20_000
			fillBench(b, s, run, records)
			at, n := harvest.Cursor("end"), 0
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				batch := &pipeline.Batch{Run: run, From: at, Changes: make([]pipeline.Change, size)}
				for i := range batch.Changes {
					batch.Changes[i] = benchChange(n%records, 1+n/records)
					n++
				}
				at = harvest.Cursor(fmt.Sprint(n))
				batch.Next = at
				b.StartTimer()
				benchCommit(b, s, batch)
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
		})
	}
	for _, size := range []int{100, 500} {
		b.Run(fmt.Sprint("unchanged/", size), func(b *testing.B) {
			s, run := benchStore(b)
			const records = 20_000
			fillBench(b, s, run, records)
			batch := &pipeline.Batch{Run: run, From: "end", Next: "end", Unchanged: make([]pipeline.Seen, size)}
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				for i := range batch.Unchanged {
					c := change("a", n%records, 0)
					batch.Unchanged[i] = pipeline.Seen{Identifier: c.Identifier, Input: c.Input}
					n++
				}
				benchCommit(b, s, batch)
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// BenchmarkKnown asks for pages of known identifiers.
func BenchmarkKnown(b *testing.B) {
	s, run := benchStore(b)
	const records = 20_000
	fillBench(b, s, run, records)
	ask := make([]pipeline.Ask, 100)
	n := 0
	for b.Loop() {
		for i := range ask {
			ask[i].Identifier = fmt.Sprint("oai:a.example:a/", n%records)
			n++
		}
		if _, err := s.Known(b.Context(), ask); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkChanges reads the log as the feed does.
func BenchmarkChanges(b *testing.B) {
	s, run := benchStore(b)
	const records = 20_000
	fillBench(b, s, run, records)
	for _, oaiDC := range []bool{false, true} {
		b.Run(fmt.Sprint("oai_dc=", oaiDC), func(b *testing.B) {
			b.ReportAllocs()
			n, w := 0, pipeline.Wanted{Limit: 512, Bytes: 1 << 20, OAIDC: oaiDC}
			for b.Loop() {
				page, err := s.Changes(b.Context(), w)
				if err != nil {
					b.Fatal(err)
				}
				n += len(page.Records)
				if w.After = page.Upto; w.After == page.Head.Seq {
					w.After = 0
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func fillBench(b *testing.B, s *Store, run *pipeline.Run, records int) {
	b.Helper()
	at := run.Cursor
	for n := 0; n < records; {
		batch := &pipeline.Batch{Run: run, From: at, Next: harvest.Cursor(fmt.Sprint(n))}
		for range 500 {
			batch.Changes = append(batch.Changes, benchChange(n, 0))
			n++
		}
		if n >= records {
			batch.Next = "end"
		}
		at = batch.Next
		benchCommit(b, s, batch)
	}
}

// BenchmarkList reads pages of 100 at the start, in the middle and at the end of 100,000 records, of
// everything and of a set of a third of them, and the whole log in one go.
func BenchmarkList(b *testing.B) {
	s, run := benchStore(b)
	const records, page = 100_000, 100
	fillBench(b, s, run, records)
	repository := &endpoint.Repository{Log: s}
	head, err := s.Head(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	take := func(b *testing.B, q *oaipmh.Query, limit int) (n int) {
		if _, err := repository.List(b.Context(), q, func(r *oaipmh.Record) bool {
			if n == limit {
				return false
			}
			n++
			return true
		}); err != nil {
			b.Fatal(err)
		}
		return n
	}
	for _, set := range []string{"", "a", "a:c0"} {
		for _, at := range []int64{0, 50, 99} {
			b.Run(fmt.Sprintf("set=%s/at=%d%%", set, at), func(b *testing.B) {
				q := &oaipmh.Query{Prefix: "oai_dc", Set: set, After: pipeline.Cursor{Epoch: head.Epoch, Seq: records * at / 100}.String()}
				b.ReportAllocs()
				n := 0
				for b.Loop() {
					n += take(b, q, page)
				}
				b.ReportMetric(float64(n)/page/b.Elapsed().Seconds(), "pages/s")
			})
		}
	}
	for _, headers := range []bool{false, true} {
		b.Run(fmt.Sprint("scan/headers=", headers), func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n += take(b, &oaipmh.Query{Prefix: "oai_dc", HeadersOnly: headers}, records)
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
