package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Entries gives up to limit live records whose numbers are above after and not above upto, in the order of the numbers,
// and the newest number that there is, with the oai_dc of each if that is wanted. A number is given to a record when it
// first comes, and never again.
func (s *Store) Entries(ctx context.Context, after, upto int64, limit int, oaiDC bool) (out []pipeline.Entry, newest int64, err error) {
	err = s.view(ctx, func(conn *sqlite.Conn, head pipeline.Head) error {
		conn.SetInterrupt(ctx.Done())
		if err := one(conn, "SELECT coalesce(max(item), 0) FROM item", nil, func(r *sqlite.Stmt) { newest = r.ColumnInt64(0) }); err != nil {
			return err
		}
		return each(conn, entriesQuery, []any{after, upto, limit, oaiDC}, func(r *sqlite.Stmt) error {
			seq := r.ColumnInt64(2)
			e := pipeline.Entry{Number: r.ColumnInt64(0), Identifier: r.ColumnText(1), Datestamp: time.Unix(head.Shown(seq, r.ColumnInt64(3)), 0).UTC()}
			if oaiDC {
				e.OAIDC = columnBytes(r, 4)
			}
			out = append(out, e)
			return nil
		})
	})
	return out, newest, err
}

const entriesQuery = `SELECT i.item, r.identifier, r.seq, r.datestamp, iif(?4, r.oai_dc, NULL) FROM item i CROSS JOIN record r ON r.seq = i.seq
	WHERE i.item > ?1 AND i.item <= ?2 AND r.deleted = '' ORDER BY i.item LIMIT 0 + ?3`
