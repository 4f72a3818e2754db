package sqlite

import (
	"context"
	"path/filepath"
	"testing"
)

// Memos outlive the program, and are no part of the log.
func TestMemo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	open := func() *Store {
		t.Helper()
		s, err := Open(context.Background(), dir, Options{Namespace: "memo.example.org"})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	memo := func(s *Store, want string) {
		t.Helper()
		if got, err := s.Memo(t.Context(), "figures"); err != nil || got != want {
			t.Errorf("the memo is %q, %v; want %q", got, err, want)
		}
	}
	s := open()
	memo(s, "")
	before, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"one", "two"} {
		if err := s.SetMemo(t.Context(), "figures", text); err != nil {
			t.Fatal(err)
		}
		memo(s, text)
	}
	if after, err := s.Head(t.Context()); err != nil || after.Cursor != before.Cursor || after.Digest != before.Digest {
		t.Errorf("a memo has moved the log from %v to %v, %v", before, after, err)
	}
	if stats := s.Writes(); stats.Writes < 2 || stats.Commits < 1 || stats.Committing <= 0 {
		t.Errorf("what was written is not counted: %+v", stats)
	}
	if free, ok := s.DiskFree(); ok && free <= 0 {
		t.Errorf("%d bytes are free", free)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open()
	defer s.Close()
	memo(s, "two")
	if err := s.SetMemo(t.Context(), "figures", ""); err != nil {
		t.Fatal(err)
	}
	memo(s, "")
	if last, err := s.Last(t.Context(), "nobody"); err != nil || last.Seq != 0 || last.Epoch != before.Epoch {
		t.Errorf("the last change of no source is %v, %v", last, err)
	}
}
