package postgres

import (
	"context"
	"fmt"
)

// wipeMeta notes, in the transaction of a takedown, that there is something to wipe: a gateway that is killed before it has
// been wiped does so when it starts.
const wipeMeta = "wipe"

// wiped are the tables that had what was taken down. What is deleted stays in their files until the tables are vacuumed, and
// in the write-ahead log, and in what is made of that, for as long as the operators of the server keep those.
const wiped = "content, record, held, noted, quarantine"

// wipe takes what is deleted out of the tables, if there is something to wipe. That takes as long as the tables are large, so
// it goes on behind.
func (s *Store) wipe(ctx context.Context) error {
	conn, err := s.readers.Take(ctx)
	if err != nil {
		return err
	}
	defer s.readers.Put(conn)
	if due, err := metaInt(conn, wipeMeta); err != nil || due == 0 {
		return err
	}
	s.later.Go(func() {
		if err := s.vacuum(s.ended); err != nil && s.ended.Err() == nil {
			s.log.Error("what was taken down could not be wiped from the database; it is tried again when the gateway starts", "err", err)
		}
	})
	return nil
}

func (s *Store) vacuum(ctx context.Context) error {
	if _, err := s.writing.Exec(ctx, "VACUUM "+wiped); err != nil {
		return fmt.Errorf("vacuum: %w", err)
	}
	return s.writer.do(ctx, func(conn *db) error {
		return exec(conn, "DELETE FROM meta WHERE name = $1", wipeMeta)
	})
}
