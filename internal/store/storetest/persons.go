package storetest

import (
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// trouble checks whether the log says that commits are paused.
func (x *fixture) trouble(want error) {
	x.Helper()
	if err := x.log.Trouble(); want == nil {
		x.ok(err)
	} else {
		x.is(err, want)
	}
}

// testConfirmClock: a person says that a clock that was set forward is right. The next start believes it too.
func testConfirmClock(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.fill()
	x.trouble(nil)
	x.clock.Set(3 * time.Hour)
	x.trouble(pipeline.ErrPaused)
	x.paused()
	at, err := x.log.ConfirmClock(t.Context())
	x.ok(err)
	x.same("the time that is confirmed", at.UTC(), x.clock.Wall())
	x.trouble(nil)
	x.put("alpha", live(identifier("alpha", 0), 10, "alpha"))
	x.same("datestamp by a clock that was confirmed", x.head().Datestamp, x.clock.Wall().Truncate(time.Second))
	x.crash(func() {})
	x.put("alpha", live(identifier("alpha", 0), 11, "alpha"))
	x.checkDoors()

	// A head that is far ahead is another matter: what was handed out can't be taken back by a word about the clock.
	x.clock.Set(-3 * time.Hour)
	_, err = x.log.ConfirmClock(t.Context())
	x.is(err, pipeline.ErrPaused)
	x.paused()
}

// testBeginEpoch: a person's word ends a history that was stamped by a wrong clock. Everything shows the present second,
// cursors of before are refused, and commits go on.
func testBeginEpoch(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.clock.Pass(5 * time.Hour)
	x.fill()
	before := x.head()
	x.clock.Set(-4 * time.Hour)
	x.trouble(pipeline.ErrPaused)
	x.paused()
	x.ok(x.log.BeginEpoch(t.Context(), "a person says so"))
	x.trouble(nil)
	x.stamp = time.Time{} // this once it goes back
	x.inNewEpoch(before.Epoch, pipeline.Head{Cursor: pipeline.Cursor{Seq: before.Seq}})
	x.same("datestamp of the new epoch", x.head().Datestamp, x.clock.Wall().Truncate(time.Second))
	x.checkDoors()
	x.put("alpha", live(identifier("alpha", 9), 0, "alpha"), gone(identifier("alpha", 0), pipeline.SourceDeleted))
	x.crash(func() {})
	x.checkDoors()
}
