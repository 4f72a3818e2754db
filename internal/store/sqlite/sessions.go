package sqlite

import (
	"context"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// sessionSchema is applied to every log that is opened: it only adds, and programs that don't know
// the table leave it alone.
const sessionSchema = `CREATE TABLE IF NOT EXISTS session (
  id       INTEGER PRIMARY KEY,
  address  TEXT    NOT NULL,
  agent    TEXT    NOT NULL,
  contact  TEXT    NOT NULL,
  verb     TEXT    NOT NULL,
  prefix   TEXT    NOT NULL,
  spec     TEXT    NOT NULL, -- of the set; empty for all
  since    INTEGER NOT NULL, -- the request's from and until; 0 if it had none
  upto     INTEGER NOT NULL,
  began    INTEGER NOT NULL, -- milliseconds since 1970
  last     INTEGER NOT NULL, -- likewise
  position INTEGER NOT NULL,
  size     INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  records  INTEGER NOT NULL,
  bytes    INTEGER NOT NULL,
  finished INTEGER NOT NULL
) STRICT`

// KeepSessions writes sessions down, and forgets those that were not heard of since the given time and
// all except the most recent ones. Nothing that is served depends on them.
func (s *Store) KeepSessions(ctx context.Context, changed []store.Session, since time.Time, most int) error {
	err := s.writer.do(ctx, func(conn *sqlite.Conn) error {
		for i := range changed {
			v := &changed[i]
			if err := exec(conn, `INSERT OR REPLACE INTO session (id, address, agent, contact, verb, prefix, spec, since, upto, began, last, position, size, requests, records, bytes, finished)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				v.ID, v.Address, v.Agent, v.Contact, v.Verb, v.Prefix, v.Set, seconds(v.From), seconds(v.Until), v.Began.UnixMilli(), v.Last.UnixMilli(),
				v.Position, v.Size, v.Requests, v.Records, v.Bytes, v.Finished); err != nil {
				return err
			}
		}
		return exec(conn, "DELETE FROM session WHERE last < ? OR id NOT IN (SELECT id FROM session ORDER BY last DESC, id DESC LIMIT 0 + ?)", since.UnixMilli(), most)
	})
	if err != nil {
		return fmt.Errorf("write down who harvests: %w", err)
	}
	return nil
}

// Sessions gives the sessions that are kept, the one heard of last first.
func (s *Store) Sessions(ctx context.Context) (out []store.Session, err error) {
	err = s.snapshot(ctx, func(conn *sqlite.Conn, _ pipeline.Head) error {
		return each(conn, `SELECT id, address, agent, contact, verb, prefix, spec, since, upto, began, last, position, size, requests, records, bytes, finished
			FROM session ORDER BY last DESC, id DESC`, nil, func(r *sqlite.Stmt) error {
			out = append(out, store.Session{
				ID: r.ColumnInt64(0), Address: r.ColumnText(1), Agent: r.ColumnText(2), Contact: r.ColumnText(3),
				Verb: r.ColumnText(4), Prefix: r.ColumnText(5), Set: r.ColumnText(6), From: fromSeconds(r.ColumnInt64(7)), Until: fromSeconds(r.ColumnInt64(8)),
				Began: time.UnixMilli(r.ColumnInt64(9)).UTC(), Last: time.UnixMilli(r.ColumnInt64(10)).UTC(),
				Position: r.ColumnInt64(11), Size: r.ColumnInt64(12), Requests: r.ColumnInt64(13), Records: r.ColumnInt64(14), Bytes: r.ColumnInt64(15),
				Finished: r.ColumnBool(16),
			})
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read who harvests: %w", err)
	}
	return out, nil
}

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func fromSeconds(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}
