package sqlite_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
)

func TestSessions(t *testing.T) {
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), dir, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	before, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)
	session := func(id int64, age time.Duration) store.Session {
		return store.Session{
			ID: id, Address: "192.0.2.1", Agent: "harvester/1.0", Contact: "a@example.org", Verb: "ListRecords", Prefix: "oai_dc", Set: "a:b",
			From: now.Add(-48 * time.Hour), Began: now.Add(-2 * age), Last: now.Add(-age), Position: 10 * id, Size: -1, Requests: id, Records: 11 * id, Bytes: 1 << 40,
			Finished: id%2 == 0,
		}
	}
	keep := func(most int, changed ...store.Session) {
		t.Helper()
		if err := s.KeepSessions(t.Context(), changed, now.Add(-30*24*time.Hour), most); err != nil {
			t.Fatal(err)
		}
	}
	want := func(sessions ...store.Session) {
		t.Helper()
		got, err := s.Sessions(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(sessions, got); d != "" {
			t.Errorf("sessions (-want +got):\n%s", d)
		}
	}
	keep(10, session(1, time.Hour), session(2, time.Minute), session(3, 31*24*time.Hour))
	want(session(2, time.Minute), session(1, time.Hour)) // the third is too old
	keep(2, session(1, time.Second), session(4, 2*time.Second))
	want(session(1, time.Second), session(4, 2*time.Second))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = sqlite.Open(t.Context(), dir, sqlite.Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	want(session(1, time.Second), session(4, 2*time.Second))
	if after, err := s.Head(t.Context()); err != nil || after.Cursor != before.Cursor {
		t.Errorf("the log moved from %v to %v: %v", before, after, err)
	}
}
