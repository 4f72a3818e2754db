package memory

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Read gives the records after a seq (see [pipeline.Reader]).
func (l *Log) Read(_ context.Context, after int64, limit int) (out []pipeline.Record, head pipeline.Head, err error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	l.behind(after, func(it *item) bool {
		out = append(out, l.record(it))
		return len(out) < limit
	})
	return out, l.head, nil
}

// Record gives one record with its original (see [pipeline.Reader]). An alias finds its record too.
func (l *Log) Record(_ context.Context, identifier string) (*pipeline.Record, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	it := l.find(identifier)
	if it == nil {
		return nil, notFound(identifier)
	}
	rec := l.whole(it)
	src := l.sources[it.Source]
	if rec.Seen = src.lastComplete; it.Pass == src.pass {
		rec.Seen = src.passBegan
	}
	return &rec, nil
}

// record is an item as the doors see it.
func (l *Log) record(it *item) pipeline.Record {
	return pipeline.Record{
		Identifier: it.Identifier, Source: it.Source, Seq: it.Seq, Version: it.Version,
		Datestamp: time.Unix(l.head.Shown(it.Seq, it.Datestamp), 0).UTC(), Deleted: it.Deleted, Fingerprint: it.Fingerprint,
		Sets: strings.Fields(it.Sets), Origin: it.Origin, DC: bytes.Clone(it.DC), Stale: it.Stale,
	}
}

// whole is a record with what it was made of.
func (l *Log) whole(it *item) pipeline.Record {
	rec := l.record(it)
	rec.Original, rec.Rules, rec.Notes = bytes.Clone(it.Original), it.Rules, bytes.Clone(it.Notes)
	return rec
}
