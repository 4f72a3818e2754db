package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A looseWriter writes a source at full speed, beside others: it knows what it wrote last, and
// nothing of the rest of the log. One goroutine uses it.
type looseWriter struct {
	log    pipeline.Log
	source string
	n      int // records
	step   int
	run    *pipeline.Run
	at     harvest.Cursor
	last   map[string]pipeline.Hash // fingerprints
	heads  []pipeline.Head          // of its commits, in their order
}

func newLooseWriter(log pipeline.Log, source string, n int) *looseWriter {
	return &looseWriter{log: log, source: source, n: n, last: map[string]pipeline.Hash{}}
}

func (w *looseWriter) begin(ctx context.Context) (err error) {
	w.run, err = w.log.Begin(ctx, w.source, nil)
	if err == nil {
		w.at = w.run.Cursor
	}
	return err
}

// page commits a page of one to four records: new ones first, then the newest again, or old ones,
// which move, change their sets, are deleted, and come back.
func (w *looseWriter) page(ctx context.Context) error {
	b := &pipeline.Batch{Run: w.run, From: w.at, Next: harvest.Cursor(fmt.Sprint(w.step + 1))}
	for i := range 1 + w.step%4 {
		id := identifier(w.source, (w.step*7+i*3)%w.n)
		if w.step%5 == 0 {
			id = identifier(w.source, "newest")
		}
		c := live(id, w.step, w.source, w.source+":"+[]string{"x", "y", "x:z"}[(w.step/3)%3])
		if w.step%11 == 10 {
			c = gone(id, reasons[w.step%3], w.source)
		}
		b.Changes = append(b.Changes, c)
	}
	r, err := w.log.Commit(ctx, b)
	if err != nil {
		return fmt.Errorf("page %d of %s: %w", w.step, w.source, err)
	}
	w.step++
	w.at = b.Next
	w.heads = append(w.heads, r.Head)
	for _, c := range b.Changes {
		w.last[c.Identifier] = c.Fingerprint
	}
	return nil
}

// copyLog reads the whole log by its cursor.
func copyLog(t *testing.T, l pipeline.Reader) (map[string]pipeline.Record, pipeline.Head) {
	t.Helper()
	out := map[string]pipeline.Record{}
	for after := int64(0); ; {
		page, head, err := l.Read(t.Context(), after, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page {
			out[r.Identifier] = r
			after = r.Seq
		}
		if len(page) == 0 {
			return out, head
		}
	}
}
