package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// TestHealthOfFailedWrite: health says that the last write found no room, and is well again by itself when
// one has gone well that wrote something.
func TestHealthOfFailedWrite(t *testing.T) {
	clock := &handClock{}
	s := open(t, t.TempDir(), clock)
	f := newFeed(t, s, "a")
	f.fill(s, 50, 0)
	limit(t, s, 0)
	for content := 1; f.commit(s, change("a", 50+content, content)) == nil; content++ {
		if content > 1000 {
			t.Fatal("the disk was never full")
		}
	}
	for range 2 { // a write that changes nothing shows nothing
		if err := s.Health(); err == nil || !strings.Contains(err.Error(), "make room") {
			t.Fatalf("health says %v", err)
		}
		if err := s.writer.do(t.Context(), func(*sqlite.Conn) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	limit(t, s, -1)
	clock.at += 5 * time.Second
	await(t, func() error {
		_, err := s.Head(t.Context())
		return errors.Join(err, s.Health())
	})
}

// TestHealthOfContradiction: a log that contradicts itself is damaged until a check finds it whole.
func TestHealthOfContradiction(t *testing.T) {
	s := open(t, t.TempDir(), &handClock{})
	f := newFeed(t, s, "a")
	f.fill(s, 5, 0)
	if err := s.writer.do(t.Context(), func(conn *sqlite.Conn) error {
		return exec(conn, "INSERT INTO item SELECT NULL, identifier, source, seq, version, seen, stale, format, fingerprint, input FROM item")
	}); sqlite.ErrCode(err).ToPrimary() != sqlite.ResultConstraint {
		t.Fatalf("says %v", err)
	}
	f.fill(s, 5, 1)
	if err := s.Health(); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "sheaf doctor") {
		t.Errorf("health says %v", err)
	}
	if _, err := s.Check(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if err := s.Health(); err != nil {
		t.Errorf("the log is whole: %v", err)
	}
}

// TestAdvice: what an operator can do about each kind of error, and nothing about those of a caller's making.
func TestAdvice(t *testing.T) {
	for _, test := range []struct {
		err  error
		says string
	}{
		{syscall.ENOSPC, "make room"},
		{&fs.PathError{Op: "open", Err: syscall.EMFILE}, "LimitNOFILE"},
		{sqlite.ResultCantOpen.ToError(), "LimitNOFILE"},
		{sqlite.ResultIOErrFsync.ToError(), "errors of the disk"},
		{sqlite.ResultReadOnly.ToError(), "writable"},
		{sqlite.ResultCorrupt.ToError(), "restore a backup"},
		{sqlite.ResultNotADB.ToError(), "restore a backup"},
		{errClosed, ""},
		{sqlite.ResultInterrupt.ToError(), ""},
	} {
		advice := adviceFor(fmt.Errorf("write the log: %w", test.err))
		if test.says == "" && advice != nil || test.says != "" && (advice == nil || !strings.Contains(advice.Error(), test.says)) {
			t.Errorf("%v: says %v", test.err, advice)
		}
	}
}
