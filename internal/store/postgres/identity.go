package postgres

import (
	"context"
	"crypto/rand"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

const (
	identityMeta = "log_id"
	sealMeta     = "seal_key"
	takeOverMeta = "take_over"
)

// Identity is that of this log.
func (s *Store) Identity() store.Identity { return s.identity }

// settleIdentity reads the identity of the log, and gives it one if it has none.
func (s *Store) settleIdentity(conn *db) (err error) {
	if s.identity.ID, err = metaText(conn, identityMeta); err != nil {
		return err
	}
	if s.identity.ID == "" {
		s.identity.ID = rand.Text()
		if err := setMeta(conn, identityMeta, s.identity.ID); err != nil {
			return err
		}
	}
	key, err := metaText(conn, sealMeta)
	if err != nil {
		return err
	}
	if key == "" {
		key = rand.Text() + rand.Text()
		err = setMeta(conn, sealMeta, key)
	}
	s.identity.Key = []byte(key)
	return err
}

// TakeOver notes that a person wants the event stream to be this log's, whoever made it.
func (s *Store) TakeOver(ctx context.Context) error {
	return s.writer.do(ctx, func(conn *db) error { return setMeta(conn, takeOverMeta, "asked for") })
}

// TakesOver says whether somebody has asked for that, and it was not done yet.
func (s *Store) TakesOver(ctx context.Context) (bool, error) {
	conn, err := s.readers.Take(ctx)
	if err != nil {
		return false, err
	}
	defer s.readers.Put(conn)
	asked, err := metaText(conn, takeOverMeta)
	return asked != "", err
}

// TookOver notes that the event stream is this log's.
func (s *Store) TookOver(ctx context.Context) error {
	return s.writer.do(ctx, func(conn *db) error {
		return exec(conn, "DELETE FROM meta WHERE name = $1", takeOverMeta)
	})
}
