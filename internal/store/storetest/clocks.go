package storetest

import (
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// paused checks that a commit is refused, that nothing of it is left, and that the doors stay open.
func (x *fixture) paused() {
	x.Helper()
	before := x.head()
	b := x.page("alpha", live(identifier("alpha", "paused"), int(x.clock.Elapsed()/time.Second), "alpha"))
	_, err := x.log.Commit(x.Context(), b)
	x.is(err, pipeline.ErrPaused)
	if after := x.head(); after != before {
		x.Fatalf("head %+v while commits are paused, after %+v", after, before)
	}
	// What changes nothing needs no stamp.
	r := x.model.records[identifier("alpha", 0)]
	unchanged := x.page("alpha")
	unchanged.Unchanged = []pipeline.Seen{{Identifier: r.Identifier, Input: r.input}}
	x.ok(x.commit(unchanged))
	x.checkDoors()
}

func testClockForward(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.fill()

	// Within a minute it is believed.
	x.clock.Set(59 * time.Second)
	x.put("alpha", live(identifier("alpha", 0), 10, "alpha"))
	x.clock.Pass(time.Hour)
	x.put("alpha", live(identifier("alpha", 0), 11, "alpha"))

	// A step of more than a minute pauses, also if time goes on, and setting it right ends that.
	x.clock.Set(61 * time.Second)
	x.paused()
	x.clock.Pass(10 * time.Minute)
	x.paused()
	x.clock.Set(-61 * time.Second)
	x.put("alpha", live(identifier("alpha", 0), 12, "alpha"))
	x.checkDoors()

	// A log that is opened again believes the clock: that is how a person says that it is right.
	x.clock.Set(24 * time.Hour)
	x.paused()
	x.restart()
	x.put("alpha", live(identifier("alpha", 0), 13, "alpha"))
	if got := x.head().Datestamp; !got.Equal(x.clock.Wall().Truncate(time.Second)) {
		t.Errorf("head at %v, want %v", got, x.clock.Wall())
	}
	x.checkDoors()
}

func testClockBack(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.fill()
	for i, back := range []time.Duration{time.Second, 30 * time.Second, 4 * time.Minute} {
		before := x.head()
		x.clock.Set(-back)
		x.put("alpha", live(identifier("alpha", 0), 10+i, "alpha"))
		x.same("datestamp behind a clock that was set back", x.head().Datestamp, before.Datestamp)
		// Set right again: that is no step into the future.
		x.clock.Pass(time.Second)
		x.clock.Set(back)
		x.put("alpha", live(identifier("alpha", 0), 20+i, "alpha"))
		x.same("datestamp by a clock that was set right", x.head().Datestamp, x.clock.Wall().Truncate(time.Second))
		x.checkDoors()
	}
}

func testHeadFarAhead(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.fill()
	x.head()
	x.clock.Set(-6 * time.Minute)
	x.paused()
	x.restart()
	x.paused()
	x.clock.Pass(90 * time.Second) // four and a half minutes: the head waits, and commits go on
	x.put("alpha", live(identifier("alpha", 0), 10, "alpha"))
	x.checkDoors()
}

// testHeadIsDurable: what was handed out as responseDate holds after a crash with the clock set back.
func testHeadIsDurable(t *testing.T, f Factory) {
	x := start(t, t, f)
	for i := range 4 {
		x.put("alpha", live(identifier("alpha", 0), i, "alpha"))
		x.clock.Pass(100 * time.Second)
		id, err := x.oai.Identify(t.Context())
		x.ok(err)
		x.sawStamp(id.Head)
		if want := x.clock.Wall().Truncate(time.Second); !id.Head.Equal(want) {
			t.Errorf("responseDate %v while nothing is written, want %v", id.Head, want)
		}
		x.crash(func() { x.clock.Set(-90 * time.Second) })
		x.put("alpha", live(identifier("alpha", 1), i, "alpha"))
		if got := x.model.records[identifier("alpha", 1)].Datestamp; got.Before(id.Head) {
			t.Errorf("a commit is stamped %v, after %v was handed out", got, id.Head)
		}
		x.checkDoors()
	}
}
