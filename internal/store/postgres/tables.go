package postgres

import (
	"context"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// Tables are hook and letter, which all gateways on the log share (package webhook).
func (s *Store) Tables() store.Tables { return tables{s} }

type tables struct{ store *Store }

func (t tables) Read(ctx context.Context, f func(store.Queries) error) error {
	conn, err := t.store.readers.Take(ctx)
	if err != nil {
		return err
	}
	defer t.store.readers.Put(conn)
	return f(queries{conn})
}

func (t tables) Write(ctx context.Context, f func(store.Queries) error) error {
	return t.store.writer.do(ctx, func(conn *db) error { return f(queries{conn}) })
}

type queries struct{ conn *db }

func (q queries) Exec(query string, args ...any) (changed int64, err error) {
	return changes(q.conn, query, args...)
}

func (q queries) Each(query string, args []any, row func(store.Columns)) error {
	return each(q.conn, query, args, func(r *tuple) error {
		row(r)
		return nil
	})
}
