package sqlite

import (
	"errors"
	"log/slog"
	"maps"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/internal/store"
)

// The process that is killed: it copies the log of a folder to a file, or puts the file in the place of the log.
const (
	backupOf  = "SHEAF_STORE_TEST_BACKUP"
	restoreTo = "SHEAF_STORE_TEST_RESTORE"
	copyFrom  = "SHEAF_STORE_TEST_COPY"
)

func TestCopyingChild(t *testing.T) {
	file := os.Getenv(copyFrom)
	switch {
	case os.Getenv(backupOf) != "":
		s, err := Open(t.Context(), os.Getenv(backupOf), Options{Namespace: "a.example", Log: slog.New(slog.DiscardHandler), Carried: deeds(os.Getenv(backupOf))})
		if err == nil {
			err = errors.Join(s.Backup(t.Context(), file), s.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	case os.Getenv(restoreTo) != "":
		if err := restore(t, os.Getenv(restoreTo), file); err != nil {
			t.Fatal(err)
		}
	}
}

// deeds is the list of who did what in a folder.
func deeds(dir string) *audit.Log { return audit.Open(dir, audit.Bounds{Bytes: 1 << 20}) }

func restore(t *testing.T, dir, file string) error {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	return RestoreFrom(t.Context(), dir, file, in, deeds(dir))
}

// did adds so many entries to the list, and done counts those that are in it.
func did(t *testing.T, dir, why string, n int) {
	t.Helper()
	for i := range n {
		if err := deeds(dir).Note(audit.Entry{What: audit.Pause, Who: "alice", Reason: why, Run: int64(i)}); err != nil {
			t.Fatal(err)
		}
	}
}

func done(t *testing.T, dir string) map[string]int {
	t.Helper()
	all, err := deeds(dir).Last(10_000)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, e := range all {
		out[e.Reason]++
	}
	return out
}

// killed runs the process, and kills it after that time. It says how long it ran, and whether it was killed.
func killed(t *testing.T, after time.Duration, env ...string) (took time.Duration, was bool) {
	t.Helper()
	cmd := osexec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCopyingChild$")
	cmd.Env = append(os.Environ(), env...)
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	timer.Stop()
	var exit *osexec.ExitError
	switch {
	case err == nil:
		return time.Since(began), false
	case errors.As(err, &exit) && exit.ExitCode() == -1:
		return time.Since(began), true
	}
	t.Fatalf("the copying process: %v", err)
	return 0, false
}

// TestKilledCopying kills processes that back up and restore, at moments over all of their work. A backup is whole or not
// there; a restore has replaced the log or has not; what was there before is never lost, and the same command again ends well.
func TestKilledCopying(t *testing.T) {
	const kills = 20
	dir := t.TempDir()
	s := open(t, dir, store.SystemClock{})
	newFeed(t, s, "a").fill(s, 2000, 1)
	before := contents(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	did(t, dir, "before", 3)
	whole := filepath.Join(t.TempDir(), "whole")
	long, _ := killed(t, time.Minute, backupOf+"="+dir, copyFrom+"="+whole)
	hits := 0
	count := func(took time.Duration, was bool) {
		if was {
			hits++
		} else { // what it took before was measured while the machine was busier
			long = min(long, took)
		}
	}
	for i := range kills {
		file := filepath.Join(t.TempDir(), "copy")
		count(killed(t, long*time.Duration(i+1)/kills, backupOf+"="+dir, copyFrom+"="+file))
		if there(file) {
			if err := verifyFile(t.Context(), file); err != nil {
				t.Fatalf("a killed backup left a file: %v", err)
			}
		}
	}

	s = open(t, dir, store.SystemClock{})
	f := newFeed(t, s, "a")
	f.fill(s, 2000, 2)
	later := contents(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	remove(t, filepath.Join(dir, "audit.ndjson")) // the backup alone has what was done before it
	did(t, dir, "later", 200)
	for i := range kills {
		in := t.TempDir()
		if err := os.CopyFS(in, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			long, _ = killed(t, time.Minute, restoreTo+"="+in, copyFrom+"="+whole)
			continue
		}
		count(killed(t, long*time.Duration(i)/kills, restoreTo+"="+in, copyFrom+"="+whole))
		if !there(filepath.Join(in, "sheaf.db")) { // killed between the one name and the other
			if _, err := Open(t.Context(), in, Options{}); err == nil || !strings.Contains(err.Error(), "sheaf restore") {
				t.Fatalf("a folder without its log is opened: %v", err)
			}
			if !there(filepath.Join(in, "sheaf.db.before-restore-1")) {
				t.Fatal("the log is lost")
			}
		} else if got := contentsOf(t, in); !maps.Equal(got, before) && !maps.Equal(got, later) {
			t.Fatalf("the log is neither that of before nor that of the backup: %d records", len(got))
		}
		if got := done(t, in); got["later"] != 200 || got["before"] != 0 && got["before"] != 3 {
			t.Fatalf("after a kill the list of who did what has %v", got)
		}
		if err := restore(t, in, whole); err != nil {
			t.Fatalf("the restore again: %v", err)
		}
		if got := done(t, in); got["later"] != 200 || got["before"] != 3 {
			t.Fatalf("restored after a kill, the list of who did what has %v", got)
		}
		if got := contentsOf(t, in); !maps.Equal(got, before) {
			t.Fatalf("restored after a kill: %d records", len(got))
		}
	}
	if hits < 5 {
		t.Errorf("%d kills of %d came in time", hits, 2*kills)
	}
}

func contentsOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	s := open(t, dir, store.SystemClock{})
	defer s.Close()
	return contents(t, s)
}

// TestRestoreOfDamaged: a backup whose records are not those that its head has the digest of is refused, though the database
// is whole, and the log stays as it is.
func TestRestoreOfDamaged(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.SystemClock{})
	newFeed(t, s, "a").fill(s, 600, 1)
	file := filepath.Join(t.TempDir(), "copy")
	if err := s.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	want := contents(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, harm := range []string{
		"UPDATE record SET oai_dc = CAST('<changed/>' AS BLOB) WHERE seq = 433",
		"DELETE FROM content WHERE item = (SELECT item FROM record WHERE seq = 17)",
	} {
		damaged := filepath.Join(t.TempDir(), "damaged")
		if whole, err := os.ReadFile(file); err != nil {
			t.Fatal(err)
		} else if err := os.WriteFile(damaged, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		conn, err := sqlite.OpenConn(damaged, sqlite.OpenReadWrite)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(exec(conn, harm), conn.Close()); err != nil {
			t.Fatal(err)
		}
		if err := Restore(t.Context(), dir, damaged); err == nil || !strings.Contains(err.Error(), "the copy is damaged") {
			t.Errorf("%s: %v", harm, err)
		}
		if got := contentsOf(t, dir); !maps.Equal(got, want) {
			t.Errorf("%s: the log is another one", harm)
		}
	}
}
