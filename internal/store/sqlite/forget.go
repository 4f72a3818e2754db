package sqlite

import (
	"context"
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Forget forgets what is not to be kept of a source any longer (see [pipeline.Log]).
func (s *Store) Forget(ctx context.Context, source string, k pipeline.Keep, limit int) (f pipeline.Forgotten, err error) {
	if err = s.Trouble(); err == nil {
		f, err = s.forget(ctx, source, k, limit)
	}
	if err != nil {
		return f, fmt.Errorf("forget what is too old of %s: %w", source, err)
	}
	return f, nil
}

// forget looks in a snapshot for what is too much, because a large quarantine takes its time, and commits would wait for that.
func (s *Store) forget(ctx context.Context, source string, k pipeline.Keep, limit int) (f pipeline.Forgotten, err error) {
	type sent struct{ id, last int64 }
	var runs []int64
	var items []sent
	now := s.guard.Wall()
	err = s.snapshot(ctx, func(conn *sqlite.Conn, _ pipeline.Head) error {
		if err := each(conn, `SELECT r.run FROM run r JOIN source s ON s.source = r.source WHERE s.name = ?1 AND r.run <> s.run AND (r.began < ?2
				OR ?3 > 0 AND r.run <= (SELECT o.run FROM run o WHERE o.source = s.source ORDER BY o.run DESC LIMIT 1 OFFSET ?3)) ORDER BY r.run LIMIT 0 + ?4`,
			[]any{source, store.Before(now, k.RunsFor), int64(k.Runs), int64(limit)}, func(r *sqlite.Stmt) error {
				runs = append(runs, r.ColumnInt64(0))
				return nil
			}); err != nil {
			return err
		}
		return each(conn, `SELECT id, last_seen FROM (
				SELECT q.id, q.last_seen, q.pass < s.pass AS past, row_number() OVER newest AS place, sum(length(q.original)) OVER newest AS size
				FROM quarantine q JOIN source s ON s.source = q.source WHERE s.name = ?1 WINDOW newest AS (ORDER BY q.last_seen DESC, q.id DESC)) AS items
			WHERE past AND (last_seen < ?2 OR ?3 > 0 AND place > ?3 OR ?4 > 0 AND size > ?4) ORDER BY last_seen, id LIMIT 0 + ?5`,
			[]any{source, store.Before(now, k.QuarantinedFor), int64(k.Quarantined), k.QuarantinedBytes, int64(limit)}, func(r *sqlite.Stmt) error {
				items = append(items, sent{r.ColumnInt64(0), r.ColumnInt64(1)})
				return nil
			})
	})
	if err != nil || len(runs)+len(items) == 0 {
		return f, err
	}
	err = s.writer.do(ctx, func(conn *sqlite.Conn) error {
		f = pipeline.Forgotten{Runs: int64(len(runs))}
		for _, run := range runs {
			if err := inOrder(step(conn, "DELETE FROM account WHERE run = ?1", run), step(conn, "DELETE FROM run WHERE run = ?1", run)); err != nil {
				return err
			}
		}
		for _, it := range items { // one that was sent again since stays
			// What the source noted of it goes too: else it would be taken for an item that the log has, and not asked for.
			if err := exec(conn, "DELETE FROM noted WHERE identifier = (SELECT identifier FROM quarantine WHERE id = ?1 AND last_seen = ?2)", it.id, it.last); err != nil {
				return err
			}
			if err := exec(conn, "DELETE FROM quarantine WHERE id = ?1 AND last_seen = ?2", it.id, it.last); err != nil {
				return err
			}
			f.Quarantined += int64(conn.Changes())
		}
		return nil
	})
	return f, err
}
