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
}
