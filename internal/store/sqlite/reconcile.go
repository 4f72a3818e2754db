package sqlite

import (
	"context"
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// reconciliationSchema is applied to every log that is opened: it only adds.
const reconciliationSchema = `CREATE TABLE IF NOT EXISTS reconciliation ( -- what came of holding lists of sources against the log
  source  INTEGER NOT NULL,
  pass    INTEGER NOT NULL,
  at      INTEGER NOT NULL, -- when it ended; 0 while it lasts
  listed  INTEGER NOT NULL,
  found   INTEGER NOT NULL,
  missing INTEGER NOT NULL,
  extra   INTEGER NOT NULL,
  digest  BLOB    NOT NULL,
  why     TEXT    NOT NULL, -- why it proves nothing; empty if it does
  PRIMARY KEY (source, pass)
) STRICT, WITHOUT ROWID`

// reconcile counts what a batch of a reconciliation has found, and writes down what came of it at the end.
func (c *commit) reconcile() error {
	b := c.batch
	if !b.Reconciles {
		return nil
	}
	if err := exec(c.conn, `INSERT INTO reconciliation (source, pass, at, listed, found, missing, extra, digest, why) VALUES (?1, ?2, 0, 0, ?3, ?4, 0, x'', '')
		ON CONFLICT (source, pass) DO UPDATE SET found = found + ?3, missing = missing + ?4`, c.source.id, c.source.pass, b.Found, b.Missing); err != nil {
		return err
	}
	p := b.Proof
	if p == nil {
		return nil
	}
	return inOrder(
		step(c.conn, "UPDATE reconciliation SET at = ?, listed = ?, extra = ?, digest = ?, why = ? WHERE source = ? AND pass = ?",
			c.now, p.Listed, p.Extra, p.Digest[:], p.Why, c.source.id, c.source.pass),
		step(c.conn, `DELETE FROM reconciliation WHERE source = ?1 AND (at = 0 OR pass <= (SELECT pass FROM reconciliation WHERE source = ?1
			ORDER BY pass DESC LIMIT 1 OFFSET ?2))`, c.source.id, store.KeptReconciliations),
	)
}

// Compare says how what the present pass of a run has met and the log differ (see [pipeline.Log]).
func (s *Store) Compare(ctx context.Context, run *pipeline.Run) (out pipeline.Reconciliation, err error) {
	err = s.snapshot(ctx, func(conn *sqlite.Conn, _ pipeline.Head) error {
		var source, pass int64
		if err := one(conn, "SELECT source, pass FROM source WHERE name = ? AND run = ?", []any{run.Source, run.ID}, func(r *sqlite.Stmt) {
			source, pass = r.ColumnInt64(0), r.ColumnInt64(1)
		}); err != nil {
			return err
		}
		if source == 0 {
			return pipeline.ErrFenced
		}
		if err := one(conn, "SELECT found, missing FROM reconciliation WHERE source = ? AND pass = ?", []any{source, pass}, func(r *sqlite.Stmt) {
			out.Found, out.Missing = r.ColumnInt64(0), r.ColumnInt64(1)
		}); err != nil {
			return err
		}
		return each(conn, "SELECT i.identifier, i.seen = ?1 FROM item i JOIN record r ON r.seq = i.seq WHERE i.source = ?2 AND r.deleted = ''", []any{pass, source}, func(r *sqlite.Stmt) error {
			if !r.ColumnBool(1) {
				out.Extra++
				return nil
			}
			out.Listed++
			out.Digest.AddIdentifier(r.ColumnText(0))
			return nil
		})
	})
	if err != nil {
		return out, fmt.Errorf("hold the list of %s against the log: %w", run.Source, err)
	}
	return out, nil
}

// Reconciliations gives the newest reconciliations of a source, the last one first.
func (s *Store) Reconciliations(ctx context.Context, source string, limit int) (out []pipeline.Reconciliation, err error) {
	err = s.snapshot(ctx, func(conn *sqlite.Conn, _ pipeline.Head) error {
		return each(conn, "SELECT "+reconciliationColumns+` FROM reconciliation c JOIN source s USING (source)
			WHERE s.name = ? AND at > 0 ORDER BY c.pass DESC LIMIT 0 + ?`, []any{source, limit}, func(r *sqlite.Stmt) error {
			out = append(out, readReconciliation(r))
			return nil
		})
	})
	return out, err
}

// reconciliationColumns are those that readReconciliation reads.
const reconciliationColumns = "c.at, c.listed, c.found, c.missing, c.extra, c.digest, c.why"

func readReconciliation(r *sqlite.Stmt) (out pipeline.Reconciliation) {
	out.At, out.Why = moment(r, 0), r.ColumnText(6)
	out.Listed, out.Found, out.Missing, out.Extra = r.ColumnInt64(1), r.ColumnInt64(2), r.ColumnInt64(3), r.ColumnInt64(4)
	r.ColumnBytes(5, out.Digest[:])
	return out
}

// reconciledOfAll is the last reconciliation of each source that has one.
func reconciledOfAll(conn *sqlite.Conn) (map[string]pipeline.Reconciliation, error) {
	out := map[string]pipeline.Reconciliation{}
	err := each(conn, "SELECT "+reconciliationColumns+", s.name FROM reconciliation c JOIN source s USING (source) WHERE at > 0 ORDER BY c.pass", nil, func(r *sqlite.Stmt) error {
		out[r.ColumnText(7)] = readReconciliation(r)
		return nil
	})
	return out, err
}

// lastReconciled is when a source s was reconciled last; 0 if never.
const lastReconciled = "coalesce((SELECT max(at) FROM reconciliation c WHERE c.source = s.source), 0)"
