package control

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
)

// listenAt answers commands on a log in a folder of its own, for a gateway of that name, until the test ends.
func listenAt(t *testing.T, dir, name string) {
	t.Helper()
	cfg := config.Default()
	cfg.Gateway.Name = name
	logger := slog.New(slog.DiscardHandler)
	log, err := sqlite.Open(t.Context(), dir, sqlite.Options{Log: logger})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	s, err := Listen(dir, &Gateway{Config: cfg, Log: log, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// TestCopiedFolder: a folder whose path is too long for a socket is copied while its gateway runs, as
// people do to try something. A gateway on the copy leaves the first one's socket alone, and each
// answers the commands for its own folder; also where the way to it leads through a link, or with
// another folder for temporary files.
func TestCopiedFolder(t *testing.T) {
	deep := filepath.Join(t.TempDir(), strings.Repeat("a long name ", 10))
	first, second := filepath.Join(deep, "first"), filepath.Join(deep, "second")
	answers := func(dir, want string) {
		t.Helper()
		c, err := NewClient(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if i, err := c.Info(t.Context()); err != nil || i.Name != want {
			t.Errorf("in %s answers %q, %v; want %q", filepath.Base(dir), i.Name, err, want)
		}
	}
	listenAt(t, first, "the first")
	if err := os.Mkdir(second, 0o750); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(socketFolder, socketName+".path")
	b, err := os.ReadFile(filepath.Join(first, name))
	if err == nil {
		err = os.Mkdir(filepath.Join(second, socketFolder), 0o750)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(second, name), b, 0o640)
	}
	if err != nil {
		t.Fatal(err)
	}
	listenAt(t, second, "the second")
	answers(first, "the first")
	answers(second, "the second")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(second, link); err != nil {
		t.Fatal(err)
	}
	answers(link, "the second")
	t.Setenv("TMPDIR", t.TempDir())
	answers(first, "the first")
}
