package sqlite

import (
	"context"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A log in a file has one gateway, which does all the work.

// Work runs f.
func (s *Store) Work(ctx context.Context, f func(context.Context) error) error { return f(ctx) }

// Leads says that this gateway does the work.
func (s *Store) Leads() bool { return true }

// Alone says that there is nobody else who could do it.
func (s *Store) Alone(context.Context, string) (held context.Context, release func(), err error) {
	return context.Background(), func() {}, nil
}

// Sharing is nil: there is nobody to share with.
func (s *Store) Sharing() pipeline.Sharing { return nil }

// Tables are nil: what this gateway keeps beside the log is in files of its own.
func (s *Store) Tables() store.Tables { return nil }

// Peers is this gateway alone.
func (s *Store) Peers(context.Context) ([]store.Peer, error) {
	return []store.Peer{{Place: datadir.Place(s.dir), Began: s.opened, Self: true, Holds: []store.Lease{{Name: store.WorkLease, Since: s.opened}}}}, nil
}
