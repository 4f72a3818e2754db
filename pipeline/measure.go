package pipeline

import (
	"fmt"
	"time"
)

// A source that gives far less than it did, or far more, or everything under other identifiers, is likely to
// be another than it was: an index that is being rebuilt, a moved server, a list that never ends. Its list may
// end as a good one does, so a pass is measured by the last complete one. What is out of measure is never
// complete, until a person says that the source is right (Order.Accept).

// A Pass is how the present pass of a source stands, and what it is measured by.
type Pass struct {
	Met   int64 // different items that it has given so far
	Added int64 // those of them that the log had not
	Had   int64 // items of the source at the end of the last complete pass; 0 if there was none
	Live  int64 // records of the source that are live now

	Underway bool      // it has begun
	Short    bool      // it is known to lack items
	Doubted  bool      // nothing shows that it has everything, or it is known to lack items
	Accepted bool      // a person takes it as it comes
	LastFull time.Time // end of the last complete full pass, other than a reconciliation

	Reconciled time.Time // end of the last reconciliation, whether it proved something or not

	Stop Stop // a person's word that the source is not to be harvested
}

const (
	// A pass may bring as many new items as the source had, and these anyway.
	freeGrowth = 1000
	// The first pass of a source has nothing to be measured by but this.
	firstGrowth = 10_000_000
	// A full pass may lack half of what the source had, and these anyway.
	freeLoss = 10
)

// A heldError says why a run stops before a page until a person has looked.
type heldError struct{ why string }

func (e heldError) Error() string { return e.why }

// weigh holds a batch against what the source was. An error stops the run before the batch; a last page behind
// which far too little came ends the pass as one that is not complete.
func (r *Runner) weigh(src *Source, pass *Pass, b *Batch, report *Report) error {
	if pass.Accepted {
		b.Short, report.Why = false, ""
		return nil
	}
	if b.Short = b.Short || pass.Short; b.Done && b.Short && report.Why == "" {
		report.Why = "an earlier page of the pass lacked items"
	}
	items := int64(len(b.Changes) + len(b.Unchanged) + len(b.Rejects) + len(b.Kept))
	if most := pass.growth(); !src.Pushed && pass.Added+b.fresh > most { // what is pushed comes to an end, and may be a load in steps
		return heldError{fmt.Sprintf("the source gives more than %d records that it had not, and had %d; either its list does not end, or its records come under other identifiers. "+
			"The rest was not taken. If the source is right, sheaf harvest %s --accept takes what it gives", most, pass.Had, src.Name)}
	}
	if !b.Done || !b.Full {
		return nil
	}
	why := pass.loss(pass.Met+items, pass.Added+b.fresh)
	if why == "" {
		return nil
	}
	b.Short = true
	b.Next = src.Again(b.Next)
	report.Why = why + ". Nothing was deleted" + src.onceMore()
	return nil
}

// onceMore says how a source that gave far too little goes on.
func (s *Source) onceMore() string {
	if s.Pushed {
		return ". If those records are gone, push their deletions"
	}
	return "; the next harvest asks for everything again. If the source is right, sheaf harvest " + s.Name + " --accept takes it as it is"
}

// growth is how many new items a pass may bring.
func (p *Pass) growth() int64 {
	if p.Had == 0 {
		return firstGrowth
	}
	return max(p.Had, freeGrowth)
}

// loss says what is suspicious about the end of a full pass that gave so many items, of which so many are new.
func (p *Pass) loss(met, added int64) string {
	again := met - added
	switch {
	case met == 0 && p.Had == 0:
		return "the source gave no records at all"
	case met == 0:
		return fmt.Sprintf("the source gave no records at all, where it had %d", p.Had)
	case p.Had-again >= freeLoss && again < p.Had/2:
		return fmt.Sprintf("of the %d records that the source had, only %d came again", p.Had, again)
	}
	return ""
}
