package sqlite

import (
	"context"
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// An absence is how far back a source must not have given an item.
type absence struct{ source, before int64 } // the source, and the pass before which the item came last

// HoldAbsent holds the deletion of records that passes have not met (see [pipeline.Log]). They are looked for outside of
// the transaction, which may not last.
func (s *Store) HoldAbsent(ctx context.Context, run *pipeline.Run, passes int, after int64, limit int) (last int64, err error) {
	items, err := s.absent(ctx, run, passes, after, limit)
	if err == nil && len(items) > 0 {
		err = s.writer.do(ctx, func(conn *sqlite.Conn) error {
			a, err := s.absenceIn(conn, run, passes)
			if err != nil || a.before == 0 {
				return err
			}
			return s.holdAbsent(conn, a, items)
		})
	}
	if err != nil {
		return 0, fmt.Errorf("look for records that %s has no more: %w", run.Source, err)
	}
	if len(items) == limit {
		last = items[limit-1]
	}
	return last, nil
}

// absent are items that may be absent.
func (s *Store) absent(ctx context.Context, run *pipeline.Run, passes int, after int64, limit int) (items []int64, err error) {
	conn, err := s.readers.Take(ctx)
	if err != nil {
		return nil, err
	}
	defer s.readers.Put(conn)
	a, err := s.absenceIn(conn, run, passes)
	if err != nil || a.before == 0 {
		return nil, err
	}
	err = each(conn, `SELECT item FROM item i WHERE item > ? AND source = ? AND seen < ?
		AND NOT EXISTS (SELECT 1 FROM held h WHERE h.source = i.source AND h.item = i.item)
		AND EXISTS (SELECT 1 FROM record r WHERE r.seq = i.seq AND r.deleted = '') ORDER BY item LIMIT 0 + ?`,
		[]any{after, a.source, a.before, limit}, func(r *sqlite.Stmt) error {
			items = append(items, r.ColumnInt64(0))
			return nil
		})
	return items, err
}

// absenceIn says what absence is in the present pass of a run; its before is 0 if none can be proven.
func (s *Store) absenceIn(conn *sqlite.Conn, run *pipeline.Run, passes int) (a absence, err error) {
	var pass int64
	var doubt store.Doubt
	if err := one(conn, "SELECT source, pass, incomplete FROM source WHERE name = ? AND run = ?", []any{run.Source, run.ID}, func(r *sqlite.Stmt) {
		a.source, pass, doubt = r.ColumnInt64(0), r.ColumnInt64(1), store.Doubt(r.ColumnInt64(2))
	}); err != nil {
		return a, err
	}
	if a.source == 0 {
		return a, pipeline.ErrFenced
	}
	unnamed := false // an item was rejected that may be any
	if err := one(conn, "SELECT EXISTS (SELECT 1 FROM quarantine WHERE source = ? AND pass = ? AND identifier = '')", []any{a.source, pass}, func(r *sqlite.Stmt) {
		unnamed = r.ColumnBool(0)
	}); err != nil || unnamed || doubt != store.Whole {
		return a, err
	}
	if passes <= 1 {
		a.before = pass
		return a, nil
	}
	err = one(conn, "SELECT pass FROM whole_pass WHERE source = ? AND pass < ? ORDER BY pass DESC LIMIT 1 OFFSET ?", []any{a.source, pass, passes - 2}, func(r *sqlite.Stmt) {
		a.before = r.ColumnInt64(0)
	})
	return a, err
}

// holdAbsent holds the deletions of those of the items that still are absent.
func (s *Store) holdAbsent(conn *sqlite.Conn, a absence, items []int64) error {
	for _, item := range items {
		var identifier, origin string
		if err := one(conn, `SELECT i.identifier, c.origin FROM item i JOIN record r ON r.seq = i.seq JOIN content c ON c.item = i.item
			WHERE i.item = ? AND i.source = ? AND i.seen < ? AND r.deleted = ''`, []any{item, a.source, a.before}, func(r *sqlite.Stmt) {
			identifier, origin = r.ColumnText(0), r.ColumnText(1)
		}); err != nil {
			return err
		}
		if identifier == "" {
			continue
		}
		var from pipeline.Origin
		if err := store.UnpackOrigin(origin, &from); err != nil {
			return err
		}
		change := store.Absent(identifier, from, s.guard.Wall())
		written, err := putHeld(s, conn, a.source, item, &change)
		if err != nil {
			return err
		}
		if written {
			if err := exec(conn, "UPDATE hold SET run = 0 WHERE source = ?", a.source); err != nil {
				return err
			}
		}
	}
	return nil
}
