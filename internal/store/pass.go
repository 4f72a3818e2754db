package store

import "github.com/sheaf-gateway/sheaf/pipeline"

// A Doubt is how sure it is that the present pass of a source has everything.
type Doubt int64

// The doubts, from the least to the greatest. Databases keep the numbers.
const (
	Whole    Doubt = iota
	Unproven       // nothing shows that it has
	Short          // it is known that it has not
)

// After is the doubt once the pass has a batch. A batch that ends it and is not short ends a doubt: a person takes
// the pass as it comes.
func (d Doubt) After(b *pipeline.Batch) Doubt {
	switch {
	case b.Short:
		return Short
	case b.Done && b.Unproven:
		return Unproven
	case b.Done:
		return min(d, Unproven)
	case b.Unproven:
		return max(d, Unproven)
	}
	return d
}

// A Gain is what a batch gave to its pass: how many items that the pass had not given before, and how many of them
// the log had not.
type Gain struct{ Met, Added int64 }

// Measured is the measure of a pass that has gained by a batch, which leaves it with a doubt: what the source has
// is known anew where the pass is complete.
func Measured(m pipeline.Pass, b *pipeline.Batch, d Doubt, g Gain) pipeline.Pass {
	m.Met += g.Met
	m.Added += g.Added
	if b.Done && d != Short {
		if m.Had += m.Added; b.Full {
			m.Had = m.Met
		}
	}
	return m
}

// KeptReconciliations is how many reconciliations of a source are kept.
const KeptReconciliations = 20
