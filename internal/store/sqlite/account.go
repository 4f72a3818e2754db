package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// accountSchema is applied to every log that is opened: it only adds.
const accountSchema = `CREATE TABLE IF NOT EXISTS account ( -- what is kept of a run beside its counts
  run   INTEGER PRIMARY KEY,
  about TEXT NOT NULL -- pipeline.Account, as JSON
) STRICT`

// The results that say that a source fails, and those that say that it does not, in SQL.
var (
	failures  = quoted(func(result string) bool { return slices.Contains(pipeline.Failures, result) })
	successes = quoted(func(result string) bool { return result == pipeline.Complete || result == pipeline.OnHold })
)

func quoted(which func(string) bool) string {
	var out []string
	for _, result := range pipeline.Results {
		if which(result) {
			out = append(out, "'"+result+"'")
		}
	}
	return "(" + strings.Join(out, ", ") + ")"
}

// fromFailures are the runs of a source s since which it fails.
var fromFailures = `FROM run f WHERE f.source = s.source AND f.result IN ` + failures + ` AND f.run > coalesce((
	SELECT g.run FROM run g WHERE g.source = s.source AND g.result IN ` + successes + ` ORDER BY g.run DESC LIMIT 1), 0)`

// writeAccount keeps what is kept of a run that ends. A run that has ended already keeps its own.
func writeAccount(conn *sqlite.Conn, run int64, a *pipeline.Account) error {
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return exec(conn, "INSERT OR REPLACE INTO account (run, about) SELECT run, ? FROM run WHERE run = ? AND ended = 0", string(text), run)
}

// Runs gives up to limit of the runs that are remembered of a source, or of all, the newest first.
func (s *Store) Runs(ctx context.Context, source string, limit int) (out []store.PastRun, err error) {
	conn, err := s.readers.Take(ctx)
	if err != nil {
		return nil, err
	}
	defer s.readers.Put(conn)
	where, args := "", []any{limit}
	if source != "" {
		where, args = "WHERE r.source = (SELECT source FROM source WHERE name = ?2)", []any{limit, source}
	}
	err = each(conn, `SELECT s.name, `+runColumns+`, coalesce(a.about, '{}') FROM run r JOIN source s USING (source) LEFT JOIN account a USING (run) `+where+` ORDER BY r.run DESC LIMIT 0 + ?1`, args, func(r *sqlite.Stmt) error {
		run := store.PastRun{Source: r.ColumnText(0), RunStatus: columnRun(r, 1)}
		out = append(out, run)
		return json.Unmarshal([]byte(r.ColumnText(15)), &out[len(out)-1].Account)
	})
	if err != nil {
		return nil, fmt.Errorf("read the runs: %w", err)
	}
	return out, nil
}

// runColumns are the columns of a run r, and columnRun reads them from the given one on.
const runColumns = "r.run, r.began, r.heartbeat, r.ended, r.result, r.err, r.pages, r.items, r.added, r.updated, r.deleted, r.unchanged, r.rejected, r.suppressed"

func columnRun(r *sqlite.Stmt, at int) store.RunStatus {
	return store.RunStatus{
		ID: r.ColumnInt64(at), Began: moment(r, at+1), Heartbeat: moment(r, at+2), Ended: moment(r, at+3), Result: r.ColumnText(at + 4), Err: r.ColumnText(at + 5),
		Counts: pipeline.Counts{
			Pages: r.ColumnInt64(at + 6), Items: r.ColumnInt64(at + 7), Added: r.ColumnInt64(at + 8), Updated: r.ColumnInt64(at + 9),
			Deleted: r.ColumnInt64(at + 10), Unchanged: r.ColumnInt64(at + 11), Rejected: r.ColumnInt64(at + 12), Suppressed: r.ColumnInt64(at + 13),
		},
	}
}
