package pipeline

import (
	"context"
	"fmt"
	"time"
)

// A Keep bounds what a log keeps of each source beside its records. A bound of zero is none.
type Keep struct {
	// Runs is how many runs are remembered, and RunsFor for how long.
	Runs    int
	RunsFor time.Duration
	// Quarantined is how many items stay in quarantine, QuarantinedBytes how much of what was sent, as it is stored, and
	// QuarantinedFor how long after the source sent them last.
	Quarantined      int
	QuarantinedBytes int64
	QuarantinedFor   time.Duration
}

// Forgotten counts what a log has forgotten because of a [Keep].
type Forgotten struct{ Runs, Quarantined int64 }

// forgetAtOnce bounds how much is forgotten in one transaction, which others wait for.
const forgetAtOnce = 1000

// forgetTime bounds how long a run's end is put off for it; the rest is for the next run.
const forgetTime = time.Minute

// forget has the log forget what it should not keep of the source any longer. It comes before the run is written down as
// ended, so that the run can tell of what has left quarantine: the gateway can try that item again only when the source
// sends it again.
func (r *Runner) forget(ctx context.Context, report *Report) {
	if r.Keep == (Keep{}) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), forgetTime)
	defer cancel()
	for {
		f, err := r.Log.Forget(ctx, report.Source, r.Keep, forgetAtOnce)
		if err != nil {
			r.Logger.Warn("what is too old was not forgotten; the next harvest tries again", "source", report.Source, "err", err)
			break
		}
		report.Forgotten.Runs += f.Runs
		report.Forgotten.Quarantined += f.Quarantined
		if max(f.Runs, f.Quarantined) < forgetAtOnce {
			break
		}
	}
	if n := report.Forgotten.Quarantined; n > 0 {
		report.warn(fmt.Sprintf("%d of the items in quarantine were forgotten, the oldest first, because keep.quarantine bounds how many stay, and for how long; each comes again when the source sends it again", n))
	}
}
