package sqlite

import (
	"context"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Changes gives the changes behind a place (see [pipeline.Feed]).
func (s *Store) Changes(ctx context.Context, w pipeline.Wanted) (out pipeline.Changes, err error) {
	err = s.view(ctx, func(conn *sqlite.Conn, head pipeline.Head) error {
		conn.SetInterrupt(ctx.Done())
		if out.Head, out.Upto = head, head.Seq; w.Down {
			out.Upto = 0
		}
		if gone, err := ofLostHistory(conn, w.After, w.Seen); err != nil {
			return err
		} else if gone && !w.Down { // what stands before such a place has not been lost
			return pipeline.ErrLost
		}
		places := head.Seq - w.After
		if w.Down {
			places = w.After
		}
		size := 0
		err := stopped(each(conn, changesQuery(&w), changesArgs(&w), func(r *sqlite.Stmt) error {
			rec, err := s.scanChange(r, &head)
			if err != nil {
				return err
			}
			if out.Records == nil {
				out.Records = roomFor(w.Limit, places)
			}
			out.Records = append(out.Records, rec)
			size += len(rec.DC) + len(rec.OAIDC) + len(rec.Original)
			if len(out.Records) == w.Limit || size >= w.Bytes {
				out.Upto = rec.Seq
				return errStop
			}
			return nil
		}))
		if err != nil || out.Upto < head.Seq {
			return err
		}
		return one(conn, "SELECT coalesce(sum(live), 0) FROM source", nil, func(r *sqlite.Stmt) { out.Live = r.ColumnInt64(0) })
	})
	return out, err
}

// scanChange reads a row of changesQuery.
func (s *Store) scanChange(r *sqlite.Stmt, head *pipeline.Head) (pipeline.Record, error) {
	rec, err := scanRecord(r, head)
	if err != nil || rec.Deleted != pipeline.Live {
		return rec, err
	}
	if r.ColumnLen(changedOAIDC) > 0 {
		rec.OAIDC = columnBytes(r, changedOAIDC)
	}
	if r.ColumnLen(changedOriginal) > 0 {
		rec.Original, err = s.codec.Unpack(columnBytes(r, changedOriginal))
	}
	return rec, err
}

// The columns of changesQuery behind those of selectRecord.
const (
	changedOAIDC = 11 + iota
	changedOriginal
)

func changesArgs(w *pipeline.Wanted) []any {
	if in := w.Source + w.Set; in != "" {
		return []any{w.After, w.Limit, in}
	}
	return []any{w.After, w.Limit}
}

// changesQuery reads the log, or the members of a set and those that have left it, in order of seq. SQLite merges the
// two and sorts nothing, as with lists (listing.query).
func changesQuery(w *pipeline.Wanted) string {
	contents := ", NULL, NULL"
	switch {
	case w.OAIDC && w.Original:
		contents = ", r.oai_dc, c.original"
	case w.OAIDC:
		contents = ", r.oai_dc, NULL"
	case w.Original:
		contents = ", NULL, c.original"
	}
	behind, order := " > ?1", " LIMIT 0 + ?2"
	if w.Down {
		behind, order = " < ?1", " DESC LIMIT 0 + ?2"
	}
	const joins = " CROSS JOIN item i ON i.item = r.item CROSS JOIN content c ON c.item = r.item CROSS JOIN source s ON s.source = i.source "
	if w.Source == "" && w.Set == "" {
		return selectRecord + contents + " FROM record r" + joins + "WHERE r.seq" + behind + " ORDER BY r.seq" + order
	}
	key := "(SELECT key FROM list WHERE kind = 'set' AND name = ?3)"
	if w.Source != "" {
		key = ownSet("?3")
	}
	members := strings.Replace(selectRecord, "r.seq", "m.seq", 1) + contents + " FROM member m CROSS JOIN record r ON r.seq = m.seq" + joins + "WHERE m.key = " + key + " AND m.seq" + behind
	if w.Source != "" { // no record leaves it
		return members + " ORDER BY m.seq" + order
	}
	left := "SELECT d.seq, d.identifier, d.datestamp, '" + string(pipeline.LeftSet) + "', ?3, i.version, i.fingerprint, s.name, '', x'', 0, NULL, NULL" +
		" FROM departure d CROSS JOIN item i ON i.item = d.item CROSS JOIN source s ON s.source = i.source WHERE d.key = " + key + " AND d.seq" + behind
	return members + " UNION ALL " + left + " ORDER BY 1" + order
}
