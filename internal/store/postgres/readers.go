package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
)

// readers are the connections that read.
type readers struct {
	pool   *pgxpool.Pool
	pooled bool // see db
}

// Take gives a connection, on which each question has a snapshot of its own.
func (r *readers) Take(ctx context.Context) (*db, error) {
	c, err := r.pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	return &db{ctx: ctx, conn: c.Conn(), taken: c, pooled: r.pooled}, nil
}

// Put gives a connection back. One with an open transaction is closed.
func (r *readers) Put(d *db) { d.taken.Release() }
