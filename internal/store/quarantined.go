package store

import "time"

// A Quarantined is an item in quarantine.
type Quarantined struct {
	ID                  int64
	Source              string
	Key, Identifier     string
	Reason, Detail      string
	Original            []byte
	FirstSeen, LastSeen time.Time
	Times               int64
	// Said is as in [pipeline.Reject].
	Said []byte
	// Dismissed is when a person said that it needs no more attention, and DismissedBy who; zero if nobody did. It ends when
	// the source sends the item in another way.
	Dismissed   time.Time
	DismissedBy string
}
