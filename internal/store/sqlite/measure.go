package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// measureSchema is applied to every log that is opened: it only adds, and programs that don't know the
// table leave it alone. What such a program wrote meanwhile shows in the number of the pass.
const measureSchema = `CREATE TABLE IF NOT EXISTS measure (
  source   INTEGER PRIMARY KEY,
  pass     INTEGER NOT NULL, -- the one that met, added and accepted are about
  met      INTEGER NOT NULL, -- different items that it has given so far
  added    INTEGER NOT NULL, -- those of them that the log had not
  accepted INTEGER NOT NULL, -- 1: a person takes it as it comes
  had      INTEGER NOT NULL, -- items at the end of the last complete pass
  warnings TEXT    NOT NULL  -- of the last run, as a JSON array
) STRICT`

// selectMeasure reads the measures of a source s. Before the first complete pass there is nothing to measure
// by; where one was written by a program without this table, it is what the log has.
const selectMeasure = `SELECT coalesce(m.met, 0), coalesce(m.added, 0), coalesce(m.accepted, 0),
		coalesce(had.had, iif(s.last_full > 0, s.live + s.deleted, 0)), s.cursor <> '' AND s.pass_began <> 0, s.incomplete, s.last_full, s.live, ` + selectStop + `, ` + lastReconciled + `
	FROM source s LEFT JOIN stopped USING (source) LEFT JOIN measure m ON m.source = s.source AND m.pass = s.pass LEFT JOIN measure had ON had.source = s.source WHERE s.source = (SELECT source FROM source WHERE name = ?)`

func readMeasure(conn *sqlite.Conn, source string) (p pipeline.Pass, err error) {
	err = one(conn, selectMeasure, []any{source}, func(r *sqlite.Stmt) {
		p = pipeline.Pass{
			Met: r.ColumnInt64(0), Added: r.ColumnInt64(1), Accepted: r.ColumnBool(2), Had: r.ColumnInt64(3),
			Underway: r.ColumnBool(4), Short: store.Doubt(r.ColumnInt64(5)) == store.Short, Doubted: store.Doubt(r.ColumnInt64(5)) != store.Whole, LastFull: moment(r, 6), Live: r.ColumnInt64(7), Stop: columnStop(r, 8), Reconciled: moment(r, 12),
		}
	})
	return p, err
}

// Pass says how the present pass of a source stands (see pipeline.Log).
func (s *Store) Pass(ctx context.Context, source string) (pipeline.Pass, error) {
	conn, err := s.readers.Take(ctx)
	if err != nil {
		return pipeline.Pass{}, fmt.Errorf("read the pass of %s: %w", source, err)
	}
	defer s.readers.Put(conn)
	p, err := readMeasure(conn, source)
	if err != nil {
		return p, fmt.Errorf("read the pass of %s: %w", source, err)
	}
	return p, nil
}

// Accept notes that a person takes the pass as it comes (see pipeline.Log).
func (s *Store) Accept(ctx context.Context, run *pipeline.Run, again func(harvest.Cursor) harvest.Cursor) error {
	var next harvest.Cursor
	if err := s.writer.do(ctx, func(conn *sqlite.Conn) error {
		var id, pass int64
		var at harvest.Cursor
		if err := one(conn, "SELECT source, pass, cursor FROM source WHERE run = ?", []any{run.ID}, func(r *sqlite.Stmt) {
			id, pass, at = r.ColumnInt64(0), r.ColumnInt64(1), harvest.Cursor(r.ColumnText(2))
		}); err != nil {
			return err
		}
		if id == 0 {
			return fmt.Errorf("take a pass of %s as it comes: %w", run.Source, pipeline.ErrFenced)
		}
		m, err := readMeasure(conn, run.Source)
		if err != nil {
			return err
		}
		m.Accepted = true
		next = again(at)
		if err := approveAll(conn, id); err != nil {
			return err
		}
		if err := exec(conn, "UPDATE source SET cursor = ? WHERE source = ?", string(next), id); err != nil {
			return err
		}
		return writeMeasure(conn, id, pass, m)
	}); err != nil {
		return err
	}
	run.Cursor = next // only now: a run whose cursor is not the log's could commit nothing any more
	return nil
}

func writeMeasure(conn *sqlite.Conn, source, pass int64, m pipeline.Pass) error {
	return exec(conn, `INSERT INTO measure (source, pass, met, added, accepted, had, warnings) VALUES (?1, ?2, ?3, ?4, ?5, ?6, '[]')
		ON CONFLICT (source) DO UPDATE SET pass = ?2, met = ?3, added = ?4, accepted = ?5, had = ?6`,
		source, pass, m.Met, m.Added, m.Accepted, m.Had)
}

// measure counts what the commit gave to its pass, and what the source has where that is complete.
func (c *commit) measure() error {
	m, err := readMeasure(c.conn, c.batch.Run.Source)
	if err != nil {
		return err
	}
	return writeMeasure(c.conn, c.source.id, c.source.pass, store.Measured(m, c.batch, c.source.doubt, c.gain))
}

// meet counts an item that the pass gives, unless it gave it before; 0 is one that the log has not.
func (c *commit) meet(item int64) error {
	c.met = false
	if c.batch.Settles {
		return nil
	}
	if item == 0 {
		c.gain.Added++
		c.gain.Met++
		return nil
	}
	return one(c.conn, "SELECT seen FROM item WHERE item = ?", []any{item}, func(r *sqlite.Stmt) {
		if c.met = r.ColumnInt64(0) == c.source.pass; !c.met {
			c.gain.Met++
		}
	})
}

// countReturned counts a live record that changes though the pass gave it before (see store.Returned). It was met just now.
func (c *commit) countReturned(old *store.State, change *pipeline.Change) error {
	if !c.met || old.Deleted != pipeline.Live || change.Deleted != pipeline.Live {
		return nil
	}
	return one(c.conn, "SELECT origin ->> '$.Datestamp' FROM content WHERE item = ?", []any{old.Item}, func(r *sqlite.Stmt) {
		if store.Returned(old.Deleted, r.ColumnText(0), change) {
			c.returned++
		}
	})
}

// writeWarnings keeps the warnings of the run for those who ask how the source stands.
func writeWarnings(conn *sqlite.Conn, run int64, warnings []string) error {
	b, err := json.Marshal(warnings)
	if err != nil || warnings == nil {
		b = []byte("[]")
	}
	return exec(conn, "UPDATE measure SET warnings = ? WHERE source = (SELECT source FROM source WHERE run = ?)", string(b), run)
}

func readWarnings(text string) (warnings []string) {
	_ = json.Unmarshal([]byte(text), &warnings) // ours; what can't be read is no warning
	return warnings
}
