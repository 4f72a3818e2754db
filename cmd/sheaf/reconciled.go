package main

import (
	"fmt"
	"io"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// printReconciled says what proves that the log has what a source has.
func printReconciled(w io.Writer, src *control.SourceInfo, now time.Time) {
	st := &src.Status
	switch {
	case st.LastFull.IsZero():
		fmt.Fprintf(w, "\n%s: nothing shows yet what it has; a complete harvest of everything does\n", src.Name)
	case src.Reconcile == 0:
		fmt.Fprintf(w, "\n%s: each harvest of everything shows what it has; the last complete one was %s\n", src.Name, ago(st.LastFull, now))
	case len(src.Reconciliations) == 0:
		fmt.Fprintf(w, "\n%s: the last complete harvest of everything was %s; its list is held against the log %s\n", src.Name, ago(st.LastFull, now),
			until(st.LastFull.Add(src.Reconcile), now))
	}
	for i := range src.Reconciliations {
		c := &src.Reconciliations[i]
		fmt.Fprintf(w, "\n%s: reconciled %s: %s\n", src.Name, stamp(c.At), wording.ClipLine(c.Sentence(), 1000))
		if c.Why == "" {
			fmt.Fprintf(w, "    digest of the identifiers %x\n", c.Digest)
		}
	}
}

// reconciledJSON is a reconciliation in JSON.
type reconciledJSON struct {
	At      time.Time `json:"at"`
	Listed  int64     `json:"listed"`  // records that the source lists and that are live in the log
	Found   int64     `json:"found"`   // those of them that the log lacked before
	Missing int64     `json:"missing"` // what the source lists and the log lacks still
	Extra   int64     `json:"extra"`   // live records of the log that the source does not list
	Digest  string    `json:"digest,omitempty"`
	Why     string    `json:"why,omitempty"` // why it proves nothing
}

func newReconciledJSON(all []pipeline.Reconciliation) (out []reconciledJSON) {
	for i := range all {
		c := &all[i]
		one := reconciledJSON{At: c.At, Listed: c.Listed, Found: c.Found, Missing: c.Missing, Extra: c.Extra, Why: c.Why}
		if c.Why == "" {
			one.Digest = fmt.Sprintf("%x", c.Digest)
		}
		out = append(out, one)
	}
	return out
}
