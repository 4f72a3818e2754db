package postgres

import (
	"cmp"
	"context"
	"errors"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Changes gives the changes behind a place (see [pipeline.Feed]).
func (s *Store) Changes(ctx context.Context, w pipeline.Wanted) (out pipeline.Changes, err error) {
	err = s.served(ctx, func(conn *db, head pipeline.Head) error {
		if out.Head, out.Upto = head, head.Seq; w.Down {
			out.Upto = 0
		} else if head.Cursor.Before(pipeline.Cursor{Epoch: cmp.Or(w.Epoch, head.Epoch), Seq: max(w.After, w.Seen)}) {
			return oaipmh.ErrBehind
		}
		if gone, err := ofLostHistory(conn, w.After, w.Seen); err != nil {
			return err
		} else if gone && !w.Down { // what stands before such a place has not been lost
			return pipeline.ErrLost
		}
		size := 0
		err := stopped(each(conn, changesQuery(&w), changesArgs(&w), func(r *tuple) error {
			rec, err := s.scanChange(r, &head)
			if err != nil {
				return err
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
		return one(conn, "SELECT coalesce(sum(live), 0)::bigint FROM source", nil, func(r *tuple) { out.Live = r.ColumnInt64(0) })
	})
	if errors.Is(err, oaipmh.ErrBehind) {
		err = nil // the place is not one of this log, as the caller sees by the head
	}
	return out, err
}

// scanChange reads a row of changesQuery.
func (s *Store) scanChange(r *tuple, head *pipeline.Head) (pipeline.Record, error) {
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

// changesQuery reads the log, or the members of a set and those that have left it, in order of seq. Each part is in that order and
// ends with the limit, as those of lists (listing.query).
func changesQuery(w *pipeline.Wanted) string {
	contents := ", NULL::bytea AS oai_dc, NULL::bytea AS original"
	switch {
	case w.OAIDC && w.Original:
		contents = ", r.oai_dc, c.original"
	case w.OAIDC:
		contents = ", r.oai_dc, NULL::bytea AS original"
	case w.Original:
		contents = ", NULL::bytea AS oai_dc, c.original"
	}
	behind, order := " > $1", " LIMIT $2"
	if w.Down {
		behind, order = " < $1", " DESC LIMIT $2"
	}
	if w.Source == "" && w.Set == "" {
		return selectRecord + contents + recordJoined + " WHERE r.seq" + behind + " ORDER BY r.seq" + order
	}
	key := "(SELECT key FROM list WHERE kind = 'set' AND name = $3)"
	if w.Source != "" {
		key = ownSet("$3")
	}
	members := "SELECT x.* FROM member m CROSS JOIN LATERAL (" + selectRecord + contents + recordJoined + " WHERE r.seq = m.seq OFFSET 0) AS x WHERE m.key = " + key + " AND m.seq" + behind + " ORDER BY m.seq" + order
	if w.Source != "" { // no record leaves it
		return members
	}
	left := "SELECT d.seq, d.identifier, d.datestamp, '" + string(pipeline.LeftSet) + "', $3::text, i.version, i.fingerprint, s.name, '', ''::bytea, 0::bigint, NULL::bytea, NULL::bytea" +
		" FROM departure d" + itemOf("d.item") + " JOIN source s ON s.source = i.source WHERE d.key = " + key + " AND d.seq" + behind + " ORDER BY d.seq" + order
	return "(" + members + ") UNION ALL (" + left + ") ORDER BY 1" + order
}

// recordJoined are the tables of selectRecord.
const recordJoined = " FROM record r JOIN item i ON i.item = r.item JOIN content c ON c.item = r.item JOIN source s ON s.source = i.source"
