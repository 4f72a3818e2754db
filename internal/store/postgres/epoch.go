package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// settleEpoch begins a new epoch if the log that was opened is not the one that was open last in
// this folder, or an older state of it.
func (s *Store) settleEpoch(ctx context.Context) error {
	last, ok, err := datadir.ReadHighwater(s.dir)
	if err != nil {
		return err
	}
	var head pipeline.Head
	var restored string
	var went bool   // this log has been through the epoch of the mark,
	var ended int64 // and ended it with this seq
	err = s.writer.do(ctx, func(conn *db) (err error) {
		if head, err = readHead(conn); err != nil {
			return err
		}
		if restored, err = metaText(conn, "restored"); err != nil {
			return err
		}
		return one(conn, "SELECT last_seq FROM epoch WHERE epoch = $1", []any{last.Epoch}, func(r *tuple) {
			went, ended = true, r.ColumnInt64(0)
		})
	})
	if err != nil {
		return err
	}
	known := false // another gateway has found that it is no older copy
	if !ok && head.Seq > 0 {
		if known, err = s.vouched(ctx); err != nil {
			return err
		}
	}
	why := ""
	switch {
	case restored != "":
		why = restored
	case !ok && head.Seq > 0 && !known:
		why = "the database was moved here without its high-water mark"
	case !ok:
	case !went:
		why = "the database is not the one that was here before"
	case last.Datestamp.After(head.Datestamp), last.Epoch == head.Epoch && last.Seq > head.Seq, last.Epoch != head.Epoch && last.Seq > ended:
		why = "the database is older than its high-water mark"
	}
	if s.mark, err = datadir.OpenHighwater(s.dir); err != nil {
		return err
	}
	if why != "" {
		return s.NewEpoch(ctx, last, why)
	}
	return nil
}

// NewEpoch ends the present history in one short transaction (see pipeline.Relayed). Its datestamps begin at
// the present second if the clock can be trusted: what a lost history handed out, and nobody here remembers,
// was before that. If it can't be trusted they begin just above what is known: a wrong clock must not keep a
// restored log shut.
func (s *Store) NewEpoch(ctx context.Context, above pipeline.Head, why string) error {
	if err := s.beginEpoch(ctx, above, why); err != nil {
		return err
	}
	s.digestAnew()
	return nil
}

func (s *Store) beginEpoch(ctx context.Context, above pipeline.Head, why string) error {
	now := s.guard.Wall()
	if !above.Believable(now) {
		s.log.Warn("what is said to have been handed out is out of bounds, and not believed", "cursor", above.Cursor, "datestamp", above.Datestamp)
		above = pipeline.Head{}
	}
	return s.startEpoch(ctx, above.Cursor, why, s.above(above))
}

// above gives the first datestamp of an epoch above what was handed out.
func (s *Store) above(given pipeline.Head) func(head int64) int64 {
	return func(head int64) int64 {
		ds := max(head, given.Datestamp.Unix())
		if present, err := s.stamp(ds); err == nil {
			return max(ds+1, present)
		}
		return ds + 1
	}
}

// BeginEpoch ends the present history because a person says so. It believes nothing but the clock, which the
// person vouches for: the new epoch begins at the present second, also if the log had stamped changes
// with a later one.
func (s *Store) BeginEpoch(ctx context.Context, why string) error {
	now := s.guard.Confirm().Unix()
	if err := s.startEpoch(ctx, pipeline.Cursor{}, why, func(int64) int64 { return now }); err != nil {
		return err
	}
	s.newestShown.Store(now)
	s.digestAnew()
	return nil
}

// startEpoch begins an epoch above what was given out, in one transaction. stamp makes its first datestamp of that of
// the head.
func (s *Store) startEpoch(ctx context.Context, given pipeline.Cursor, why string, stamp func(head int64) int64) error {
	err := s.writer.do(ctx, func(conn *db) error {
		old, err := s.lockHead(conn)
		if err != nil {
			return err
		}
		return s.writeEpoch(conn, old, given, why, stamp)
	})
	if err != nil {
		return fmt.Errorf("begin a new epoch: %w", err)
	}
	return nil
}

// writeEpoch begins an epoch in a transaction that has locked the head, which is old.
func (s *Store) writeEpoch(conn *db, old pipeline.Head, given pipeline.Cursor, why string, stamp func(head int64) int64) error {
	s.log.Warn("a new epoch begins: cursors of the old one are refused", "why", why)
	if old.Epoch >= pipeline.MaxCursor {
		return fmt.Errorf("the epoch %d is the last that there is; restore a backup", old.Epoch)
	}
	s.moves.TouchAll()
	head, now := pipeline.Head{}, s.guard.Wall()
	head.Epoch = max(old.Epoch+1, given.Epoch+1, now.UnixMilli())
	head.Seq = max(old.Seq, given.Seq)
	ds := stamp(old.Datestamp.Unix())
	head.Datestamp = time.Unix(ds, 0).UTC()
	return inOrder(
		step(conn, "UPDATE epoch SET last_seq = $1 WHERE epoch = $2", old.Seq, old.Epoch),
		func() error { return noteGiven(conn, given, now.Unix()) },
		step(conn, "INSERT INTO epoch (epoch, began, last_seq, why) VALUES ($1, $2, 0, $3)", head.Epoch, now.Unix(), why),
		step(conn, "UPDATE log_head SET epoch_stamp = $1, epoch_seq = $2, undigested = $2, began = least(began, $1)", ds, head.Seq),
		step(conn, "DELETE FROM second WHERE datestamp >= $1", ds),
		step(conn, "DELETE FROM meta WHERE name = 'restored'"),
		func() error { return writeHead(conn, head) },
	)
}

// noteGiven notes what a lost history gave out. Now that the log is above it, it belongs to the
// epochs that are over; else the next look at it would begin a new epoch again.
func noteGiven(conn *db, given pipeline.Cursor, now int64) error {
	if given.Epoch == 0 {
		return nil
	}
	return exec(conn, `INSERT INTO epoch (epoch, began, last_seq, why) VALUES ($1, $2, $3, 'it was handed out, and is not in this log')
		ON CONFLICT (epoch) DO UPDATE SET last_seq = greatest(epoch.last_seq, excluded.last_seq)`, given.Epoch, now, given.Seq)
}
