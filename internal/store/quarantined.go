package store

import (
	"strings"
	"time"
)

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

// Within reports whether the key of an item in quarantine is one of these places, or of something in one of them: a record
// has a "#" behind the place, and an entry of an archive a "/" ([pipeline.Batch].Ended).
func Within(key string, places map[string]bool) bool {
	for at := 0; ; at++ {
		next := strings.IndexAny(key[at:], "#/")
		if next < 0 {
			return places[key]
		}
		if at += next; places[key[:at]] {
			return true
		}
	}
}

// PlacesOf are places as [Within] looks for them.
func PlacesOf(ended []string) map[string]bool {
	places := make(map[string]bool, len(ended))
	for _, place := range ended {
		places[place] = true
	}
	return places
}
