package sqlite

import (
	"context"
	"time"

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
	err = one(conn, "SELECT epoch, seq, stream_seq, saved FROM relay", nil, func(r *sqlite.Stmt) {
		m.Epoch, m.Seq, m.StreamSeq, m.Saved = r.ColumnInt64(0), r.ColumnInt64(1), uint64(r.ColumnInt64(2)), moment(r, 3)
	})
	return m, err
}

// SetMark saves how far the relay has come, and when that was.
func (s *Store) SetMark(ctx context.Context, m pipeline.Mark) error {
	return s.writer.do(ctx, func(conn *sqlite.Conn) error {
		err := exec(conn, "INSERT OR REPLACE INTO relay (one, epoch, seq, stream_seq, saved) VALUES (1, ?, ?, ?, ?)", m.Epoch, m.Seq, int64(m.StreamSeq), m.Saved.Unix())
		s.recent.add(nil)
		return err
	})
}

// Stamped says when a seq was given out (see pipeline.Relayed). It looks from the end of the log,
// which is where a relay asks.
func (s *Store) Stamped(ctx context.Context, seq int64) (at time.Time, err error) {
	err = s.view(ctx, func(conn *sqlite.Conn, head pipeline.Head) error {
		if never, err := leapt(conn, seq); err != nil || never || seq > head.Seq {
			return err
		}
		at = head.Began
		return one(conn, "SELECT datestamp FROM second WHERE seq <= ? ORDER BY datestamp DESC LIMIT 1", []any{seq}, func(r *sqlite.Stmt) {
			at = time.Unix(head.Shown(seq, r.ColumnInt64(0)), 0).UTC()
		})
	})
	return at, err
}

// Epochs are the histories that the log has gone through (see pipeline.Relayed).
func (s *Store) Epochs(ctx context.Context) (out []pipeline.Cursor, err error) {
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
