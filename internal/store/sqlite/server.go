package sqlite

import (
	"context"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// Server finds nothing: a log in a file is on no server.
func (s *Store) Server(context.Context) []store.Remark { return nil }
