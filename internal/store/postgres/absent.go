package postgres

import (
	"context"
	"fmt"

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
		err = s.writer.do(ctx, func(conn *db) error {
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
	err = each(conn, `SELECT item FROM item i WHERE item > $1 AND source = $2 AND seen < $3
		AND NOT EXISTS (SELECT 1 FROM held h WHERE h.source = i.source AND h.item = i.item)
		AND EXISTS (SELECT 1 FROM record r WHERE r.seq = i.seq AND r.deleted = '') ORDER BY item LIMIT $4`,
		[]any{after, a.source, a.before, limit}, func(r *tuple) error {
			items = append(items, r.ColumnInt64(0))
			return nil
		})
	return items, err
}

// absenceIn says what absence is in the present pass of a run; its before is 0 if none can be proven.
func (s *Store) absenceIn(conn *db, run *pipeline.Run, passes int) (a absence, err error) {
	var pass int64
	var doubt store.Doubt
	if err := one(conn, "SELECT source, pass, incomplete FROM source WHERE name = $1 AND run = $2", []any{run.Source, run.ID}, func(r *tuple) {
		a.source, pass, doubt = r.ColumnInt64(0), r.ColumnInt64(1), store.Doubt(r.ColumnInt64(2))
	}); err != nil {
		return a, err
	}
	if a.source == 0 {
		return a, pipeline.ErrFenced
	}
	unnamed := false // an item was rejected that may be any
	if err := one(conn, "SELECT EXISTS (SELECT 1 FROM quarantine WHERE source = $1 AND pass = $2 AND identifier = '')", []any{a.source, pass}, func(r *tuple) {
		unnamed = r.ColumnBool(0)
	}); err != nil || unnamed || doubt != store.Whole {
		return a, err
	}
	if passes <= 1 {
		a.before = pass
		return a, nil
	}
	err = one(conn, "SELECT pass FROM whole_pass WHERE source = $1 AND pass < $2 ORDER BY pass DESC LIMIT 1 OFFSET $3", []any{a.source, pass, passes - 2}, func(r *tuple) {
		a.before = r.ColumnInt64(0)
	})
	return a, err
}

// holdAbsent holds the deletions of those of the items that still are absent.
func (s *Store) holdAbsent(conn *db, a absence, items []int64) error {
	var gone []pipeline.HeldChange
	if err := each(conn, `SELECT i.item, i.identifier, c.origin FROM item i JOIN record r ON r.seq = i.seq JOIN content c ON c.item = i.item
		WHERE i.item = ANY ($1::bigint[]) AND i.source = $2 AND i.seen < $3 AND r.deleted = '' ORDER BY i.item`, []any{items, a.source, a.before}, func(r *tuple) error {
		var from pipeline.Origin
		err := store.UnpackOrigin(r.ColumnText(2), &from)
		gone = append(gone, pipeline.HeldChange{Item: r.ColumnInt64(0), Change: store.Absent(r.ColumnText(1), from, s.guard.Wall())})
		return err
	}); err != nil {
		return err
	}
	written := false
	for i := range gone {
		if err := putHeld(s, conn, a.source, gone[i].Item, &gone[i].Change, func(*tuple) error {
			written = true
			return nil
		}); err != nil {
			return err
		}
	}
	if err := conn.flush(); err != nil || !written {
		return err
	}
	return exec(conn, "UPDATE hold SET run = 0 WHERE source = $1", a.source)
}
