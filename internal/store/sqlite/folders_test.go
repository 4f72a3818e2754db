package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
)

// TestBadFolders: one clear message each, and nothing touched.
func TestBadFolders(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(t *testing.T, dir string) // an intact folder with a log in it
		want  error
		says  string
	}{
		{"a newer schema", func(t *testing.T, dir string) {
			alter(t, dir, "UPDATE meta SET value = 99 WHERE name = 'schema_oldest_writer'")
		}, store.ErrNewer, "install the newer one"},
		{"a schema of before the first release", func(t *testing.T, dir string) {
			alter(t, dir, "UPDATE meta SET value = 1 WHERE name = 'schema_oldest_writer'")
		}, nil, "choose another"},
		{"another program's database", func(t *testing.T, dir string) { alter(t, dir, "ALTER TABLE meta RENAME TO something") }, nil, "another program"},
		{"another program's meta", func(t *testing.T, dir string) { alter(t, dir, "DELETE FROM meta") }, nil, "another program"},
		{"no database", func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "sheaf.db")) }, nil, "restore a backup"},
		{"an empty database", func(t *testing.T, dir string) { overwrite(t, filepath.Join(dir, "sheaf.db"), nil) }, nil, "restore a backup"},
		{"not a database", func(t *testing.T, dir string) {
			overwrite(t, filepath.Join(dir, "sheaf.db"), []byte(strings.Repeat("not a database at all\n", 400)))
		}, nil, "restore a backup"},
		{"a damaged beginning", func(t *testing.T, dir string) { damage(t, filepath.Join(dir, "sheaf.db"), 100, 4000) }, nil, "restore a backup"},
		{"another namespace", func(*testing.T, string) {}, nil, "set it back"},
		{"a folder where the database should be", func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, "sheaf.db"))
			if err := os.Mkdir(filepath.Join(dir, "sheaf.db"), 0o750); err != nil {
				t.Fatal(err)
			}
		}, nil, "sheaf.db"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir, &handClock{})
			newFeed(t, s, "a").fill(s, 20, 0)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			test.spoil(t, dir)
			before := files(t, dir)
			for range 2 {
				s, err := Open(t.Context(), dir, Options{Namespace: "other.example"})
				if err == nil {
					s.Close()
					t.Fatal("opened")
				}
				if !strings.Contains(err.Error(), test.says) || test.want != nil && !errors.Is(err, test.want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("says %q", err)
				}
			}
			if after := files(t, dir); after != before {
				t.Errorf("the folder was touched:\n%s\n%s", before, after)
			}
		})
	}

	t.Run("in use", func(t *testing.T) {
		dir := t.TempDir()
		s := open(t, dir, &handClock{})
		if _, err := Open(t.Context(), dir, Options{}); !errors.Is(err, datadir.ErrInUse) {
			t.Errorf("says %v", err)
		}
		f := newFeed(t, s, "a")
		f.fill(s, 3, 0)
	})
	t.Run("a file for a folder", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		overwrite(t, file, []byte("something"))
		for _, dir := range []string{file, filepath.Join(file, "below")} {
			if _, err := Open(t.Context(), dir, Options{}); err == nil || !strings.Contains(err.Error(), "--data") {
				t.Errorf("says %v", err)
			}
		}
	})
	t.Run("unwritable", func(t *testing.T) {
		dir := t.TempDir()
		if os.Geteuid() == 0 {
			dir = "/sys/kernel" // all else is writable for root
		} else if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), dir, Options{}); err == nil || !strings.Contains(err.Error(), "make it writable") {
			t.Errorf("says %v", err)
		}
	})
}

// TestHalfMade: killed while the log was being made, it is made again.
func TestHalfMade(t *testing.T) {
	dir := t.TempDir()
	overwrite(t, filepath.Join(dir, "sheaf.db"), nil)
	s := open(t, dir, &handClock{})
	newFeed(t, s, "a").fill(s, 3, 0)
	checkInvariants(t, s)
}

// TestBadBackups: a restore of what is no backup leaves the log as it is.
func TestBadBackups(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(t *testing.T, backup string)
		says  string
	}{
		{"missing", remove, "no such file"},
		{"empty", func(t *testing.T, backup string) { overwrite(t, backup, nil) }, "not a backup"},
		{"another file", func(t *testing.T, backup string) { overwrite(t, backup, []byte(strings.Repeat("text", 4000))) }, "not a backup"},
		{"damaged", func(t *testing.T, backup string) { damage(t, backup, 8*4096, 3*4096) }, "damaged"},
		{"cut short", func(t *testing.T, backup string) {
			if err := os.Truncate(backup, 20*4096); err != nil {
				t.Fatal(err)
			}
		}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir, backup := t.TempDir(), filepath.Join(t.TempDir(), "backup")
			s := open(t, dir, &handClock{})
			newFeed(t, s, "a").fill(s, 200, 0)
			if err := s.Backup(t.Context(), backup); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			test.spoil(t, backup)
			before := files(t, dir)
			if err := Restore(t.Context(), dir, backup); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("says %v", err)
			}
			if after := files(t, dir); after != before {
				t.Errorf("the folder was touched:\n%s\n%s", before, after)
			}
		})
	}
}

// files are the names, sizes and checksums in a folder, but for what every look at a log may make.
func files(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), "-shm") || strings.HasSuffix(e.Name(), "-wal") || e.Name() == "sheaf.lock" || e.IsDir() {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		sum := 0
		for i, c := range b {
			sum += (i%251 + 1) * int(c)
		}
		fmt.Fprintln(&out, e.Name(), len(b), sum)
	}
	return out.String()
}

func alter(t *testing.T, dir, query string) {
	t.Helper()
	conn, err := sqlite.OpenConn(filepath.Join(dir, "sheaf.db"), sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(exec(conn, query), conn.Close()); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func overwrite(t *testing.T, path string, with []byte) {
	t.Helper()
	if err := os.WriteFile(path, with, 0o640); err != nil {
		t.Fatal(err)
	}
}

func damage(t *testing.T, path string, from, n int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		b[from+i] ^= 0x5a
	}
	overwrite(t, path, b)
}
