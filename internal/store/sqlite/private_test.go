package sqlite

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
)

// modes checks that nothing of the log's in a folder can be read by others.
func modes(t *testing.T, dir string) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 && !strings.HasSuffix(path, "notes.txt") {
			t.Errorf("%s is %v", strings.TrimPrefix(path, dir), info.Mode())
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// TestPrivateFiles: whatever the umask, and in a folder that an earlier program made too.
func TestPrivateFiles(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	dir := filepath.Join(t.TempDir(), "data")
	s := open(t, dir, &handClock{})
	newFeed(t, s, "a").fill(s, 3, 0)
	backup := filepath.Join(dir, "copy")
	if err := s.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	modes(t, dir)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Restore(t.Context(), dir, backup); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(backup); err != nil {
		t.Fatal(err)
	}
	overwrite(t, filepath.Join(dir, "notes.txt"), []byte("somebody's own"))
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.Chmod(filepath.Join(dir, e.Name()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, &handClock{})
	newFeed(t, s, "a").fill(s, 4, 1)
	modes(t, dir)
	if info, err := os.Stat(filepath.Join(dir, "notes.txt")); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("somebody's own file is %v, %v", info.Mode(), err)
	}
}

// TestLeftBehind: what a killed backup or restore left is cleared away; what is being written is not.
func TestLeftBehind(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, &handClock{})
	newFeed(t, s, "a").fill(s, 3, 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	dead := []string{filepath.Join(dir, "sheaf.db"+restoring), filepath.Join(dir, "b"+partSuffix)}
	kept := []string{filepath.Join(dir, "film.part"), filepath.Join(dir, "written"+partSuffix)}
	for _, path := range append(dead, kept...) {
		overwrite(t, path, []byte("half"))
	}
	written, err := datadir.LockFile(kept[1], os.O_RDWR)
	if err != nil {
		t.Fatal(err)
	}
	defer written.Close()
	check := func() {
		t.Helper()
		for _, path := range dead {
			if there(path) {
				t.Errorf("%s is still there", filepath.Base(path))
			}
		}
		for _, path := range kept {
			if !there(path) {
				t.Errorf("%s is gone", filepath.Base(path))
			}
		}
	}
	s = open(t, dir, &handClock{})
	check()
	overwrite(t, dead[1], []byte("half"))
	if err := s.Backup(t.Context(), filepath.Join(dir, "copy")); err != nil {
		t.Fatal(err)
	}
	check()
}

// TestPatience: one who can wait gets the folder when it is free, and is told datadir.ErrInUse when it is not.
func TestPatience(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir, &handClock{})
	waiting := make(chan struct{})
	var once sync.Once
	log := slog.New(slog.NewTextHandler(writes(func([]byte) { once.Do(func() { close(waiting) }) }), &slog.HandlerOptions{Level: slog.LevelDebug}))
	go func() {
		<-waiting
		if err := first.Close(); err != nil {
			t.Error(err)
		}
	}()
	second, err := Open(t.Context(), dir, Options{Clock: &handClock{}, Patience: time.Minute, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
}

type writes func([]byte)

func (w writes) Write(b []byte) (int, error) {
	w(b)
	return len(b), nil
}

// TestFolderRemoved: what can't be found again after the gateway's end is not said to be stored.
func TestFolderRemoved(t *testing.T) {
	for name, remove := range map[string]func(dir string) error{
		"removed": os.RemoveAll,
		"moved":   func(dir string) error { return os.Rename(dir, dir+"-away") },
		"replaced": func(dir string) error {
			db := filepath.Join(dir, "sheaf.db")
			b, err := os.ReadFile(db)
			return errors.Join(err, os.Rename(db, filepath.Join(dir, "old")), os.WriteFile(db, b, datadir.PrivateFile))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			s := open(t, dir, &handClock{})
			f := newFeed(t, s, "a")
			f.fill(s, 3, 0)
			if err := s.Health(); err != nil {
				t.Fatal(err)
			}
			if err := remove(dir); err != nil {
				t.Fatal(err)
			}
			for what, err := range map[string]error{"health": s.Health(), "a commit": f.commit(s, change("a", 0, 1))} {
				if !errors.Is(err, errGone) {
					t.Errorf("%s says %v", what, err)
				}
			}
		})
	}
}
