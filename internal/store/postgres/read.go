package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const selectRecord = `SELECT r.seq, r.identifier, r.datestamp, r.deleted, r.sets, i.version, i.fingerprint, s.name, c.origin, c.dc, i.stale`

const selectPage = selectRecord + recordJoined + " WHERE r.seq > $1 ORDER BY r.seq LIMIT $2"

// maxRead bounds the Dublin Core of what is read at once, in bytes: a few hundred records can be a few
// gigabytes if a source means ill, or well.
const maxRead = 16 << 20

// Read gives the records after a seq (see pipeline.Reader). It ends early, behind the record with which
// they come to more than 16 MiB.
func (s *Store) Read(ctx context.Context, after int64, limit int) (out []pipeline.Record, head pipeline.Head, err error) {
	err = s.view(ctx, func(conn *db, h pipeline.Head) error {
		head = h
		size := 0
		return stopped(each(conn, selectPage, []any{after, limit}, func(r *tuple) error {
			rec, err := scanRecord(r, &h)
			if err != nil {
				return err
			}
			out = append(out, rec)
			if size += len(rec.DC); size > maxRead {
				return errStop
			}
			return nil
		}))
	})
	return out, head, err
}

// scanRecord reads a row of selectRecord under a head.
func scanRecord(r *tuple, head *pipeline.Head) (rec pipeline.Record, err error) {
	rec = pipeline.Record{
		Seq: r.ColumnInt64(0), Identifier: r.ColumnText(1), Datestamp: time.Unix(head.Shown(r.ColumnInt64(0), r.ColumnInt64(2)), 0).UTC(),
		Deleted: pipeline.Reason(r.ColumnText(3)), Sets: strings.Fields(r.ColumnText(4)),
		Version: r.ColumnInt64(5), Source: r.ColumnText(7), Stale: r.ColumnBool(10),
	}
	r.ColumnBytes(6, rec.Fingerprint[:])
	if rec.Deleted == pipeline.LeftSet {
		return rec, nil
	}
	if err = store.UnpackOrigin(r.ColumnText(8), &rec.Origin); err != nil {
		return rec, fmt.Errorf("read %s: %w", rec.Identifier, err)
	}
	if rec.DC, err = store.UnpackRecord(columnBytes(r, 9)); err != nil {
		return rec, fmt.Errorf("read %s: %w", rec.Identifier, err)
	}
	if !utf8.ValidString(rec.Identifier) || !utf8.Valid(rec.DC) {
		return rec, damaged(fmt.Errorf("the record %q is not text", rec.Identifier))
	}
	return rec, nil
}

// Record gives one record with its original (see pipeline.Reader). An alias finds its record too.
func (s *Store) Record(ctx context.Context, identifier string) (rec *pipeline.Record, err error) {
	err = s.snapshot(ctx, func(conn *db, head pipeline.Head) error {
		return each(conn, selectRecord+`, c.original, c.rules, c.notes, CASE WHEN i.seen = s.pass THEN s.pass_began ELSE s.last_complete END
			FROM item i JOIN record r ON r.seq = i.seq JOIN content c ON c.item = i.item JOIN source s ON s.source = i.source
			WHERE `+itemNamed,
			[]any{identifier}, func(r *tuple) error {
				one, err := scanRecord(r, &head)
				if err != nil {
					return err
				}
				if one.Original, err = s.codec.Unpack(columnBytes(r, 11)); err != nil {
					return fmt.Errorf("read %s: %w", identifier, err)
				}
				one.Rules, one.Notes, one.Seen = r.ColumnText(12), notesOf(r, 13), moment(r, 14)
				rec = &one
				return nil
			})
	})
	if err == nil && rec == nil {
		err = fmt.Errorf("%s: %w", identifier, pipeline.ErrNotFound)
	}
	return rec, err
}
