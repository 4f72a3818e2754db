package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// A source that deletes or changes many of its records at once may be right, or broken. Deletions of live records, and
// changes where the operator asks for it, are held while a pass goes on: they are kept in the log, but not in any list that
// it serves. At the end of the pass they are counted. Few are stored at once; many wait until a person decides.

// A Threshold is how many records of a source may be deleted, or changed, in one pass before a person is asked: more than
// Count, and more than Share of its live records.
type Threshold struct {
	Share float64 // 0.02 is 2 %
	Count int64
}

// DefaultThreshold is that of deletions where nothing else is configured.
var DefaultThreshold = Threshold{Share: 0.02, Count: 100}

// exceeded says whether n of so many live records are to be asked about.
func (t *Threshold) exceeded(n, live int64) bool {
	return t != nil && n > t.Count && float64(n) > t.Share*float64(live)
}

// Guards say what a source may not do to its records unless a person agrees. A nil threshold is no guard.
type Guards struct {
	Deleted, Changed *Threshold
	// AbsentAfter is how many full passes, one after the other, must have proven that the source has a record no more before
	// that is deleted; never if 0. Absent is the threshold of these deletions, Deleted that of those that the source tells.
	AbsentAfter int
	Absent      *Threshold
}

// A Holding says which changes of a batch are held.
type Holding struct{ Deletions, Changes bool }

// Held is what is held of a source.
type Held struct {
	// Run is the run whose pass ended so; 0 if nothing waits for a person, or if a pass under way has added to it.
	Run   int64
	Since time.Time
	// What nobody has decided about; Absent are those of the deletions that no source spoke of.
	Deletions, Absent, Changes int64
	// Approved are those that a person has agreed to, and that are not stored yet.
	Approved int64
}

// Waiting is how many changes wait for a decision.
func (h *Held) Waiting() int64 { return h.Deletions + h.Changes }

// A HeldChange is one of the changes that are held.
type HeldChange struct {
	Item int64 // the log's number of the record; lists are in its order
	Change
}

// A Decision is what a person said of what waits.
type Decision struct {
	Approve bool
	Who     string
}

// Decided is a decision that was taken.
type Decided struct {
	Decision
	At                 time.Time
	Source             string
	Run                int64
	Deletions, Changes int64
}

// holding says which changes of the source's next page are held. What a person takes as it comes is not.
func (s *Source) holding(p *Pass) Holding {
	if p.Accepted {
		return Holding{}
	}
	return Holding{Deletions: s.Guards.Deleted != nil || s.Guards.AbsentAfter > 0, Changes: s.Guards.Changed != nil}
}

// holdLimit bounds what is held, or stored of it, in one transaction.
const holdLimit = 500

// finishPass stores the last batch of a pass. If anything is held, or may be: first the items, then of what is held as much as may
// be, and then the end of the pass, so that a run that is killed in between goes on here.
func (r *Runner) finishPass(ctx context.Context, src *Source, b *Batch, report *Report) (*Receipt, error) {
	judge := src.Guards.AbsentAfter > 0 && b.Full && !b.Short && !b.Unproven
	if err := r.tellUnproven(ctx, src, b, report); err != nil {
		return nil, err
	}
	held, err := r.Log.Held(ctx, src.Name)
	if err != nil {
		return nil, err
	}
	if !judge && held == (Held{}) && !b.mayHold() && !b.Reconciles {
		return r.Log.Commit(ctx, b)
	}
	items := *b
	items.Next, items.Done, items.SetNames = b.From, false, nil
	receipt, err := r.Log.Commit(ctx, &items)
	if err != nil {
		return nil, err
	}
	end := &Batch{Run: b.Run, From: b.From, Next: b.Next, SetNames: b.SetNames, Done: true, Full: b.Full, Unproven: b.Unproven, Short: b.Short, Reconciles: b.Reconciles}
	if b.Reconciles { // before what is absent is held or deleted
		if end.Proof, err = r.compare(ctx, b, report); err != nil {
			return nil, err
		}
	}
	if judge {
		if err := r.holdAbsent(ctx, src, b.Run); err != nil {
			return nil, err
		}
	}
	if held, err = r.Log.Held(ctx, src.Name); err != nil {
		return nil, err
	}
	pass, err := r.Log.Pass(ctx, src.Name) // what is live, with all that the pass has brought
	if err != nil {
		return nil, err
	}
	end.Waits = src.Guards.ask(&held, pass.Live)
	if err := r.release(ctx, b.Run, b.From, end.Waits, receipt); err != nil {
		return nil, err
	}
	last, err := r.Log.Commit(ctx, end)
	if err != nil {
		return nil, err
	}
	receipt.take(last)
	if end.Waits {
		return receipt, r.tellHeld(ctx, src, &pass, report)
	}
	return receipt, nil
}

