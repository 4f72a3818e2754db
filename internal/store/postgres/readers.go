package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sheaf-gateway/sheaf/pipeline"
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

// beginView gives a connection with a snapshot, and the head in it. A connection that was idle may be dead, of which one hears when
// one asks: after a restart of the server, or of what stands before it, all of them. Nothing was begun then, so another one is
// asked, and each that is dead leaves the pool.
func (r *readers) beginView(ctx context.Context) (d *db, head pipeline.Head, err error) {
	for tries := r.pool.Config().MaxConns; ; tries-- {
		if d, err = r.Take(ctx); err != nil {
			return nil, head, err
		}
		if err = begin(d, beginView, inOrderOfIndex...); err == nil {
			head, err = readHead(d)
		}
		if err == nil {
			return d, head, nil
		}
		dead := d.conn.IsClosed()
		r.Put(d)
		if !dead || tries == 0 || ctx.Err() != nil {
			return nil, head, err
		}
	}
}

// Put gives a connection back. One with an open transaction is closed.
func (r *readers) Put(d *db) { d.taken.Release() }
