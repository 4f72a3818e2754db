package postgres

import (
	"context"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

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

// RecordsRead is how many rows of the table record the connection of a view has read, as far as the server has not summed it up yet.
func RecordsRead(v store.View) (n int64, err error) {
	err = one(v.(*view).conn, "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relname = 'record' AND schemaname = current_schema()", nil,
		func(r *tuple) { n = r.ColumnInt64(0) })
	return n, err
}
