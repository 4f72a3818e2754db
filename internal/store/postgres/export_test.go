package postgres

import "context"

// Still runs f while nothing is written.
func (s *Store) Still(f func() error) error {
	return s.writer.do(context.Background(), func(*db) error { return f() })
}

// SmallBlocks has every seq be a block of its own, so that what touches one does not hide that another is not touched.
func (s *Store) SmallBlocks() { s.moves.Block = 1 }

// ReplicaViews is how many snapshots were of the read replica.
func (s *Store) ReplicaViews() int64 { return s.replica.views.Load() }

// Crash has the gateway say nothing more, and renew nothing, as if its process were gone.
func (s *Store) Crash() { s.end() }