// warnUnproven is for sources whose records are deleted when full passes don't have them.
const warnUnproven = "Nothing was judged to be gone, and absent: deletes nothing: nothing shows that this harvest had everything. Where the source says how much it has, that is missing or is not reached; an item whose identifier can't be made out waits in the quarantine, too (sheaf quarantine list)."

// tellUnproven warns that a full pass proves nothing about what the source has no more, where that is asked for.
func (r *Runner) tellUnproven(ctx context.Context, src *Source, b *Batch, report *Report) error {
	if src.Guards.AbsentAfter == 0 || !b.Full || b.Short {
		return nil
	}
	pass, err := r.Log.Pass(ctx, src.Name)
	if err != nil {
		return err
	}
	if pass.Doubted || b.Unproven {
		report.warn(warnUnproven)
	}
	return nil
}

// mayHold says whether the log may hold something of a batch.
func (b *Batch) mayHold() bool {
	return b.Hold.Changes && len(b.Changes) > 0 || b.Hold.Deletions && b.deletions() > 0
}

// deletions are how many records of the log the batch deletes.
func (b *Batch) deletions() (n int64) {
	for i := range b.Changes {
		if b.Changes[i].Deleted != Live {
			n++
		}
	}
	return n
}

// ask says whether a person is to be asked about what is held.
func (g *Guards) ask(h *Held, live int64) bool {
	return g.Deleted.exceeded(h.Deletions-h.Absent, live) || g.Changed.exceeded(h.Changes, live) || g.Absent.exceeded(h.Absent, live)
}

// holdAbsent holds the deletion of each record that the source has no more.
func (r *Runner) holdAbsent(ctx context.Context, src *Source, run *Run) error {
	for after := int64(0); ; {
		last, err := r.Log.HoldAbsent(ctx, run, src.Guards.AbsentAfter, after, holdLimit)
		if err != nil || last == 0 {
			return err
		}
		after = last
	}
}

// release stores what is held; if the rest waits, only what a person has agreed to.
func (r *Runner) release(ctx context.Context, run *Run, at harvest.Cursor, approvedOnly bool, receipt *Receipt) error {
	for after := int64(0); ; {
		held, err := r.Log.HeldChanges(ctx, run.Source, after, approvedOnly, holdLimit)
		if err != nil || len(held) == 0 {
			return err
		}
		b := &Batch{Run: run, From: at, Next: at, Settles: true}
		for i := range held {
			b.Changes = append(b.Changes, held[i].Change)
		}
		stored, err := r.Log.Commit(ctx, b)
		if err != nil {
			return err
		}
		receipt.take(stored)
		after = held[len(held)-1].Item
	}
}

// take adds what a further commit of the same page did.
func (r *Receipt) take(more *Receipt) {
	r.Head = more.Head
	r.Counts.Add(more.Counts)
	r.Fates = append(r.Fates, more.Fates...)
}

// tellHeld says what waits for a person.
func (r *Runner) tellHeld(ctx context.Context, src *Source, pass *Pass, report *Report) error {
	held, err := r.Log.Held(ctx, src.Name)
	report.Held = held
	report.heldWhy = held.Sentence(pass.Live)
	return err
}

// Sentence says what waits of a source that has so many live records, and what to do.
func (h *Held) Sentence(live int64) string {
	what := ""
	switch {
	case h.Changes == 0:
		what = wording.Count(h.Deletions, "record would be deleted", "records would be deleted")
	case h.Deletions == 0:
		what = wording.Count(h.Changes, "record would change", "records would change")
	default:
		what = fmt.Sprintf("%s, and %d would change", wording.Count(h.Deletions, "record would be deleted", "records would be deleted"), h.Changes)
	}
	return fmt.Sprintf("%s, of %d. Nothing of that is done until somebody decides: sheaf pending %d shows it, sheaf approve %d does it, sheaf refuse %d leaves everything as it is", what, live, h.Run, h.Run, h.Run)
}

// settle is a run that asks the source nothing: it stores what a person has agreed to.
func (r *Runner) settle(ctx context.Context, run *Run, report *Report) error {
	receipt := &Receipt{}
	err := r.release(ctx, run, run.Cursor, true, receipt)
	report.Counts.Add(receipt.Counts)
	if err != nil {
		return fmt.Errorf("harvest %s: %w", run.Source, err)
	}
	r.Observer.PageCommitted(run, receipt, report.Counts, 0)
	return nil
}
