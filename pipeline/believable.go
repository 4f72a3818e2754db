package pipeline

import "time"

// MaxCursor bounds epochs and seqs: it is the largest whole number that a number in JSON holds. Nothing that is
// believed is near it (see Believable), so adding to them never overflows.
const MaxCursor = 1<<53 - 1

const (
	// believableEpoch is how far an epoch may be ahead of the clock: epochs are milliseconds, and grow by
	// one where the clock had been set back.
	believableEpoch = 100 * 365 * 24 * time.Hour
	// believableSeq leaves half of all seqs to the log.
	believableSeq = MaxCursor / 2
	// believableStamp is how far a datestamp may be ahead of the clock.
	believableStamp = 24 * time.Hour
)

// Believable says whether a log can have given out the cursor, as far as can be said from outside.
func (c Cursor) Believable(now time.Time) bool {
	return c.Epoch >= 0 && c.Epoch <= now.Add(believableEpoch).UnixMilli() && c.Seq >= 0 && c.Seq <= believableSeq
}

// Believable says whether a log can have had the head. What comes from outside the log (a stream, a file beside
// it) is held to that before the log goes on above it: else one wrong number would be there for ever.
func (h Head) Believable(now time.Time) bool {
	return h.Cursor.Believable(now) && !h.Datestamp.After(now.Add(believableStamp))
}
