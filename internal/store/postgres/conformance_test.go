package postgres_test

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/endpoint"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
	"github.com/sheaf-gateway/sheaf/internal/store/storetest"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// Generated histories are few, unless the command line says more: each needs a database of its own.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "10"); err != nil {
		panic(err)
	}
	os.Exit(pgtest.Main(m))
}

func TestConformance(t *testing.T) {
	if testing.Short() {
		t.Skip("the suite makes some hundred databases")
	}
	storetest.Run(t, func(t *testing.T, o storetest.Options) *storetest.Instance {
		p := &place{t: t, o: o, dir: t.TempDir(), base: pgtest.NewDatabase(t)}
		return &storetest.Instance{Open: p.open, Kill: p.kill, Save: p.save, Snapshot: p.snapshot, Tally: tally}
	})
}

// opened is a store with all its faces.
type opened struct {
	*postgres.Store
	options storetest.Options
}

func (o opened) Repository() oaipmh.Repository {
	return &endpoint.Repository{Log: o.Store, Writers: o.options.Formats, Name: "Example", AdminEmails: []string{"metadata@gateway.example"}, Declared: o.options.Declared, Page: storetest.Page}
}

// A place is a database under test, with the folder of its gateway.
type place struct {
	t    *testing.T
	o    storetest.Options
	dir  string
	base *pgtest.Database
}

func (p *place) open(ctx context.Context) (storetest.Log, error) {
	s, err := postgres.Open(ctx, p.dir, postgres.Options{DSN: p.base.DSN(), Namespace: p.o.Namespace, Clock: p.o.Clock, Formats: p.o.Formats, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	s.SmallBlocks()
	return opened{s, p.o}, nil
}

// kill ends all connections of the gateway, and goes on with the folder as it is.
func (p *place) kill(l storetest.Log) error {
	left := p.t.TempDir()
	err := l.(opened).Still(func() error { return copyFiles(left, p.dir) })
	p.dir = left
	return errors.Join(err, p.base.Disconnect(), l.Close())
}

// save copies the database, not the high-water mark.
func (p *place) save() (func() error, error) { return p.base.Copy() }

// snapshot copies the folder as well.
func (p *place) snapshot() (func() error, error) {
	copied := p.t.TempDir()
	load, err := p.base.Copy()
	return func() error { return errors.Join(load(), copyFiles(p.dir, copied)) }, errors.Join(err, copyFiles(copied, p.dir))
}

// copyFiles copies a folder without subfolders; what is not in it is removed.
func copyFiles(to, from string) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return os.CopyFS(to, os.DirFS(filepath.Clean(from)))
}

func tally(ctx context.Context, l storetest.Log) (map[string]storetest.Tally, error) {
	status, err := l.(opened).Status(ctx)
	out := map[string]storetest.Tally{}
	for _, s := range status {
		out[s.Source] = storetest.Tally{Live: s.Live, Deleted: s.Deleted, Quarantined: s.Quarantined}
	}
	return out, err
}
