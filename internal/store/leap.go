package store

import (
	"errors"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A log whose whole folder is put back as it was can't know: all that it could compare with went back along.
// It would give out the seqs again that it gave to what was lost, and consumers would take new states for
// ones that they know. So a log that was opened gives out nothing below what the time that has gone by
// since it was made could have used up: it leaps. Whatever was given out before is below that, as long as
// fewer than leapRate changes a second are committed, on average over the time that the log is open, and the
// clock was not set back by longer than the log had been away.

const (
	leapRate = 1 << 20 // seqs a second, some fifty times what a log can take
	// MaxSeq is the greatest seq. Leaps come to it after 272 years.
	MaxSeq = pipeline.MaxCursor
	// maxMoves is more than one transaction ever gives out.
	maxMoves = 1 << 32
)

// LeapTo is the place from which a log that was opened at a datestamp goes on; began is a lower bound of all
// its datestamps.
func LeapTo(datestamp, began int64) int64 {
	return min(max(datestamp-began, 0), MaxSeq/leapRate/2) * leapRate
}

// A Leap leaves out the seqs behind After, up to Upto. A cursor among them was given out by a history that is
// lost.
type Leap struct{ After, Upto int64 }

// errUsedUp says that the log has no seq left. Only a log that was tampered with comes there.
var errUsedUp = errors.New("the log has given out the last seq that there is; restore a backup")
