package sqlite_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/endpoint"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
	"github.com/sheaf-gateway/sheaf/internal/store/storetest"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T, o storetest.Options) *storetest.Instance {
		f := &folder{t: t, o: o, dir: t.TempDir()}
		return &storetest.Instance{Open: f.open, Kill: f.kill, Save: f.save, Snapshot: f.snapshot, Backup: f.backup, Tally: tally}
	})
}

// opened is a store with all its faces.
type opened struct {
	*sqlite.Store
	options storetest.Options
}

func (o opened) Repository() oaipmh.Repository {
	return &endpoint.Repository{Log: o.Store, Writers: o.options.Formats, Name: "Example", AdminEmails: []string{"metadata@gateway.example"}, Declared: o.options.Declared, Page: storetest.Page}
}

// A folder is a data folder under test.
type folder struct {
	t   *testing.T
	o   storetest.Options
	dir string
}

func (f *folder) open(ctx context.Context) (storetest.Log, error) {
	s, err := sqlite.Open(ctx, f.dir, sqlite.Options{Namespace: f.o.Namespace, Clock: f.o.Clock, Formats: f.o.Formats, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	s.SmallBlocks()
	return opened{s, f.o}, nil
}

// kill goes on with the files as they are now, in another folder: that is what a crash leaves. The
// process that was killed is closed where nobody looks.
func (f *folder) kill(l storetest.Log) error {
	left := f.t.TempDir()
	err := l.(opened).Still(func() error { return copyFiles(left, f.dir) })
	f.dir = left
	return errors.Join(err, l.Close())
}

// save copies the files that a person would copy: the database, not the high-water mark.
func (f *folder) save() (func() error, error) {
	copied := f.t.TempDir()
	if err := copyFiles(copied, f.dir); err != nil {
		return nil, err
	}
	return func() error { return copyFiles(f.dir, copied, "highwater") }, os.Remove(filepath.Join(copied, "highwater"))
}

// snapshot copies all files.
func (f *folder) snapshot() (func() error, error) {
	copied := f.t.TempDir()
	return func() error { return copyFiles(f.dir, copied) }, copyFiles(copied, f.dir)
}

// backup restores a backup of the open log into another folder.
func (f *folder) backup(ctx context.Context, l storetest.Log) (*storetest.Instance, error) {
	file, other := filepath.Join(f.t.TempDir(), "backup.db"), &folder{t: f.t, o: f.o, dir: f.t.TempDir()}
	if err := l.(opened).Backup(ctx, file); err != nil {
		return nil, err
	}
	return &storetest.Instance{Open: other.open}, sqlite.Restore(ctx, other.dir, file)
}

// copyFiles copies a folder without subfolders; what is not in it is removed, but for what is to be kept.
func copyFiles(to, from string, keep ...string) error {
	old, err := os.ReadDir(to)
	if err != nil {
		return err
	}
	for _, e := range old {
		if len(keep) == 0 || e.Name() != keep[0] {
			err = errors.Join(err, os.Remove(filepath.Join(to, e.Name())))
		}
	}
	entries, err2 := os.ReadDir(from)
	err = errors.Join(err, err2)
	for _, e := range entries {
		b, err2 := os.ReadFile(filepath.Join(from, e.Name()))
		err = errors.Join(err, err2, os.WriteFile(filepath.Join(to, e.Name()), b, 0o640))
	}
	return err
}

func tally(ctx context.Context, l storetest.Log) (map[string]storetest.Tally, error) {
	status, err := l.(opened).Status(ctx)
	out := map[string]storetest.Tally{}
	for _, s := range status {
		out[s.Source] = storetest.Tally{Live: s.Live, Deleted: s.Deleted, Quarantined: s.Quarantined}
	}
	return out, err
}
