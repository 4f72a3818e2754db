package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A source may list a record under an old date, or forget to say that it was deleted; then no pass that asks for what has
// changed ever finds that. So from time to time all that the source lists is compared with the log, which is a full pass
// that asks for no record that the log has. What lacks is fetched, and what is too much is absent as in any full pass.

// A Reconciliation is what came of comparing what a source lists with the log.
type Reconciliation struct {
	At      time.Time // when it ended; zero if there was none
	Listed  int64     // records that the source lists and that are live in the log now
	Found   int64     // those of them that the log lacked before, and that were fetched
	Missing int64     // what the source lists and the log lacks still, because the source does not give it, or it can't be used
	Extra   int64     // live records of the log that the source does not list
	// Digest is the sum mod 2²⁵⁶ of the SHA-256 of the identifiers of what is Listed, so that two comparisons can be compared.
	Digest Digest
	Why    string // why it proves nothing; empty if it does
}

// AddIdentifier adds an identifier to a digest of identifiers alone.
func (d *Digest) AddIdentifier(identifier string) { d.Merge(identifierHash(identifier)) }

// Sentence says what came of the comparison.
func (c *Reconciliation) Sentence() string {
	if c.Why != "" {
		return "its list could not be held against the log: " + c.Why
	}
	return fmt.Sprintf("%d listed, %d of them were found to lack and fetched, %d lack still, %d in the log are not listed", c.Listed, c.Found, c.Missing, c.Extra)
}

// reconciles says whether the source can be asked for a list of what it has, so that it need not give everything again.
func (s *Source) reconciles() bool {
	_, can := s.Harvest.(harvest.Reconciler)
	return can
}

// reconcile is the cursor with which a source that stands at the given one begins to list what it has. Where it can't, a full
// pass does the same.
func (s *Source) reconcile(at harvest.Cursor) harvest.Cursor {
	if r, can := s.Harvest.(harvest.Reconciler); can {
		if next, ok := r.Reconcile(at); ok {
			return next
		}
	}
	return s.Again(at)
}

// reconcileIsDue says whether what the source lists is to be compared with the log. A full pass has done so too. Of a source
// that was never harvested completely nothing shows that the log has what it lists, so it is due at once; a pass that has begun
// comes first.
func (s *Source) reconcileIsDue(p *Pass) bool {
	last := p.Reconciled
	if p.LastFull.After(last) {
		last = p.LastFull
	}
	return s.ReconcileEvery > 0 && s.reconciles() && !p.Underway && (p.Live > 0 || !p.LastFull.IsZero()) && time.Since(last) >= s.ReconcileEvery
}

// compare says what came of a reconciliation whose last items are in the log.
func (r *Runner) compare(ctx context.Context, b *Batch, report *Report) (*Reconciliation, error) {
	c, err := r.Log.Compare(ctx, b.Run)
	if err != nil {
		return nil, err
	}
	switch {
	case b.Short:
		c.Why = report.Why
	case b.Unproven:
		c.Why = "nothing shows that the list is whole"
	}
	report.Reconciled = &c
	return &c, nil
}

// split divides what is left of a page of a reconciliation: what the log has as a live record is only met, and the rest is
// to be asked for. A deletion of what is deleted already says nothing new.
func (f *fetched) split(items []harvest.Item, known []Known) (rest []harvest.Item) {
	for i, item := range items {
		switch k := &known[i]; {
		case !item.Listed, k.Identifier == "":
			rest = append(rest, item)
		case k.Live != item.Deleted:
			f.kept = append(f.kept, k.Identifier)
		case !k.Met && !k.Suppressed:
			rest = append(rest, item)
		}
	}
	return rest
}

// countFound counts what became of the items of a reconciliation that were asked for.
func (b *Batch) countFound(asked map[string]bool) {
	for i := range b.Changes {
		if c := &b.Changes[i]; c.Deleted == Live && asked[c.Identifier] {
			b.Found++
		}
	}
	for i := range b.Rejects {
		if asked[b.Rejects[i].Identifier] {
			b.Missing++
		}
	}
}

// asked are the identifiers of the items that are to be asked for.
func (p *preparation) asked(f fetched) map[string]bool {
	asked := map[string]bool{}
	for i := range f.page.Items {
		if item := &f.page.Items[i]; item.Listed && !item.Deleted {
			if id, err := p.src.Mint(p.namespace, item.Key); err == nil {
				asked[id] = true
			}
		}
	}
	return asked
}
