package backup

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// keeper writes copies that are empty files.
func keeper(dir string) (k *Keeper, log *bytes.Buffer) {
	log = &bytes.Buffer{}
	return &Keeper{
		Place: &Folder{
			Dir:  dir,
			Copy: func(_ context.Context, file string) error { return os.WriteFile(file, nil, 0o600) },
			Room: func(string) error { return nil },
		},
		Every: 24 * time.Hour, Keep: 3,
		Done:   func(context.Context) {},
		Logger: slog.New(slog.NewTextHandler(log, nil)),
	}, log
}

// names are those of the files in a folder.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return strings.Join(out, " ")
}

// The clock of the bubble begins at midnight of the first of January 2000, UTC.
func TestSchedule(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made")
	synctest.Test(t, func(t *testing.T) {
		k, _ := keeper(dir)
		told := 0
		k.Done = func(context.Context) { told++ }
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- k.Run(ctx) }()
		time.Sleep(4*24*time.Hour + time.Minute)
		synctest.Wait()
		if got, want := names(t, dir), "sheaf-20000103T000000Z.db sheaf-20000104T000000Z.db sheaf-20000105T000000Z.db"; got != want || told != 5 {
			t.Errorf("%s, of %d; want %s, of 5", got, told, want)
		}
		stop()
		<-ended
		// Started again, it knows when the last one was.
		for name, content := range map[string]string{"sheaf-monday.db": "mine", "sheaf-20000101T000000Z.db.part": "mine"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if wait, err := k.runOnce(t.Context()); err != nil || wait != 24*time.Hour-time.Minute {
			t.Errorf("the next one is due in %v, %v", wait, err)
		}
		k.Keep = 1
		if _, err := k.runOnce(t.Context()); err != nil {
			t.Error(err)
		}
		if got, want := names(t, dir), "sheaf-20000101T000000Z.db.part sheaf-20000105T000000Z.db sheaf-monday.db"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}

// A copy that can't be written costs none of those that are there, and is tried again within the hour.
func TestFailure(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		k, log := keeper(dir)
		k.Keep = 1
		var noRoom, fails atomic.Bool
		folder, full := k.Place.(*Folder), errors.New("no space left")
		write := folder.Copy
		folder.Room = func(string) error {
			if noRoom.Load() {
				return full
			}
			return nil
		}
		folder.Copy = func(ctx context.Context, file string) error {
			if fails.Load() {
				return full
			}
			return write(ctx, file)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- k.Run(ctx) }()
		synctest.Wait()
		noRoom.Store(true)
		time.Sleep(24*time.Hour + time.Minute)
		synctest.Wait()
		if got := names(t, dir); got != "sheaf-20000101T000000Z.db" || !strings.Contains(log.String(), "no space left") {
			t.Errorf("%s; %s", got, log)
		}
		noRoom.Store(false)
		fails.Store(true)
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := names(t, dir); got != "sheaf-20000101T000000Z.db" {
			t.Error(got)
		}
		fails.Store(false)
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := names(t, dir); got != "sheaf-20000102T020000Z.db" {
			t.Error(got)
		}
		stop()
		<-ended
	})
}

// A copy of next year, which a wrong clock named, does not end all backups for a year.
func TestWrongClock(t *testing.T) {
	dir := t.TempDir()
	k, _ := keeper(dir)
	if err := os.WriteFile(filepath.Join(dir, "sheaf-20990101T000000Z.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	k.Now = func() time.Time { return time.Date(2026, 11, 27, 3, 15, 0, 0, time.UTC) }
	if _, err := k.runOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); got != "sheaf-20261127T031500Z.db sheaf-20990101T000000Z.db" {
		t.Error(got)
	}
}

// A copy that a person asks for is one more, also within the second of another; the next one by schedule is due after it.
func TestOnce(t *testing.T) {
	dir := t.TempDir()
	k, _ := keeper(dir)
	k.Now = func() time.Time { return time.Date(2026, 11, 27, 3, 15, 0, 500, time.UTC) }
	for _, want := range []string{"sheaf-20261127T031500Z.db", "sheaf-20261127T031501Z.db"} {
		if where, err := k.Once(t.Context()); err != nil || where != filepath.Join(dir, want) {
			t.Errorf("%s, %v; want %s", where, err, want)
		}
	}
	k.Now = func() time.Time { return time.Date(2026, 11, 27, 4, 15, 1, 0, time.UTC) }
	if wait, err := k.runOnce(t.Context()); err != nil || wait != 23*time.Hour {
		t.Errorf("the next one is due in %v, %v", wait, err)
	}
}
