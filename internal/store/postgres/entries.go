package postgres

import (
	"context"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Entries gives up to limit live records whose numbers are above after and not above upto, in the order of the numbers,
// and the newest number that there is. A number is given to a record when it first comes, and never again.
func (s *Store) Entries(ctx context.Context, after, upto int64, limit int, oaiDC bool) (out []pipeline.Entry, newest int64, err error) {
	err = s.served(ctx, func(conn *db, head pipeline.Head) error {
		if err := one(conn, "SELECT coalesce(max(item), 0) FROM item", nil, func(r *tuple) { newest = r.ColumnInt64(0) }); err != nil {
			return err
		}
		return each(conn, entriesQuery, []any{after, upto, limit, oaiDC}, func(r *tuple) error {
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

const entriesQuery = `SELECT i.item, r.identifier, r.seq, r.datestamp, CASE WHEN $4::bigint = 1 THEN r.oai_dc END FROM item i JOIN record r ON r.seq = i.seq
	WHERE i.item > $1 AND i.item <= $2 AND r.deleted = '' ORDER BY i.item LIMIT $3`
