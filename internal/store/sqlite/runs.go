package sqlite

import (
	"context"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Begin starts a run (see pipeline.Log). The run number is the fence: it only grows, and a commit
// must carry the present one.
func (s *Store) Begin(ctx context.Context, source string, restart func(harvest.Cursor) harvest.Cursor) (*pipeline.Run, error) {
	if err := s.reserve.room(); err != nil {
		return nil, fmt.Errorf("begin a run of %s: %w", source, err)
	}
	var run *pipeline.Run
	err := s.writer.do(ctx, func(conn *sqlite.Conn) error {
		now := s.guard.Wall().Unix()
		if err := exec(conn, "INSERT INTO source (name) VALUES (?) ON CONFLICT (name) DO NOTHING", source); err != nil {
			return err
		}
		if restart != nil {
			var at harvest.Cursor
			if err := one(conn, "SELECT cursor FROM source WHERE name = ?", []any{source}, func(r *sqlite.Stmt) { at = harvest.Cursor(r.ColumnText(0)) }); err != nil {
				return err
			}
			if err := freshPass(conn, restart(at), "name = ?", source); err != nil {
				return err
			}
		}
		if err := exec(conn, `UPDATE run SET ended = ?, result = 'cancelled', err = 'another run began'
			WHERE ended = 0 AND run = (SELECT run FROM source WHERE name = ?)`, now, source); err != nil {
			return err
		}
		if err := exec(conn, "INSERT INTO run (source, began, heartbeat) SELECT source, ?1, ?1 FROM source WHERE name = ?2", now, source); err != nil {
			return err
		}
		run = &pipeline.Run{ID: conn.LastInsertRowID(), Source: source, Started: time.Unix(now, 0).UTC()}
		if err := exec(conn, "UPDATE source SET run = ?, pass_began = iif(pass_began = 0, ?, pass_began) WHERE name = ?", run.ID, now, source); err != nil {
			return err
		}
		return one(conn, "SELECT cursor FROM source WHERE name = ?", []any{source}, func(r *sqlite.Stmt) { run.Cursor = harvest.Cursor(r.ColumnText(0)) })
	})
	if err != nil {
		return nil, fmt.Errorf("begin a run of %s: %w", source, err)
	}
	return run, nil
}

// freshPass lets the page at the cursor be the first of a new full pass of the source.
func freshPass(conn *sqlite.Conn, at harvest.Cursor, which string, arg any) error {
	return exec(conn, "UPDATE source SET cursor = ?, pass = pass + 1, pass_began = 0, incomplete = 0 WHERE "+which, string(at), arg)
}

// advanceSource moves the source's cursor, and closes the pass if the page was its last.
func (c *commit) advanceSource() error {
	b, row := c.batch, &c.source
	row.doubt = row.doubt.After(b)
	if err := c.measure(); err != nil {
		return err
	}
	if c.plan.First != 0 {
		if err := exec(c.conn, "UPDATE source SET last_new = ? WHERE source = ?", c.now, row.id); err != nil {
			return err
		}
	}
	if b.Done {
		if row.doubt != store.Short {
			if err := exec(c.conn, "UPDATE source SET last_complete = ?1, last_full = iif(?2, ?1, last_full) WHERE source = ?3", c.now, b.Full && !b.Reconciles, row.id); err != nil {
				return err
			}
		}
		if b.Full && row.doubt == store.Whole {
			if err := c.noteWholePass(); err != nil {
				return err
			}
			// Rejected before this pass, and not again in it: it came well, or the source dropped it.
			if err := exec(c.conn, "DELETE FROM quarantine WHERE source = ? AND pass < ?", row.id, row.pass); err != nil {
				return err
			}
		}
		row.pass, row.passBegan, row.doubt = row.pass+1, 0, store.Whole
	}
	if err := c.noteHold(); err != nil {
		return err
	}
	n := &c.plan.Counts
	if b.Next == b.From && !b.Done { // a part of a page is not counted as one
		n.Pages = 0
	}
	if err := exec(c.conn, "UPDATE source SET cursor = ?, pass = ?, pass_began = ?, incomplete = ?, live = ?, deleted = ? WHERE source = ?",
		string(b.Next), row.pass, row.passBegan, int64(row.doubt), row.live+c.plan.Live, row.deleted+c.plan.Deleted, row.id); err != nil {
		return err
	}
	return exec(c.conn, `UPDATE run SET heartbeat = ?, pages = pages + ?, items = items + ?, added = added + ?, updated = updated + ?,
				deleted = deleted + ?, unchanged = unchanged + ?, rejected = rejected + ?, suppressed = suppressed + ? WHERE run = ?`,
		c.now, n.Pages, n.Items, n.Added, n.Updated, n.Deleted, n.Unchanged, n.Rejected, n.Suppressed, row.run)
}

// End writes down how a run ended (see pipeline.Log).
func (s *Store) End(ctx context.Context, run *pipeline.Run, o pipeline.Outcome) error {
	return s.writer.do(ctx, func(conn *sqlite.Conn) error {
		if o.Restart {
			if err := freshPass(conn, "", "run = ?", run.ID); err != nil {
				return err
			}
		}
		if o.Next != "" {
			if err := exec(conn, "UPDATE source SET cursor = ? WHERE run = ? AND cursor = ?", string(o.Next), run.ID, string(o.From)); err != nil {
				return err
			}
		}
		if err := writeWarnings(conn, run.ID, o.Warnings); err != nil {
			return err
		}
		if err := writeAccount(conn, run.ID, &o.Account); err != nil {
			return err
		}
		return exec(conn, "UPDATE run SET ended = ?, result = ?, err = ? WHERE run = ? AND ended = 0",
			s.guard.Wall().Unix(), o.Result, o.Err, run.ID)
	})
}

// Status says how each source stands that was ever harvested, in order of their names.
func (s *Store) Status(ctx context.Context) (out []store.SourceStatus, err error) {
	err = s.snapshot(ctx, func(conn *sqlite.Conn, _ pipeline.Head) error {
		held, err := heldOfAll(conn)
		if err != nil {
			return err
		}
		reconciled, err := reconciledOfAll(conn)
		if err != nil {
			return err
		}
		return each(conn, `SELECT s.name, s.live, s.deleted, (SELECT count(*) FROM quarantine q WHERE q.source = s.source AND q.id NOT IN (SELECT id FROM dismissed)),
				s.last_complete, s.last_full, s.last_new, s.cursor <> '' AND s.pass_began <> 0, `+runColumns+`, coalesce(m.warnings, ''),
				(SELECT count(*) FROM dismissed d JOIN quarantine q USING (id) WHERE q.source = s.source), `+selectStop+`,
				(SELECT count(*) `+fromFailures+`), coalesce((SELECT min(f.ended) `+fromFailures+`), 0), coalesce(minted.name, '')
			FROM source s LEFT JOIN stopped USING (source) LEFT JOIN minted USING (source) LEFT JOIN run r ON r.run = s.run LEFT JOIN measure m ON m.source = s.source ORDER BY s.name`, nil, func(r *sqlite.Stmt) error {
			st := store.SourceStatus{
				Source: r.ColumnText(0), Held: held[r.ColumnText(0)], Live: r.ColumnInt64(1), Deleted: r.ColumnInt64(2), Quarantined: r.ColumnInt64(3), Dismissed: r.ColumnInt64(23), Stop: columnStop(r, 24), Minted: r.ColumnText(30),
				LastComplete: moment(r, 4), LastFull: moment(r, 5), LastNew: moment(r, 6), Underway: r.ColumnBool(7), Warnings: readWarnings(r.ColumnText(22)),
				LastRun: columnRun(r, 8), Failures: r.ColumnInt64(28), FailingSince: moment(r, 29),
			}
			st.Reconciled = reconciled[st.Source]
			st.Running = st.LastRun.ID != 0 && st.LastRun.Ended.IsZero()
			out = append(out, st)
			return nil
		})
	})
	return out, err
}
