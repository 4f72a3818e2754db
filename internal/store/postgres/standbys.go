package postgres

import (
	"context"
	"fmt"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// Standbys looks at the replicas of the database. How they stand is shown to roles with pg_read_all_stats alone; that they are
// there, to all.
func (s *Store) Standbys(ctx context.Context) (out store.Standbys, err error) {
	conn, err := s.readers.Take(ctx)
	if err != nil {
		return out, err
	}
	defer s.readers.Put(conn)
	err = one(conn, `SELECT count(*), count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')),
		CASE WHEN count(*) FILTER (WHERE state IS NULL) = 0 THEN coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)), 0)::bigint ELSE -1 END
		FROM pg_stat_replication`, nil, func(r *tuple) {
		out = store.Standbys{All: int(r.ColumnInt64(0)), Synchronous: int(r.ColumnInt64(1)), Behind: r.ColumnInt64(2)}
	})
	if err != nil {
		return out, fmt.Errorf("look at the replicas of the database: %w", err)
	}
	if r := s.replica; r != nil {
		out.Read = &store.ReadStandby{Views: r.views.Load(), Missed: r.missed.Load()}
	}
	return out, nil
}
