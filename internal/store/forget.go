package store

import "time"

// Before is the second before which something is beyond a bound of time; the first of all if there is no bound.
func Before(now time.Time, bound time.Duration) int64 {
	if bound == 0 {
		return 0
	}
	return now.Add(-bound).Unix()
}
