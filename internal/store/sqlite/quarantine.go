package sqlite

import (
	"context"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// quarantineSchema is applied to every log that is opened: it only adds. The triggers work also where a program writes that
// doesn't know these tables.
var quarantineSchema = []string{
	`CREATE TABLE IF NOT EXISTS quarantine_said ( -- what the source said of an item that can be tried again
  id   INTEGER PRIMARY KEY,
  said TEXT NOT NULL
) STRICT`,
	`CREATE TABLE IF NOT EXISTS dismissed ( -- items in quarantine that need nobody's attention
  id  INTEGER PRIMARY KEY,
  at  INTEGER NOT NULL,
  who TEXT    NOT NULL
) STRICT`,
	`CREATE TRIGGER IF NOT EXISTS quarantine_left AFTER DELETE ON quarantine BEGIN
  DELETE FROM quarantine_said WHERE id = OLD.id;
  DELETE FROM dismissed WHERE id = OLD.id;
END`,
	`CREATE TRIGGER IF NOT EXISTS quarantine_again AFTER UPDATE ON quarantine BEGIN
  DELETE FROM quarantine_said WHERE id = OLD.id;
  DELETE FROM dismissed WHERE id = OLD.id AND (OLD.reason <> NEW.reason OR OLD.original IS NOT NEW.original);
END`,
}

// reject keeps an item that can't be used, with its bytes; an earlier good version stays live, and
// is flagged (promise 8).
func (c *commit) reject(r *pipeline.Reject, original []byte) error {
	c.plan.Counts.Items++
	var item int64
	var suppressed bool
	if r.Identifier != "" {
		if err := one(c.conn, "SELECT i.item, r.deleted IN ('takedown', 'withdrawn') FROM item i JOIN record r ON r.seq = i.seq WHERE "+itemNamed,
			[]any{r.Identifier}, func(r *sqlite.Stmt) { item, suppressed = r.ColumnInt64(0), r.ColumnBool(1) }); err != nil {
			return err
		}
	}
	if item == 0 {
		var err error
		if suppressed, err = c.keptOut(r.Identifier, r.Key); err != nil {
			return err
		}
	}
	if suppressed { // its bytes must be nowhere any more
		c.plan.Counts.Suppressed++
		c.plan.Tell(c.batch, pipeline.Fate{Identifier: r.Identifier, Key: r.Key, Became: pipeline.BecameSuppressed})
		return nil
	}
	c.plan.Counts.Rejected++
	c.reasons[r.Reason]++
	c.plan.Tell(c.batch, pipeline.Fate{Identifier: r.Identifier, Key: r.Key, Became: pipeline.BecameQuarantined, Reason: r.Reason, Detail: r.Detail})
	if err := exec(c.conn, `INSERT INTO quarantine (source, key, identifier, reason, detail, original, first_seen, last_seen, times, pass)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, 1, ?8)
		ON CONFLICT (source, key) DO UPDATE SET identifier = ?3, reason = ?4, detail = ?5, original = ?6, last_seen = ?7, times = times + 1, pass = ?8`,
		c.source.id, r.Key, r.Identifier, r.Reason, r.Detail, original, c.now, c.source.pass); err != nil {
		return err
	}
	c.source.quarantined = true
	if r.Said != nil {
		if err := exec(c.conn, "INSERT OR REPLACE INTO quarantine_said (id, said) SELECT id, ? FROM quarantine WHERE source = ? AND key = ?", string(r.Said), c.source.id, r.Key); err != nil {
			return err
		}
	}
	if item == 0 {
		return nil
	}
	if err := inOrder(func() error { return c.meet(item) }, func() error { return c.letGo(item) }); err != nil {
		return err
	}
	return exec(c.conn, "UPDATE item SET stale = 1, seen = ? WHERE item = ?", c.source.pass, item)
}

// release takes an item that came well again out of quarantine.
func (c *commit) release(identifier string) error {
	if !c.source.quarantined || identifier == "" {
		return nil
	}
	return exec(c.conn, "DELETE FROM quarantine WHERE identifier = ? AND source = ?", identifier, c.source.id)
}

// releaseBoth does so under both of its identifiers.
func (c *commit) releaseBoth(came, kept string) error {
	if err := c.release(came); err != nil || kept == came {
		return err
	}
	return c.release(kept)
}

// releaseEnded takes out of quarantine what was rejected in an earlier pass, and did not come again though its file was read
// to the end. No other reading would: a file that is as it was is not read again.
func (c *commit) releaseEnded() error {
	if len(c.batch.Ended) == 0 || !c.source.quarantined {
		return nil
	}
	places := store.PlacesOf(c.batch.Ended)
	var well []int64
	if err := each(c.conn, "SELECT id, key FROM quarantine WHERE source = ? AND pass < ?", []any{c.source.id, c.source.pass}, func(r *sqlite.Stmt) error {
		if store.Within(r.ColumnText(1), places) {
			well = append(well, r.ColumnInt64(0))
		}
		return nil
	}); err != nil {
		return err
	}
	for _, id := range well {
		if err := exec(c.conn, "DELETE FROM quarantine WHERE id = ?", id); err != nil {
			return err
		}
	}
	return nil
}

// Quarantine gives up to limit items of a source (of all, if source is empty) after the given id, in
// order of their ids.
func (s *Store) Quarantine(ctx context.Context, source string, after int64, limit int) (out []store.Quarantined, err error) {
	err = s.snapshot(ctx, func(conn *sqlite.Conn, _ pipeline.Head) error {
		return each(conn, `SELECT q.id, s.name, q.key, q.identifier, q.reason, q.detail, q.original, q.first_seen, q.last_seen, q.times,
				coalesce(w.said, ''), coalesce(d.at, 0), coalesce(d.who, '')
			FROM quarantine q JOIN source s USING (source) LEFT JOIN quarantine_said w USING (id) LEFT JOIN dismissed d USING (id) WHERE q.id > ? AND (? = '' OR s.name = ?2) ORDER BY q.id LIMIT 0 + ?`,
			[]any{after, source, limit}, func(r *sqlite.Stmt) error {
				original, err := s.codec.Unpack(columnBytes(r, 6))
				if err != nil {
					return err
				}
				out = append(out, store.Quarantined{
					ID: r.ColumnInt64(0), Source: r.ColumnText(1), Key: r.ColumnText(2), Identifier: r.ColumnText(3),
					Reason: r.ColumnText(4), Detail: r.ColumnText(5), Original: original,
					FirstSeen: time.Unix(r.ColumnInt64(7), 0).UTC(), LastSeen: time.Unix(r.ColumnInt64(8), 0).UTC(), Times: r.ColumnInt64(9),
					Said: []byte(r.ColumnText(10)), Dismissed: moment(r, 11), DismissedBy: r.ColumnText(12),
				})
				return nil
			})
	})
	return out, err
}

// Dismiss notes that items need nobody's attention (see [store.Curator]).
func (s *Store) Dismiss(ctx context.Context, numbers []int64, who string) (n int64, err error) {
	err = s.writer.do(ctx, func(conn *sqlite.Conn) error {
		n = 0
		for _, id := range numbers {
			if err := exec(conn, "INSERT OR REPLACE INTO dismissed (id, at, who) SELECT id, ?, ? FROM quarantine WHERE id = ?", s.guard.Wall().Unix(), who, id); err != nil {
				return err
			}
			n += int64(conn.Changes())
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("dismiss items in quarantine: %w", err)
	}
	return n, nil
}
