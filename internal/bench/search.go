package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/internal/web/site"
)

// search makes an index of the log anew, and asks it a mix of questions, one after the other.
func (b *bench) search(ctx context.Context) error {
	file := filepath.Join(b.dir, "bench-search.db")
	x, err := search.Open(search.Options{File: file, Log: b.gateway.Store, Kind: site.Kind, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer x.Close()
	before := processorTime()
	for more := true; more; {
		if more, err = x.Step(ctx); err != nil {
			return err
		}
	}
	b.add("search: a record into the index, processor", float64((processorTime()-before).Microseconds())/float64(b.records), "µs/record")
	b.add("search: index", float64(databaseSize(file))/float64(b.records), "bytes/record")
	for _, kind := range []struct {
		name string
		q    func(i int) search.Query
	}{
		{"all records", func(int) search.Query { return search.Query{} }},
		{"a word of every record", func(int) search.Query { return search.Query{Text: "revision"} }},
		{"a rare word", func(i int) search.Query { return search.Query{Text: fmt.Sprint(i * 97 % b.records)} }},
		{"no such word", func(i int) search.Query { return search.Query{Text: fmt.Sprint("zzz", i)} }},
		{"a deep page", func(i int) search.Query { return search.Query{Sort: search.Early, Offset: 9000 + i} }},
	} {
		const asked = 40
		took := make([]time.Duration, 0, asked)
		for i := range asked {
			q, began := kind.q(i), time.Now()
			q.Limit = 25
			if _, err := x.Find(ctx, &q); err != nil {
				return err
			}
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		b.add("search: "+kind.name+", p50", milliseconds(took[asked/2]), "ms")
		b.add("search: "+kind.name+", the slowest", milliseconds(took[asked-1]), "ms")
	}
	if err := b.searchDepth(ctx, x); err != nil {
		return err
	}
	return b.searchMix(ctx, x)
}

// databaseSize is what a database takes on the disk.
func databaseSize(file string) (size int64) {
	for _, end := range []string{"", "-wal"} {
		if info, err := os.Stat(file + end); err == nil {
			size += info.Size()
		}
	}
	return size
}
