package postgres

import (
	"context"
	"strings"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Holdings says what the log has of each source that was ever harvested, in order of their names. It
// reads counters, so it costs the same for any number of records.
func (s *Store) Holdings(ctx context.Context) (out []pipeline.SourceCounts, err error) {
	err = s.servedNow(ctx, func(conn *db, _ pipeline.Head) error {
		return each(conn, "SELECT name, live, deleted, last_complete FROM source ORDER BY name", nil, func(r *tuple) error {
			out = append(out, pipeline.SourceCounts{
				Source: r.ColumnText(0), Live: r.ColumnInt64(1), Deleted: r.ColumnInt64(2), Complete: moment(r, 3),
			})
			return nil
		})
	})
	return out, err
}

// maxBrowsed bounds the Dublin Core of one stretch, in bytes: it ends early, after the record that
// goes beyond.
const maxBrowsed = 4 << 20

// Browse gives up to limit live records of a source (of all, if it is empty): upwards those after a
// seq in seq order, downwards those before it in the opposite order. A source without records gives
// none. Each call starts at its place in an index, so a stretch costs the same at any depth; only
// tombstones between live records are passed over one by one.
func (s *Store) Browse(ctx context.Context, source string, from int64, down bool, limit int) (out pipeline.BrowsedPage, err error) {
	err = s.servedNow(ctx, func(conn *db, head pipeline.Head) error {
		out.Head = head
		size := 0
		err := each(conn, browseQuery(source, down), browseArgs(source, from, limit+1), func(r *tuple) error {
			if len(out.Records) == limit || size > maxBrowsed {
				out.More = true
				return errStop
			}
			rec, err := scanRecord(r, &head)
			out.Records = append(out.Records, rec)
			size += len(rec.DC)
			return err
		})
		return stopped(err)
	})
	return out, err
}

func browseArgs(source string, from int64, limit int) []any {
	if source == "" {
		return []any{from, limit}
	}
	return []any{source, from, limit}
}

// browseQuery walks the log itself, or the members of the source's own set.
func browseQuery(source string, down bool) string {
	query := selectRecord + recordJoined + " WHERE r.seq > $1 AND r.deleted = '' ORDER BY r.seq LIMIT $2"
	if source != "" {
		query = "SELECT x.* FROM member m CROSS JOIN LATERAL (" + selectRecord + recordJoined + " WHERE r.seq = m.seq AND r.deleted = '' OFFSET 0) AS x WHERE m.key = " + ownSet("$1") + " AND m.seq > $2 ORDER BY m.seq LIMIT $3"
	}
	if down {
		query = strings.Replace(query, "seq > $", "seq < $", 1)
		query = strings.Replace(query, "seq LIMIT", "seq DESC LIMIT", 1)
	}
	return query
}
