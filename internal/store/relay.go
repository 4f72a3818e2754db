package store

import (
	"context"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Mark is the place that SetMark saved last (see pipeline.Relayed).
func (s *Store) Mark(ctx context.Context) (m pipeline.Mark, err error) {
	conn, err := s.readers.Take(ctx)
	if err != nil {
		return m, err
	}
	defer s.readers.Put(conn)
	err = one(conn, "SELECT epoch, seq, stream_seq FROM relay", nil, func(r *sqlite.Stmt) {
		m.Epoch, m.Seq, m.StreamSeq = r.ColumnInt64(0), r.ColumnInt64(1), uint64(r.ColumnInt64(2))
	})
	return m, err
}

// SetMark saves how far the relay has come.
func (s *Store) SetMark(ctx context.Context, m pipeline.Mark) error {
	return s.writer.do(ctx, func(conn *sqlite.Conn) error {
		return exec(conn, "INSERT OR REPLACE INTO relay (one, epoch, seq, stream_seq) VALUES (1, ?, ?, ?)", m.Epoch, m.Seq, int64(m.StreamSeq))
	})
}

// Epochs are the histories that the log has gone through (see pipeline.Relayed). If the present one
// could not be finished when it was begun (the disk was full), it is finished now.
func (s *Store) Epochs(ctx context.Context) (out []pipeline.Cursor, err error) {
	if err := s.restamp(ctx); err != nil {
		return nil, err
	}
	conn, err := s.readers.Take(ctx)
	if err != nil {
		return nil, err
	}
	defer s.readers.Put(conn)
	err = each(conn, "SELECT epoch, last_seq FROM epoch ORDER BY epoch", nil, func(r *sqlite.Stmt) error {
		out = append(out, pipeline.Cursor{Epoch: r.ColumnInt64(0), Seq: r.ColumnInt64(1)})
		return nil
	})
	return out, err
}
