package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

const day = 24 * time.Hour

// testForgottenRuns: so many runs of each source are remembered, and for so long; never less than the present one.
func testForgottenRuns(t *testing.T, f Factory) {
	x := start(t, t, f)
	end := func(source string) {
		t.Helper()
		run, err := x.log.Begin(t.Context(), source, nil)
		x.ok(err)
		x.clock.Pass(time.Second)
		x.ok(x.log.End(t.Context(), run, pipeline.Outcome{Result: pipeline.Complete, Account: pipeline.Account{By: pipeline.ByPerson}}))
	}
	kept := func(source string, k pipeline.Keep, limit int, forgotten int64, want int) {
		t.Helper()
		got, err := x.log.Forget(t.Context(), source, k, limit)
		x.ok(err)
		x.same("forgotten", got, pipeline.Forgotten{Runs: forgotten})
		runs, err := x.log.Runs(t.Context(), source, 1000)
		x.ok(err)
		x.same("kept", len(runs), want)
	}
	kept("nobody", pipeline.Keep{Runs: 1}, 10, 0, 0)
	for range 12 {
		end("alpha")
	}
	end("beta")
	kept("alpha", pipeline.Keep{}, 10, 0, 12)
	kept("alpha", pipeline.Keep{Runs: 12, RunsFor: day}, 10, 0, 12)
	kept("alpha", pipeline.Keep{Runs: 10}, 1, 1, 11)
	kept("alpha", pipeline.Keep{Runs: 10}, 10, 1, 10)
	newest, err := x.log.Runs(t.Context(), "alpha", 1)
	x.ok(err)
	x.same("the account of the newest", newest[0].Account.By, pipeline.ByPerson)
	x.clock.Pass(day + time.Minute)
	end("alpha")
	kept("alpha", pipeline.Keep{Runs: 10, RunsFor: 2 * day}, 10, 1, 10)
	x.crash(func() {})
	kept("alpha", pipeline.Keep{RunsFor: day}, 5, 5, 5)
	kept("alpha", pipeline.Keep{RunsFor: day}, 5, 4, 1)
	x.clock.Pass(2 * day)
	kept("alpha", pipeline.Keep{Runs: 1, RunsFor: day}, 5, 0, 1)
	end("alpha")
	x.clock.Set(2 * day)
	if _, err := x.log.Forget(t.Context(), "alpha", pipeline.Keep{RunsFor: day}, 5); !errors.Is(err, pipeline.ErrPaused) {
		t.Errorf("by a clock that was set forward: %v", err)
	}
	x.clock.Set(-2 * day)
	kept("alpha", pipeline.Keep{RunsFor: 3 * day}, 5, 0, 2)
	kept("beta", pipeline.Keep{Runs: 5}, 5, 0, 1)
}

// testForgottenQuarantine: items leave quarantine when they are too many, too large together, or too old, the oldest first;
// but none that the pass under way has met.
func testForgottenQuarantine(t *testing.T, f Factory) {
	x := start(t, t, f)
	run := x.begin("alpha", true)
	// noise is what can't be compressed to less than it is.
	noise := func(n int, seed byte) []byte {
		out := make([]byte, n)
		state := uint32(seed) + 1
		for i := range out {
			state ^= state << 13
			state ^= state >> 17
			state ^= state << 5
			out[i] = byte(state)
		}
		return out
	}
	reject := func(key string, done bool) {
		t.Helper()
		b := &pipeline.Batch{Run: run, From: run.Cursor, Next: run.Cursor + "x", Done: done, Rejects: []pipeline.Reject{{Key: key, Reason: "malformed", Original: noise(1000, key[0])}}}
		_, err := x.log.Commit(t.Context(), b)
		x.ok(err)
		run.Cursor = b.Next
		x.clock.Pass(time.Minute)
	}
	kept := func(what string, k pipeline.Keep, limit int, forgotten int64, want string) {
		t.Helper()
		got, err := x.log.Forget(t.Context(), "alpha", k, limit)
		x.ok(err)
		x.same(what+", forgotten", got, pipeline.Forgotten{Quarantined: forgotten})
		items, err := x.log.Quarantine(t.Context(), "alpha", 0, 100)
		x.ok(err)
		keys := ""
		for _, q := range items {
			keys += q.Key
		}
		x.same(what, keys, want)
		x.same(what+", in the status", x.statusOf("alpha").Quarantined, int64(len(want)))
	}
	for _, key := range []string{"a", "b", "c"} {
		reject(key, false)
	}
	kept("in the midst of the pass", pipeline.Keep{Quarantined: 1}, 10, 0, "abc")
	reject("d", true)
	kept("without bounds", pipeline.Keep{}, 10, 0, "abcd")
	kept("within bounds", pipeline.Keep{Quarantined: 4, QuarantinedFor: day, QuarantinedBytes: 1 << 20}, 10, 0, "abcd")
	reject("a", true) // again, so that it is the youngest
	kept("too many, a few at once", pipeline.Keep{Quarantined: 2}, 1, 1, "acd")
	kept("too many", pipeline.Keep{Quarantined: 2}, 10, 1, "ad")
	for _, key := range []string{"e", "f"} {
		reject(key, true)
	}
	kept("too large", pipeline.Keep{QuarantinedBytes: 3500}, 10, 1, "aef")
	x.clock.Pass(day - 150*time.Second)
	kept("too old", pipeline.Keep{QuarantinedFor: day}, 10, 1, "ef")
	x.crash(func() {})
	reject("g", false)
	kept("older ones while a pass is under way", pipeline.Keep{Quarantined: 1}, 10, 2, "g")
	b := &pipeline.Batch{Run: run, From: run.Cursor, Next: run.Cursor + "x", Done: true, Noted: []pipeline.Noted{{Identifier: identifier("alpha", "h"), Memo: "etag"}},
		Rejects: []pipeline.Reject{{Key: "h", Identifier: identifier("alpha", "h"), Reason: "malformed", Original: noise(1000, 'h')}}}
	_, err := x.log.Commit(t.Context(), b)
	x.ok(err)
	run.Cursor = b.Next
	memo := func() string {
		known, err := x.log.Known(t.Context(), []pipeline.Ask{{Identifier: identifier("alpha", "h"), Memo: true}})
		x.ok(err)
		return known[0].Memo
	}
	x.same("what is noted of an item in quarantine", memo(), "etag")
	x.clock.Pass(time.Minute)
	reject("i", true)
	kept("one that the source noted something of", pipeline.Keep{Quarantined: 1}, 10, 2, "i")
	x.same("what is noted of an item that was forgotten", memo(), "")
}
