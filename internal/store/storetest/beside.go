package storetest

import (
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

func testMemos(t *testing.T, f Factory) {
	x := start(t, t, f)
	memo := func(name, want string) {
		t.Helper()
		got, err := x.log.Memo(t.Context(), name)
		x.ok(err)
		x.same("memo "+name, got, want)
	}
	memo("a", "")
	x.ok(x.log.SetMemo(t.Context(), "a", "one"))
	x.ok(x.log.SetMemo(t.Context(), "a", "two"))
	x.ok(x.log.SetMemo(t.Context(), "b", "other"))
	x.ok(x.log.SetMemo(t.Context(), "_/x", "three"))
	x.ok(x.log.SetMemo(t.Context(), "_/", "four"))
	x.ok(x.log.SetMemo(t.Context(), "a/", "five"))
	x.ok(x.log.SetMemo(t.Context(), "a/", ""))
	memos := func(prefix string, want map[string]string) {
		t.Helper()
		got, err := x.log.Memos(t.Context(), prefix)
		x.ok(err)
		x.same("memos "+prefix, got, want)
	}
	memos("_/", map[string]string{"x": "three", "": "four"}) // the characters are themselves, no pattern
	memos("a/", map[string]string{})
	key, err := x.log.Key(t.Context(), "k")
	x.ok(err)
	other, err := x.log.Key(t.Context(), "l")
	x.ok(err)
	if len(key) != 32 || string(key) == string(other) {
		t.Errorf("keys %x and %x", key, other)
	}
	x.restart()
	memo("a", "two")
	memo("b", "other")
	x.ok(x.log.SetMemo(t.Context(), "a", ""))
	memo("a", "")
	again, err := x.log.Key(t.Context(), "k")
	x.ok(err)
	x.same("the key after a restart", again, key)
}

// testIdentity: a log is itself for as long as it is, and no other one; and it remembers that a person wants the event
// stream to be its own until that is done.
func testIdentity(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.same("namespace", x.log.Namespace(), namespace)
	id := x.log.Identity()
	if other := start(t, t, f).log.Identity(); id.ID == "" || id.ID == other.ID || len(id.Key) < 32 || string(id.Key) == string(other.Key) {
		t.Errorf("two logs are %+v and %+v", id, other)
	}
	takesOver := func(want bool) {
		t.Helper()
		got, err := x.log.TakesOver(t.Context())
		x.ok(err)
		x.same("takes over", got, want)
	}
	takesOver(false)
	x.ok(x.log.TakeOver(t.Context()))
	x.crash(func() {})
	x.same("identity after a restart", x.log.Identity(), id)
	takesOver(true)
	x.ok(x.log.TookOver(t.Context()))
	x.restart()
	takesOver(false)
}

// testSessions: who harvests is written down beside the log, the latest of it, and moves nothing in it.
func testSessions(t *testing.T, f Factory) {
	x := start(t, t, f)
	before := x.head()
	now := x.clock.Wall().Truncate(time.Second)
	session := func(id int64, age time.Duration) store.Session {
		return store.Session{
			ID: id, Address: "192.0.2.1", Agent: "harvester/1.0", Contact: "a@example.org", Verb: "ListRecords", Prefix: "oai_dc", Set: "a:b",
			From: now.Add(-48 * time.Hour), Began: now.Add(-2 * age), Last: now.Add(-age), Position: 10 * id, Size: -1, Requests: id, Records: 11 * id, Bytes: 1 << 40,
			Finished: id%2 == 0,
		}
	}
	keep := func(most int, changed ...store.Session) {
		t.Helper()
		x.ok(x.log.KeepSessions(t.Context(), changed, now.Add(-30*24*time.Hour), most))
	}
	want := func(sessions ...store.Session) {
		t.Helper()
		got, err := x.log.Sessions(t.Context())
		x.ok(err)
		x.same("sessions", got, sessions)
	}
	keep(10, session(1, time.Hour), session(2, time.Minute), session(3, 31*24*time.Hour))
	want(session(2, time.Minute), session(1, time.Hour)) // the third is too old
	keep(2, session(1, time.Second), session(4, 2*time.Second))
	want(session(1, time.Second), session(4, 2*time.Second))
	x.restart()
	want(session(1, time.Second), session(4, 2*time.Second))
	x.same("head", x.head().Cursor, before.Cursor)
}
