// Package pipeline is the flow: source → crosswalk → log; log → relay → stream.
//
// It declares what it needs of a log (Log, Reader, Relayed) and of a broker (Publisher), and runs the
// two halves over them: a Runner brings one source's pages into the log, a Scheduler runs the
// runners when they are due, a Relay reads the log and publishes what it finds.
//
// Both halves are made to be killed at any instant. What was committed is the only state: a runner
// goes on from the cursor that was stored with the last page, a relay from the last event in the
// stream.
package pipeline

import (
	"context"
	"errors"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Log is the log of records as the writing half sees it. Package store implements it; the suite in
// storetest holds an implementation to every sentence here.
type Log interface {
	// Begin starts a run of a source, and fences off any earlier run of it: from here on a commit of an
	// earlier run is ErrFenced. If restart is nil, the run goes on from the stored cursor; else it starts
	// a new full pass, from what restart makes of that cursor (see FromTheStart).
	Begin(ctx context.Context, source string, restart func(harvest.Cursor) harvest.Cursor) (*Run, error)

	// Pass says how the present pass of a source stands, and what it is measured by.
	Pass(ctx context.Context, source string) (Pass, error)

	// Accept notes that a person takes the pass of the run as it comes, and what is held of the source too. The run goes on
	// from what again makes of its cursor. ErrFenced if the run is not current any more.
	Accept(ctx context.Context, run *Run, again func(harvest.Cursor) harvest.Cursor) error

	// Known says what the log has under each of the given identifiers, in their order.
	Known(ctx context.Context, ask []Ask) ([]Known, error)

	// Commit stores a page, or a part of a large one, all or nothing, durably before it returns. It gives every real change the
	// next seq and the datestamp of the commit. ErrFenced if the run or the cursor that it started
	// from is not current any more; ErrStale if something that the batch takes for unchanged has
	// changed, or a change is one of another item than the record's (see Rivals; ask again); ErrPaused if the clock can't be trusted now.
	Commit(ctx context.Context, b *Batch) (*Receipt, error)

	// Held says what is held of a source (Batch.Hold), and HeldChanges gives up to limit of the changes, behind the given
	// item, in the order of their items: those that nobody has decided about and those approved, or only the latter. None
	// is given whose record has come again since, in whatever way.
	Held(ctx context.Context, source string) (Held, error)
	HeldChanges(ctx context.Context, source string, after int64, approvedOnly bool, limit int) ([]HeldChange, error)

	// HoldAbsent holds the deletion of live records behind the given item that the present pass of the run, whose end comes
	// next, and as many complete full passes before it as make up that number of passes, have not met. It looks at up to
	// limit of them, and gives the last one, or 0 if there are no more. It holds none while the pass is known to lack
	// items, or nothing shows that it has all, or an item of it was rejected that may be any. ErrFenced as with Commit.
	HoldAbsent(ctx context.Context, run *Run, passes int, after int64, limit int) (last int64, err error)

	// Decide writes down what a person said of what waits with the given run. What is refused stays held, is told of no
	// more, and is forgotten when its record comes again in another way. ErrNotFound if nothing waits with that run: more
	// may have come to it. Decisions gives the newest ones, the last one first.
	Decide(ctx context.Context, source string, run int64, d Decision) error
	Decisions(ctx context.Context, limit int) ([]Decided, error)

	// Compare says how what the present pass of the run has met so far and the log differ: Listed, Extra and Digest of a
	// Reconciliation, with what the batches of the pass have found and missed. ErrFenced as with Commit.
	Compare(ctx context.Context, run *Run) (Reconciliation, error)

	// End writes down how a run ended. A fenced run ends without effect.
	End(ctx context.Context, run *Run, o Outcome) error

	// Forget forgets up to limit runs of a source, and up to limit of its items in quarantine, that are beyond a bound: the
	// oldest first, never the present run, and no item that the pass under way has met, whose rejection may show that the
	// pass does not prove what is absent. What the source has noted of such an item is forgotten with it, so that it is
	// asked for again. ErrPaused while the clock can't be trusted, by which what is young would be too old.
	Forget(ctx context.Context, source string, k Keep, limit int) (Forgotten, error)
}

// A Reader is the log as the doors see it: one list, one cursor.
type Reader interface {
	// Head is the present end of the log.
	Head(ctx context.Context) (Head, error)

	// Read gives up to limit records after seq, in seq order, and the head of the same snapshot. It may
	// give fewer where they are large; only none at all means that there are no more.
	Read(ctx context.Context, after int64, limit int) ([]Record, Head, error)

	// Record gives one record with its original. ErrNotFound if there is none.
	Record(ctx context.Context, identifier string) (*Record, error)

	// Changed returns a channel that is closed when the log has grown, or has begun a new epoch, since the call.
	Changed() <-chan struct{}
}

// Relayed is what a relay keeps in the log.
type Relayed interface {
	Reader
	// Mark is the place that SetMark saved last; zero if none.
	Mark(ctx context.Context) (Mark, error)
	SetMark(ctx context.Context, m Mark) error
	// Epochs are the epochs that this log has gone through, oldest first, the present one last, each
	// with the last seq that it gave out (zero for the present one). Among them is the epoch that a NewEpoch
	// was begun above.
	Epochs(ctx context.Context) ([]Cursor, error)
	// Stamped is the datestamp under which the present epoch gave out a seq; zero if it never did.
	Stamped(ctx context.Context, seq int64) (time.Time, error)
	// NewEpoch ends the present history: something that was handed out is not in the log any more.
	// The new epoch is larger than any known, and what changes in it gets a seq and a datestamp above
	// those given. Records that are in the log keep their seqs, of which consumers know nothing in the
	// new epoch, and from now on show the epoch's first datestamp (Head.Began) in place of their older
	// ones. That costs the same for any number of records; only the digest is worked out in the background.
	NewEpoch(ctx context.Context, above Head, why string) error
}

// FromTheStart is a restart that keeps nothing of the cursor.
func FromTheStart(harvest.Cursor) harvest.Cursor { return "" }

// What a Log answers when it can't.
var (
	ErrFenced   = errors.New("another run of this source has begun since")
	ErrStale    = errors.New("a record changed while this page was prepared")
	ErrPaused   = errors.New("commits are paused: the clock can't be trusted")
	ErrFull     = errors.New("harvests are paused: the disk is nearly full")
	ErrNotFound = errors.New("no such record")
)

// A Head is the end of the log at one moment.
type Head struct {
	Cursor
	// Datestamp is that of the newest change, or later: every change after this snapshot has a
	// datestamp ≥ it. UTC, whole seconds.
	Datestamp time.Time
	// Began is the first datestamp of the epoch: what has a seq up to BeganAfter is of an earlier one, and
	// shows that datestamp. Both are zero in the log's first epoch.
	Began      time.Time
	BeganAfter int64
	// Digest is the sum mod 2²⁵⁶ of SHA-256 over (identifier, datestamp, oai_dc) of all live records. It
	// says nothing while DigestPending: it is worked out anew after an epoch has begun.
	Digest        Digest
	DigestPending bool
}

// Shown is the datestamp that a record shows whose place is this seq, and which was stamped so when it came there. Both
// are in seconds since 1970.
func (h *Head) Shown(seq, stamped int64) int64 {
	if seq <= h.BeganAfter {
		return h.Began.Unix()
	}
	return stamped
}

// A Mark is how far the relay has come: the log's cursor, and the broker's own sequence number of
// the message that carried it.
type Mark struct {
	Cursor
	StreamSeq uint64
	Saved     time.Time // when the place was saved, in whole seconds
}

// A Run is one attempt to bring a source's pass forward.
type Run struct {
	ID      int64
	Source  string
	Cursor  harvest.Cursor // where the pass stood when the run began
	Started time.Time
	// Told, if not nil, hears after each commit what became of each item.
	Told func(*Receipt)
}

// An Outcome is how a run ended.
type Outcome struct {
	Result string // one of the results of a Report
	Err    string // for people; empty if all went well
	// Warnings are kept with the source until its next run ends.
	Warnings []string
	// Next, if not empty, is where the next run goes on, if the source still stands at From.
	From, Next harvest.Cursor
	// Restart says that the pass can't go on from its cursor: the next run begins a new one.
	Restart bool
	Counts  Counts
	Account Account // kept with the run
}

// Counts count what a run or a commit did.
type Counts struct {
	Pages, Items                    int64
	Added, Updated, Deleted         int64
	Unchanged, Rejected, Suppressed int64
	Warnings                        int64
}

// Add adds d to c.
func (c *Counts) Add(d Counts) {
	c.Pages += d.Pages
	c.Items += d.Items
	c.Added += d.Added
	c.Updated += d.Updated
	c.Deleted += d.Deleted
	c.Unchanged += d.Unchanged
	c.Rejected += d.Rejected
	c.Suppressed += d.Suppressed
	c.Warnings += d.Warnings
}

// Changes is the number of changes: what got a new seq.
func (c Counts) Changes() int64 { return c.Added + c.Updated + c.Deleted }

// An Ask asks what the log has of an item.
type Ask struct {
	Identifier string
	Aliases    []string // identifiers under which the item may have come before
	Input      Hash     // of what came of it now
	Memo       bool     // ask for Known.Memo too
	Sets       bool     // ask for Known.Sets too
}

// Known is what the log has of an item.
type Known struct {
	// Identifier is that under which the item is kept: the one asked for, or an earlier one that an
	// alias led to. Empty if the item is new.
	Identifier string
	// Input is the hash of what the source sent last time.
	Input Hash
	// Owner is what the source calls the item that is kept so, in full (Origin.Identifier). It may be left
	// out where Input is the one that was asked with: then it is the same item; or where none was asked with.
	Owner string
	// Met says that the present pass of its source has given it.
	Met bool
	// Live says that the record is not deleted.
	Live bool
	// Suppressed says that the item was taken down for good and must not come back.
	Suppressed bool
	// Sets are the record's set specs, if they were asked for.
	Sets []string
	// Memo is what the source noted last under the identifier that was asked with (Batch.Noted), whether it became a
	// record or not; empty if nothing, if the record is deleted, or if
	// nobody asked for it.
	Memo string
}

// A Batch is one page of one run, ready to be stored; or a part of a page, if Next is From and more follows
// from there.
type Batch struct {
	Run  *Run
	From harvest.Cursor // the cursor that the page was fetched at
	Next harvest.Cursor // the cursor after it

	Changes   []Change
	Unchanged []Seen
	Rejects   []Reject

	// Kept are the identifiers of items that are as they were when they came last, whatever became of them then: a record
	// is met, an item in quarantine stays there, and only a deletion that is held of it is forgotten. Noted are what the
	// source notes of items.
	Kept  []string
	Noted []Noted

	// Ended are the places that the pass has read to their ends ([harvest.Page].Ended): what of them went into quarantine in an
	// earlier pass leaves it.
	Ended []string

	// SetNames are what sets are called, for people, by their specs. The name of a set that never had a record does
	// nothing. They come with the last page of a full pass.
	SetNames map[string]string

	// Done, Full and Unproven are those of the page. Short says that the pass is known to lack items: where it
	// is Done, it is not complete.
	Done, Full, Unproven, Short bool

	// Reconciles says that the batch is of a full pass that compares what the source lists with the log (Page.Reconciles).
	// Found and Missing are how many items the source lists that the log lacked before, and lacks still. Proof is what came
	// of it, where the batch is Done; it is kept, with some before it.
	Reconciles     bool
	Found, Missing int64
	Proof          *Reconciliation

	// Hold says which changes of live records are held instead of stored. Settles says that the changes were held, and are
	// to be stored now; the pass has not met them again. Waits, where the batch is Done, says that what is held waits for a
	// person.
	Hold           Holding
	Settles, Waits bool

	fresh   int64             // items that the log had not when the batch was prepared
	keys    map[string]string // what the source calls the items, by their identifiers; nil if nobody wants to hear of them
	repeats bool              // an item came more than once, and not always the same
	omitted []string          // why items were left out: a sentence for each
}

// Noted is what a source notes of an item for the next time that it asks for it ([harvest.Item].Memo);
// with an empty memo, what was noted is forgotten.
type Noted struct{ Identifier, Memo string }

// Seen is an item that came again just as it was.
type Seen struct {
	Identifier string
	Input      Hash
}

// A Reason says why a record is deleted; empty for a live one.
type Reason string

// The reasons.
const (
	Live          Reason = ""
	SourceDeleted Reason = "source-deleted"
	Absent        Reason = "absent"
	Takedown      Reason = "takedown"
	Withdrawn     Reason = "withdrawn"
	SourceRetired Reason = "source-retired"
)

// Final says that the source has no say in it any more.
func (r Reason) Final() bool { return r == Takedown || r == Withdrawn }

// A Change is the state that a record shall have. The log finds out whether that is a change: one with the
// fingerprint that the record has already moves nothing.
type Change struct {
	Identifier  string
	Aliases     []string
	Deleted     Reason
	Input       Hash // of what the source sent
	Fingerprint Hash // of what is served
	// Sets are set specs: the source's own, then those made by rules; ancestors need not be named. A deletion keeps the
	// sets that the record had, and takes these only for a record never seen before.
	Sets   []string
	Origin Origin
	// Several says that the source lists sets one after another, so that the pass may give a record once with each.
	Several bool
	// Formats are those that can be made of DC. A deletion keeps those that the record had.
	Formats Formats
	// Rights is the URL of the terms under which the metadata may be used; empty if nobody said.
	Rights string
	// DC is the Dublin Core record as JSON, OAIDC as an oai_dc element; both empty for a deletion.
	DC, OAIDC []byte
	// Original is what the source sent, Rules the version of the mapper that made the rest of it.
	Original []byte
	Rules    string
	// Notes are what the mapper noted while it made the rest, in the mapper's own form; nil if nothing.
	Notes []byte
}

// Origin is where a version of a record came from.
type Origin struct {
	BaseURL    string // of the repository, if it came by OAI-PMH
	Identifier string // the source's own
	Datestamp  string // the source's own, as written
	Format     harvest.Format
	Harvested  time.Time
	// Provenance is the chain of earlier origins, an XML element; empty if there is none.
	Provenance []byte
}

// A Reject is an item for quarantine.
type Reject struct {
	Key        string // the source's own identifier, or a name for a page
	Identifier string // the record that it would have been, if known; it stays live and is flagged stale
	Reason     string
	Detail     string
	Original   []byte
	// Said is what the source said of the item beside that, if the item can be tried again (see Order.Retry).
	Said []byte
}

// A Receipt says what a commit did.
type Receipt struct {
	Head    Head
	Counts  Counts
	Reasons map[string]int64 // how many items were rejected, by reason
	Fates   []Fate           // of the items, if the batch Tells
	// Returned is how many live records were changed that the pass had given before, with the same datestamp of the source.
	Returned int64

	// Stages say when the page was fetched, prepared and committed. The runner sets them, not the log.
	Stages Stages
}

// A Record is a record of the log.
type Record struct {
	Identifier  string
	Source      string
	Seq         int64
	Version     int64 // counts the changes of the record from 1
	Datestamp   time.Time
	Deleted     Reason
	Fingerprint Hash
	Sets        []string
	Origin      Origin
	DC          []byte // JSON; of a deleted record, the last there was
	// OAIDC comes with [Feed.Changes] only, where it is asked for.
	OAIDC []byte
	// Original comes with Record, and with [Feed.Changes] where it is asked for. Rules, Notes, Stale and Seen come with Record only.
	Original []byte
	Rules    string
	Notes    []byte    // as the mapper wrote them
	Stale    bool      // the newest harvest of it was rejected
	Seen     time.Time // when the source was last seen to have it
}
