package limit

import (
	"math"
	"time"
)

// rounding is what sums of tokens may be off by: who waits as long as was asked is let in.
const rounding = 1e-6

// A bucket fills with rate tokens a second up to its size. Unlike that of golang.org/x/time/rate it
// can be in debt by any amount, because what an answer costs is known only afterwards.
type bucket struct {
	rate, size float64
	spent      float64 // tokens that are missing from a full bucket; more than size is debt
	at         time.Time
}

// refill brings the bucket up to date. A clock that steps back fills nothing.
func (b *bucket) refill(now time.Time) {
	if d := now.Sub(b.at); d > 0 && !b.at.IsZero() {
		b.spent = max(0, b.spent-d.Seconds()*b.rate)
	}
	b.at = now
}

// missing says how long it takes until there are n tokens; nothing if they are there.
func (b *bucket) missing(now time.Time, n float64) time.Duration {
	b.refill(now)
	lack := b.spent + min(n, b.size) - b.size
	if lack <= rounding {
		return 0
	}
	if seconds := lack / b.rate; seconds < maxRetryAfter.Seconds() {
		return time.Duration(math.Ceil(seconds * float64(time.Second)))
	}
	return maxRetryAfter
}

// spend takes n tokens, also those that aren't there.
func (b *bucket) spend(now time.Time, n float64) {
	b.refill(now)
	b.spent += n
}
