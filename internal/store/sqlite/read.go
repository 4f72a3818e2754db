package sqlite

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const selectRecord = `SELECT r.seq, r.identifier, r.datestamp, r.deleted, r.sets, i.version, i.fingerprint, s.name, c.origin, c.dc, i.stale`

const selectPage = selectRecord + ` FROM record r JOIN item i ON i.item = r.item JOIN content c ON c.item = r.item JOIN source s ON s.source = i.source
	WHERE r.seq > ? ORDER BY r.seq LIMIT 0 + ?`

// maxRead bounds the Dublin Core of what is read at once, in bytes: a few hundred records can be a few
// gigabytes if a source means ill, or well.
const maxRead = 16 << 20

// Read gives the records after a seq (see pipeline.Reader). It ends early, behind the record with which
// they come to more than 16 MiB.
func (s *Store) Read(ctx context.Context, after int64, limit int) (out []pipeline.Record, head pipeline.Head, err error) {
	// A snapshot may have shown a commit that is not noted yet: no later reading shows an older head.
	seq, stamp := s.newestSeq.Load(), s.newestShown.Load()
	if out, head, ok := s.recent.read(after, limit); ok && head.Seq >= seq && head.Datestamp.Unix() >= stamp {
		return out, head, ctx.Err()
	}
	return s.readLog(ctx, after, limit)
}

// readLog is Read without what is in memory.
func (s *Store) readLog(ctx context.Context, after int64, limit int) (out []pipeline.Record, head pipeline.Head, err error) {
	err = s.view(ctx, func(conn *sqlite.Conn, h pipeline.Head) error {
		head = h
		size := 0
		return stopped(each(conn, selectPage, []any{after, limit}, func(r *sqlite.Stmt) error {
			rec, err := scanRecord(r, &h)
			if err != nil {
				return err
			}
			if out == nil {
				out = roomFor(limit, h.Seq-after)
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

// roomFor makes room for the records of one reading, which have so many places in the log. They are large: growing would copy
// each of them twice.
func roomFor(limit int, places int64) []pipeline.Record {
	const most = 1024 // what the relay reads at once; the feed reads half of it
	return make([]pipeline.Record, 0, max(1, min(int64(limit), places, most)))
}

// scanRecord reads a row of selectRecord under a head.
func scanRecord(r *sqlite.Stmt, head *pipeline.Head) (rec pipeline.Record, err error) {
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
	err = s.snapshot(ctx, func(conn *sqlite.Conn, head pipeline.Head) error {
		return each(conn, selectRecord+`, c.original, c.rules, c.notes, iif(i.seen = s.pass, s.pass_began, s.last_complete)
			FROM item i JOIN record r ON r.seq = i.seq JOIN content c ON c.item = i.item JOIN source s ON s.source = i.source
			WHERE `+itemNamed,
			[]any{identifier}, func(r *sqlite.Stmt) error {
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
