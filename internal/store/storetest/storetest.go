// Package storetest is the conformance suite of the log: whatever implements pipeline.Log,
// pipeline.Relayed, pipeline.Keeper and oaipmh.Repository over one store must pass it.
//
// The suite tries to break promises 1, 2, 3, 5, 8 and 9 of the design and the epoch, through the
// exported surface only. Generated histories are run against the log and against a plain model in
// memory, and every door is read back and compared; harvesters that follow the protocol walk while
// records move under them; the clock jumps; the log is closed, killed, and set back to older copies.
//
// An implementation calls Run from a test of its own:
//
//	func TestConformance(t *testing.T) {
//		storetest.Run(t, func(t *testing.T, o storetest.Options) *storetest.Instance { … })
//	}
package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Log is what the suite tests: one store with all its faces.
type Log interface {
	pipeline.Log
	pipeline.Relayed
	pipeline.Feed
	pipeline.Keeper
	store.Curator
	// Status, Holdings and Quarantine say how each source stands, what the log has of it, and which of its items
	// are in quarantine.
	Status(ctx context.Context) ([]store.SourceStatus, error)
	// Runs gives runs of a source, or of all, the newest first.
	Runs(ctx context.Context, source string, limit int) ([]store.PastRun, error)
	// Reconciliations are what came of holding the list of a source against the log, the last one first.
	Reconciliations(ctx context.Context, source string, limit int) ([]pipeline.Reconciliation, error)
	Holdings(ctx context.Context) ([]pipeline.SourceCounts, error)
	Quarantine(ctx context.Context, source string, after int64, limit int) ([]store.Quarantined, error)
	// Browse walks the live records of a source, or of all, up or down; Last is the place of the last change.
	Browse(ctx context.Context, source string, from int64, down bool, limit int) (pipeline.BrowsedPage, error)
	Last(ctx context.Context, source string) (pipeline.Cursor, error)
	// Entries gives the live records by their numbers.
	Entries(ctx context.Context, after, upto int64, limit int, oaiDC bool) ([]pipeline.Entry, int64, error)
	// Memo, Key, Identity, the take-over of a stream and Sessions are what is written down beside the log.
	Memo(ctx context.Context, name string) (string, error)
	Memos(ctx context.Context, prefix string) (map[string]string, error)
	SetMemo(ctx context.Context, name, text string) error
	Key(ctx context.Context, name string) ([]byte, error)
	Identity() store.Identity
	TakeOver(ctx context.Context) error
	TakesOver(ctx context.Context) (bool, error)
	TookOver(ctx context.Context) error
	KeepSessions(ctx context.Context, changed []store.Session, since time.Time, most int) error
	Sessions(ctx context.Context) ([]store.Session, error)
	// Silence says which sets don't tell of the records that have left them, and Gateway numbers what the gateway was called.
	Silence(ctx context.Context, sets map[string]bool) error
	Gateway(ctx context.Context, g pipeline.Gateway) (int, error)
	Namespace() string
	// BeginEpoch and ConfirmClock do what a person says; Trouble says why one is needed.
	BeginEpoch(ctx context.Context, why string) error
	ConfirmClock(ctx context.Context) (time.Time, error)
	Trouble() error
	// Snapshot, Commits and Fresh are for those who keep what they have read.
	Snapshot(ctx context.Context, f func(store.View) error) error
	Commits() int64
	Fresh(ctx context.Context, since, after, upto int64) (head time.Time, ok bool)
	// Health, Check, Checked and Writes say how the log stands.
	Health() error
	Check(ctx context.Context, thorough bool) (records int64, err error)
	Checked() time.Time
	Writes() store.WriteStats
	// Repository serves this log through OAI-PMH.
	Repository() oaipmh.Repository
	Close() error
}

// Options are what an instance must be opened with.
type Options struct {
	// Namespace is the domain in every identifier.
	Namespace string
	// Clock is the only clock that the log may ask.
	Clock *Clock
	// Declared are the specs of sets that there are before anything is in them, in their order.
	Declared []string
	// Formats are the writers of formats. The pages about records have the addresses of Page.
	Formats *formats.Table
}

