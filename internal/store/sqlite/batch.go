package sqlite

import (
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// sourceRow is how far a source has come, as a commit reads and writes it.
type sourceRow struct {
	id, run       int64
	pass          int64
	passBegan     int64
	doubt         store.Doubt
	live, deleted int64
	quarantined   bool // there is something of it in quarantine
	held          bool // there is something of it in held
}

// currentSource reads the source's row, and refuses a batch of a run, or from a cursor, that is not
// current any more.
func currentSource(conn *sqlite.Conn, b *pipeline.Batch) (row sourceRow, err error) {
	var cursor string
	err = one(conn, `SELECT source, run, cursor, pass, pass_began, incomplete, live, deleted,
			EXISTS (SELECT 1 FROM quarantine q WHERE q.source = s.source), EXISTS (SELECT 1 FROM held h WHERE h.source = s.source) FROM source s WHERE name = ?`,
		[]any{b.Run.Source}, func(r *sqlite.Stmt) {
			row = sourceRow{
				id: r.ColumnInt64(0), run: r.ColumnInt64(1), pass: r.ColumnInt64(3), passBegan: r.ColumnInt64(4),
				doubt: store.Doubt(r.ColumnInt64(5)), live: r.ColumnInt64(6), deleted: r.ColumnInt64(7), quarantined: r.ColumnBool(8), held: r.ColumnBool(9),
			}
			cursor = r.ColumnText(2)
		})
	if err != nil {
		return row, err
	}
	if row.run != b.Run.ID || cursor != string(b.From) {
		return row, fmt.Errorf("commit a page of %s: %w", b.Run.Source, pipeline.ErrFenced)
	}
	return row, nil
}

// A prepared change is one with everything done that needs no transaction.
type prepared struct {
	form    store.Form
	content store.Content
}

// A commit is one batch on its way into the log.
type commit struct {
	*tx
	batch   *pipeline.Batch
	now     int64 // the wall clock's, for bookkeeping only; datestamps come from the guard
	source  sourceRow
	reasons map[string]int64 // of rejects
	gain    store.Gain       // of the pass
	reheld  bool             // what is held is not what it was
	met     bool             // the pass gave the item that was met last before
	// returned counts what the pass gave before, and gives otherwise now.
	returned int64
	recent   []pipeline.Record // what it has brought into the log
}
