package webhook

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Subscription is what one receiver is sent.
type Subscription struct {
	Name string
	URL  string
	// Secrets sign each request, all of them: a receiver takes a request that any secret it knows has signed. Each has 24 to
	// 64 bytes.
	Secrets [][]byte
	// Sources are those whose changes are sent: their names, or the ones in identifiers. Empty for all.
	Sources []string
	// Set is the set whose changes are sent; a record that leaves it is sent as deleted. Empty for all records.
	Set string
	// Operations are those that are sent ([changejson.Upserted], [changejson.Deleted]). Empty for all.
	Operations []string
	// FromBeginning says that a new subscription is sent the whole log, rather than what changes from now on.
	FromBeginning bool
	// Private are the networks without public addresses that the receiver may be in.
	Private []netip.Prefix
	// Timeout bounds a request, from the name's being resolved to the end of the answer.
	Timeout time.Duration
	// Parallel is how many requests may be under way at once.
	Parallel int
	// Retries is how often a change that was refused is tried again, at most len([Schedule]).
	Retries int
}

// Schedule is how long a change waits after each attempt that failed, before jitter: that of Standard Webhooks.
var Schedule = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// wants says whether a change is sent. stored is the name of its source in the log, which differs from that in events after a
// rename.
func (s *Subscription) wants(ev *pipeline.Event, stored string) bool {
	if len(s.Sources) > 0 && !slices.Contains(s.Sources, ev.Source) && !slices.Contains(s.Sources, stored) {
		return false
	}
	return len(s.Operations) == 0 || slices.Contains(s.Operations, changejson.Operation(ev))
}

// event makes the event of a record that was read; prev is the place of the change before it.
func event(rec *pipeline.Record, epoch, prev int64) pipeline.Event {
	ev := pipeline.Event{Record: *rec, Epoch: epoch, Prev: prev}
	ev.Source = cmp.Or(pipeline.SourceIn(ev.Identifier), ev.Source) // a rename changes nothing for receivers
	return ev
}