// An Instance is an empty store that can be opened, any number of times, one Log at a time.
type Instance struct {
	// Open opens the log as it was left.
	Open func(ctx context.Context) (Log, error)

	// Kill ends an open log as a crash does: nothing more is written, not even in the background, and
	// nothing is tidied up. The suite calls it while no write is under way. If nil, the log is closed
	// instead.
	Kill func(Log) error

	// Save copies the closed store, and returns what puts the copy in its place while it is closed,
	// keeping all that is kept beside it (a high-water mark). If nil, the tests of older copies are skipped.
	Save func() (load func() error, err error)

	// Snapshot copies the closed store with all that is kept beside it, and returns what puts all of it in its
	// place again while it is closed. If nil, the tests of a whole folder that is put back are skipped.
	Snapshot func() (load func() error, err error)

	// Backup makes a copy of the open log, as its operators do, and gives the instance that they would restore from
	// it on another machine. If nil, the test of backups is skipped.
	Backup func(ctx context.Context, l Log) (*Instance, error)

	// Tally says how many records and quarantined items each source has. If nil, that is not compared.
	Tally func(ctx context.Context, l Log) (map[string]Tally, error)
}

// A Tally is what a source has in the log.
type Tally struct {
	Live, Deleted, Quarantined int64
}

// A Factory makes an empty store. What it needs to remove afterwards it leaves to t.
type Factory func(t *testing.T, o Options) *Instance

// Run runs the suite.
func Run(t *testing.T, f Factory) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Factory)
	}{
		{"Histories", testHistories},
		{"Boundaries", testBoundaries},
		{"KeptPages", testKeptPages},
		{"NewestAgain", testNewestAgain},
		{"ReadersAndWriters", testReadersAndWriters},
		{"Changed", testChanged},
		{"Returned", testReturned},
		{"Harvests", testHarvests},
		{"HarvestWhileWriting", testHarvestWhileWriting},
		{"UntilInThePast", testUntilInThePast},
		{"BadQueries", testBadQueries},
		{"ClockForward", testClockForward},
		{"ClockBack", testClockBack},
		{"HeadFarAhead", testHeadFarAhead},
		{"HeadIsDurable", testHeadIsDurable},
		{"Fencing", testFencing},
		{"Passes", testPasses},
		{"AllOrNothing", testAllOrNothing},
		{"AgainOnAPage", testAgainOnAPage},
		{"Fates", testFates},
		{"Committers", testCommitters},
		{"Aliases", testAliases},
		{"Owners", testOwners},
		{"Takedown", testTakedown},
		{"Removal", testRemoval},
		{"Withdrawal", testWithdrawal},
		{"Held", testHeld},
		{"HeldChanges", testHeldChanges},
		{"Absent", testAbsent},
		{"Reconciliations", testReconciliations},
		{"Noted", testNoted},
		{"Quarantine", testQuarantine},
		{"ForgottenQuarantine", testForgottenQuarantine},
		{"ForgottenRuns", testForgottenRuns},
		{"EndedPlaces", testEndedPlaces},
		{"Dismissal", testDismissal},
		{"Runs", testRuns},
		{"Stop", testStop},
		{"Retire", testRetire},
		{"Rename", testRename},
		{"Marks", testMarks},
		{"Memos", testMemos},
		{"Identity", testIdentity},
		{"Sessions", testSessions},
		{"BeginEpoch", testBeginEpoch},
		{"ConfirmClock", testConfirmClock},
		{"Stamped", testStamped},
		{"Sample", testSample},
		{"Fresh", testFresh},
		{"Check", testCheck},
		{"Backup", testBackup},
		{"NewEpoch", testNewEpoch},
		{"NewEpochWhileWriting", testNewEpochWhileWriting},
		{"OlderCopy", testOlderCopy},
		{"PutBack", testPutBack},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, f) })
	}
}
