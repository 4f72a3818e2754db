package pipeline

import (
	"context"
	"errors"
)

// A Feed is the log as it is followed: changes behind a place, with what a follower asks for.
type Feed interface {
	// Changes gives the changes behind a place in one snapshot. ErrLost if the place is one of a history that the log
	// has lost.
	Changes(ctx context.Context, w Wanted) (Changes, error)

	// Changed returns a channel that is closed when the log has grown, or has begun a new epoch, since the call.
	Changed() <-chan struct{}
}

// ErrLost says that a place in the log was given out by a history that is lost: its folder was put back as it was
// earlier.
var ErrLost = errors.New("this place in the log is one of a history that is lost")

// Wanted is what is asked of the log.
type Wanted struct {
	After int64
	// Epoch is that of After; zero if it is not known. It is for a log of several servers, so that one which has not heard of
	// an epoch yet says nothing about it.
	Epoch int64
	// Seen is the greatest seq of a head under which the changes up to After were read ([Position]); zero if it is not known.
	Seen int64
	// Down asks for the changes before that place, the newest first.
	Down bool
	// Source, if not empty, is the source whose changes are wanted: its name, or the one in its identifiers.
	Source string
	// Set, if not empty and Source is, is the spec of the set whose changes are wanted. Of a record that has left it the last change
	// is a deletion for the reason LeftSet, at the place where it left; such a record has only an identifier, and the
	// set.
	Set string
	// OAIDC and Original ask for those fields of live records.
	OAIDC, Original bool
	// Limit is how many records are given at most. Bytes is what their contents may come to: it may be exceeded by one
	// record.
	Limit, Bytes int
}

// Changes are a part of what was wanted.
type Changes struct {
	Records []Record
	// Upto is the place behind which all that is wanted and not in Records stands: that of the head, unless Limit or
	// Bytes was reached. Downwards it is the place before which it stands, and 0 if there is none.
	Upto int64
	Head Head
	// Live is how many live records there are, if Upto is the head's place.
	Live int64
}

// LeftSet is why a record is gone from a set of which the changes are asked. No record in the log has it.
const LeftSet Reason = "left-set"
