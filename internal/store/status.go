package store

import (
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A SourceStatus is how a source stands. Times are zero where nothing is known yet.
type SourceStatus struct {
	Source        string
	Minted        string // the name in the identifiers of its records, if it was renamed; else empty
	Live, Deleted int64
	Quarantined   int64 // without those that a person has dismissed
	Dismissed     int64
	Held          pipeline.Held // what waits for a person
	Stop          pipeline.Stop // a person's word that it is not to be harvested
	LastComplete  time.Time     // end of the last complete pass
	LastFull      time.Time     // likewise, of a full one
	LastNew       time.Time     // last change that it brought
	Underway      bool          // a pass has begun and has not come to its end
	Running       bool
	Reconciled    pipeline.Reconciliation // the last one; zero if there was none
	Warnings      []string                // of the last run
	LastRun       RunStatus
	// Failures is how many runs in a row failed, or were stuck or incomplete, of those that are kept; FailingSince is the end
	// of the first of them. A run that was cancelled or came to its deadline says nothing of that.
	Failures     int64
	FailingSince time.Time
}

// A PastRun is a run that the log remembers.
type PastRun struct {
	Source string
	RunStatus
	Account pipeline.Account
}

// A RunStatus is what a run did.
type RunStatus struct {
	ID                      int64
	Began, Heartbeat, Ended time.Time
	Result, Err             string
	Counts                  pipeline.Counts
}
