package limit

import (
	"math"
	"time"
)

// rounding is how far sums of tokens may be off. A client that waits as long as it was told must be let in.
const rounding = 1e-6

// A bucket fills with rate tokens a second up to its size. Unlike the limiter of golang.org/x/time/rate it can be in debt
// by any amount, because what an answer costs is known only afterwards.
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

// missing says how long it takes until the bucket has n tokens; zero if it has them.
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

// spend takes n tokens, even if the bucket does not have them.
func (b *bucket) spend(now time.Time, n float64) {
	b.refill(now)
	b.spent += n
}
