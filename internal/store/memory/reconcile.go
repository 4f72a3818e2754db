package memory

import (
	"context"
	"fmt"
	"slices"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// reconcile counts what a batch of a reconciliation has found, and writes down what came of it at the end.
func (c *commit) reconcile() {
	b, src := c.batch, &c.source
	if !b.Reconciles {
		return
	}
	src.found, src.missing = src.found+b.Found, src.missing+b.Missing
	if b.Proof == nil {
		return
	}
	p := *b.Proof
	p.At, p.Found, p.Missing = c.now, src.found, src.missing
	src.reconciled = append(slices.Clip(src.reconciled), p)
	src.reconciled = src.reconciled[max(0, len(src.reconciled)-store.KeptReconciliations):]
}

func (s *source) lastReconciled() (out pipeline.Reconciliation) {
	if n := len(s.reconciled); n > 0 {
		out = s.reconciled[n-1]
	}
	return out
}

// Compare says how what the present pass of a run has met and the log differ (see [pipeline.Log]).
func (l *Log) Compare(_ context.Context, run *pipeline.Run) (out pipeline.Reconciliation, err error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	src := l.sources[run.Source]
	if src == nil || src.run != run.ID {
		return out, fmt.Errorf("hold the list of %s against the log: %w", run.Source, pipeline.ErrFenced)
	}
	out.Found, out.Missing = src.found, src.missing
	for _, it := range l.items {
		switch {
		case it.Source != run.Source || it.Deleted != pipeline.Live:
		case it.Pass != src.pass:
			out.Extra++
		default:
			out.Listed++
			out.Digest.AddIdentifier(it.Identifier)
		}
	}
	return out, nil
}

// Reconciliations gives the newest reconciliations of a source, the last one first.
func (l *Log) Reconciliations(_ context.Context, source string, limit int) (out []pipeline.Reconciliation, err error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if src := l.sources[source]; src != nil {
		for _, c := range slices.Backward(src.reconciled) {
			if len(out) < limit {
				out = append(out, c)
			}
		}
	}
	return out, nil
}
