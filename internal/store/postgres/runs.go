package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Begin starts a run (see pipeline.Log). The run number is the fence: it only grows, and a commit
// must carry the present one.
func (s *Store) Begin(ctx context.Context, source string, restart func(harvest.Cursor) harvest.Cursor) (*pipeline.Run, error) {
	var run *pipeline.Run
	err := s.writer.do(ctx, func(conn *db) error {
		now := s.guard.Wall().Unix()
		if err := lockSource(conn, source); err != nil {
			return err
		}
		if restart != nil {
			var at harvest.Cursor
			if err := one(conn, "SELECT cursor FROM source WHERE name = $1", []any{source}, func(r *tuple) { at = harvest.Cursor(r.ColumnText(0)) }); err != nil {
				return err
			}
			if err := freshPass(conn, restart(at), "name = $1", source); err != nil {
				return err
			}
		}
		if err := exec(conn, `UPDATE run SET ended = $1, result = 'cancelled', err = 'another run began'
			WHERE ended = 0 AND run = (SELECT run FROM source WHERE name = $2)`, now, source); err != nil {
			return err
		}
		number, err := nextNumber(conn, "run")
		if err != nil {
			return err
		}
		if err := exec(conn, "INSERT INTO run (run, source, began, heartbeat) SELECT $1::bigint, source, $2::bigint, $2::bigint FROM source WHERE name = $3", number, now, source); err != nil {
			return err
		}
		run = &pipeline.Run{ID: number, Source: source, Started: time.Unix(now, 0).UTC()}
		if err := exec(conn, "UPDATE source SET run = $1, pass_began = CASE WHEN pass_began = 0 THEN $2 ELSE pass_began END WHERE name = $3", run.ID, now, source); err != nil {
			return err
		}
		return one(conn, "SELECT cursor FROM source WHERE name = $1", []any{source}, func(r *tuple) { run.Cursor = harvest.Cursor(r.ColumnText(0)) })
	})
	if err != nil {
		return nil, fmt.Errorf("begin a run of %s: %w", source, err)
	}
	return run, nil
}

// freshPass lets the page at the cursor be the first of a new full pass of the source.
func freshPass(conn *db, at harvest.Cursor, which string, arg any) error {
	return exec(conn, "UPDATE source SET cursor = $2, pass = pass + 1, pass_began = 0, incomplete = 0 WHERE "+which, arg, string(at))
}

// advanceSource moves the source's cursor, and closes the pass if the page was its last.
func (c *commit) advanceSource() error {
	b, row := c.batch, &c.source
	row.doubt = row.doubt.After(b)
	if err := c.measure(); err != nil {
		return err
	}
	if c.plan.First != 0 {
		if err := exec(c.conn, "UPDATE source SET last_new = $1 WHERE source = $2", c.now, row.id); err != nil {
			return err
		}
	}
	if b.Done {
		if row.doubt != store.Short {
			if err := exec(c.conn, "UPDATE source SET last_complete = $1, last_full = CASE WHEN $2::bigint = 1 THEN $1 ELSE last_full END WHERE source = $3", c.now, b.Full && !b.Reconciles, row.id); err != nil {
				return err
			}
		}
		if b.Full && row.doubt == store.Whole {
			if err := c.noteWholePass(); err != nil {
				return err
			}
			// Rejected before this pass, and not again in it: it came well, or the source dropped it.
			if err := exec(c.conn, "DELETE FROM quarantine WHERE source = $1 AND pass < $2", row.id, row.pass); err != nil {
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
	if err := exec(c.conn, "UPDATE source SET cursor = $1, pass = $2, pass_began = $3, incomplete = $4, live = $5, deleted = $6 WHERE source = $7",
		string(b.Next), row.pass, row.passBegan, int64(row.doubt), row.live+c.plan.Live, row.deleted+c.plan.Deleted, row.id); err != nil {
		return err
	}
	return exec(c.conn, `UPDATE run SET heartbeat = $1, pages = pages + $2, items = items + $3, added = added + $4, updated = updated + $5,
				deleted = deleted + $6, unchanged = unchanged + $7, rejected = rejected + $8, suppressed = suppressed + $9 WHERE run = $10`,
		c.now, n.Pages, n.Items, n.Added, n.Updated, n.Deleted, n.Unchanged, n.Rejected, n.Suppressed, row.run)
}

// End writes down how a run ended (see pipeline.Log).
func (s *Store) End(ctx context.Context, run *pipeline.Run, o pipeline.Outcome) error {
	return s.writer.do(ctx, func(conn *db) error {
		if o.Restart {
			if err := freshPass(conn, "", "run = $1", run.ID); err != nil {
				return err
			}
		}
		if o.Next != "" {
			if err := exec(conn, "UPDATE source SET cursor = $1 WHERE run = $2 AND cursor = $3", string(o.Next), run.ID, string(o.From)); err != nil {
				return err
			}
		}
		if err := writeWarnings(conn, run.ID, o.Warnings); err != nil {
			return err
		}
		if err := writeAccount(conn, run.ID, &o.Account); err != nil {
			return err
		}
		return exec(conn, "UPDATE run SET ended = $1, result = $2, err = $3 WHERE run = $4 AND ended = 0",
			s.guard.Wall().Unix(), o.Result, o.Err, run.ID)
	})
}

// Status says how each source stands that was ever harvested, in order of their names.
func (s *Store) Status(ctx context.Context) (out []store.SourceStatus, err error) {
	err = s.snapshot(ctx, func(conn *db, _ pipeline.Head) error {
		held, err := heldOfAll(conn)
		if err != nil {
			return err
		}
		reconciled, err := reconciledOfAll(conn)
		if err != nil {
			return err
		}
		return each(conn, `SELECT s.name, s.live, s.deleted, (SELECT count(*) FROM quarantine q WHERE q.source = s.source AND q.dismissed = 0),
				s.last_complete, s.last_full, s.last_new, s.cursor <> '' AND s.pass_began <> 0, `+runColumns+`, coalesce(m.warnings, ''),
				(SELECT count(*) FROM quarantine q WHERE q.source = s.source AND q.dismissed <> 0), `+selectStop+`,
				(SELECT count(*) `+fromFailures+`), coalesce((SELECT min(f.ended) `+fromFailures+`), 0), coalesce(minted.name, '')
			FROM source s LEFT JOIN stopped ON stopped.source = s.source LEFT JOIN minted ON minted.source = s.source LEFT JOIN run r ON r.run = s.run LEFT JOIN measure m ON m.source = s.source ORDER BY s.name`, nil, func(r *tuple) error {
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
