package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// maxStock bounds the originals of one stretch, in bytes: it ends early, after the record that goes
// beyond.
const maxStock = 8 << 20

// originalsQuery walks the members of the source's own set.
var originalsQuery = "SELECT x.* FROM member m CROSS JOIN LATERAL (" + selectRecord + ", c.rules, c.original, r.oai_dc, c.notes, r.rights, " + formatsColumns + recordJoined +
	" WHERE r.seq = m.seq OFFSET 0) AS x WHERE m.key = " + ownSet("$1") + " AND m.seq > $2 ORDER BY m.seq LIMIT $3"

// Originals gives records of a source with what they were made of (see pipeline.Keeper). What need not
// be mapped again is passed over before it is decompressed.
func (s *Store) Originals(ctx context.Context, source string, after int64, rules string, limit int) (*pipeline.StoredPage, error) {
	out := &pipeline.StoredPage{Next: after, Done: true}
	looked, size := 0, 0
	err := s.view(ctx, func(conn *db, head pipeline.Head) error {
		out.Head = head.Seq
		read := &written{conn: conn}
		err := each(conn, originalsQuery, []any{source, after, limit}, func(r *tuple) error {
			if size > maxStock {
				out.Done = false
				return errStop
			}
			looked++
			out.Next = r.ColumnInt64(0)
			switch {
			case r.ColumnLen(3) > 0: // deleted
				return nil
			case rules != "" && r.ColumnText(11) == rules:
				out.Passed = append(out.Passed, out.Next)
				return nil
			}
			kept, err := s.scanKept(r, &head, read)
			out.Records = append(out.Records, kept)
			size += len(kept.Original) + len(kept.DC) + len(kept.OAIDC)
			return err
		})
		return stopped(err)
	})
	if looked == limit {
		out.Done = false
	}
	if err != nil {
		return nil, fmt.Errorf("read the originals of %s: %w", source, err)
	}
	return out, nil
}

// scanKept reads a row of originalsQuery.
func (s *Store) scanKept(r *tuple, head *pipeline.Head, read *written) (kept pipeline.StoredRecord, err error) {
	if kept.Record, err = scanRecord(r, head); err != nil {
		return kept, err
	}
	if kept.Original, err = s.codec.Unpack(columnBytes(r, 12)); err != nil {
		return kept, fmt.Errorf("read %s: %w", kept.Identifier, err)
	}
	kept.Rules, kept.OAIDC = r.ColumnText(11), columnBytes(r, 13)
	kept.Notes, kept.Rights = notesOf(r, 14), r.ColumnText(15)
	kept.Formats, err = read.formats(r, 16)
	return kept, err
}

// RemapPlace is how far a remap of a source with these rules came (see pipeline.Keeper).
func (s *Store) RemapPlace(ctx context.Context, source, rules string) (after int64, err error) {
	conn, err := s.readers.Take(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the place of the remap of %s: %w", source, err)
	}
	defer s.readers.Put(conn)
	place, err := metaText(conn, remapMeta(source))
	if err != nil {
		return 0, fmt.Errorf("read the place of the remap of %s: %w", source, err)
	}
	if at := strings.LastIndexByte(place, ' '); at >= 0 && place[:at] == rules {
		after, err = strconv.ParseInt(place[at+1:], 10, 64)
	}
	return after, err
}

// remapMeta is the key of meta under which the place of a remap is kept: "<rules> <seq>".
func remapMeta(source string) string { return "remap_" + source }
