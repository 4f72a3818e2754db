package postgres

import (
	"context"
	"errors"
	"time"
)

// What a log in a file does with its file is here for the operators of the server to do.

// errBackup says how a log in PostgreSQL is backed up.
var errBackup = errors.New("the log is in PostgreSQL, whose own tools back it up: pg_dump copies it while the gateway runs, an archive of the write-ahead log keeps each moment of it (docs/scale.md says how it is restored)")

// Backup refuses to copy the log.
func (s *Store) Backup(context.Context, string) error { return errBackup }

// DiskFree is not known: the disk is that of the server.
func (s *Store) DiskFree() (bytes int64, ok bool) { return 0, false }

const sizeTime = 2 * time.Second // that asking for the size may take

// Sizes are what the database takes on the server, in bytes, as "db"; nothing while it does not answer.
func (s *Store) Sizes() map[string]int64 {
	ctx, cancel := context.WithTimeout(s.ended, sizeTime)
	defer cancel()
	conn, err := s.readers.Take(ctx)
	if err != nil {
		return nil
	}
	defer s.readers.Put(conn)
	sizes := map[string]int64{}
	if err := one(conn, "SELECT pg_database_size(current_database())", nil, func(r *tuple) { sizes["db"] = r.ColumnInt64(0) }); err != nil {
		return nil
	}
	return sizes
}
