package postgres

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// reject keeps an item that can't be used, with its bytes; an earlier good version stays live, and
// is flagged (promise 8).
func (c *commit) reject(r *pipeline.Reject, original []byte) error {
	c.plan.Counts.Items++
	var had *old
	var suppressed bool
	var err error
	if r.Identifier != "" {
		if had, err = c.olds.of(r.Identifier); err != nil {
			return err
		}
	}
	if had != nil {
		suppressed = had.state.Deleted == pipeline.Takedown || had.state.Deleted == pipeline.Withdrawn
	} else {
		suppressed = c.keptOut(r.Identifier, r.Key)
	}
	if suppressed { // its bytes must be nowhere any more
		c.plan.Counts.Suppressed++
		c.plan.Tell(c.batch, pipeline.Fate{Identifier: r.Identifier, Key: r.Key, Became: pipeline.BecameSuppressed})
		return nil
	}
	c.plan.Counts.Rejected++
	c.reasons[r.Reason]++
	c.plan.Tell(c.batch, pipeline.Fate{Identifier: r.Identifier, Key: r.Key, Became: pipeline.BecameQuarantined, Reason: r.Reason, Detail: r.Detail})
	number, err := c.store.rejects.next(c.conn.ctx)
	if err != nil {
		return err
	}
	hash := sha256.Sum256([]byte(r.Key))
	if err := exec(c.conn, `INSERT INTO quarantine (id, source, key, key_hash, identifier, reason, detail, original, first_seen, last_seen, times, pass, said, dismissed, dismissed_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, 1, $10, $11, 0, '')
		ON CONFLICT (source, key_hash) DO UPDATE SET identifier = excluded.identifier, reason = excluded.reason, detail = excluded.detail, original = excluded.original,
			last_seen = excluded.last_seen, times = quarantine.times + 1, pass = excluded.pass, said = excluded.said,
			dismissed = CASE WHEN quarantine.reason = excluded.reason AND quarantine.original = excluded.original THEN quarantine.dismissed ELSE 0 END,
			dismissed_by = CASE WHEN quarantine.reason = excluded.reason AND quarantine.original = excluded.original THEN quarantine.dismissed_by ELSE '' END`,
		number, c.source.id, r.Key, hash[:], r.Identifier, r.Reason, r.Detail, original, c.now, c.source.pass, string(r.Said)); err != nil {
		return err
	}
	c.source.quarantined = true
	if had == nil {
		return nil
	}
	item := had.state.Item
	defer c.olds.change(item)
	c.meet(had)
	c.letGo(item)
	many(c.conn, "UPDATE item i SET stale = 1, seen = u.seen FROM unnest($1::bigint[], $2::bigint[]) AS u(seen, item) WHERE i.item = u.item", c.source.pass, item)
	return nil
}

// release takes an item that came well again out of quarantine.
func (c *commit) release(identifier string) {
	if c.source.quarantined && identifier != "" {
		many(c.conn, "DELETE FROM quarantine q USING unnest($1::text[], $2::bigint[]) AS u(identifier, source) WHERE q.identifier = u.identifier AND q.source = u.source", identifier, c.source.id)
	}
}

// releaseBoth does so under both of its identifiers.
func (c *commit) releaseBoth(came, kept string) {
	if c.release(came); kept != came {
		c.release(kept)
	}
}

// releaseEnded takes out of quarantine what was rejected in an earlier pass, and did not come again though its file was read
// to the end. No other reading would: a file that is as it was is not read again.
func (c *commit) releaseEnded() error {
	if len(c.batch.Ended) == 0 || !c.source.quarantined {
		return nil
	}
	places := store.PlacesOf(c.batch.Ended)
	var well []int64
	if err := each(c.conn, "SELECT id, key FROM quarantine WHERE source = $1 AND pass < $2", []any{c.source.id, c.source.pass}, func(r *tuple) error {
		if store.Within(r.ColumnText(1), places) {
			well = append(well, r.ColumnInt64(0))
		}
		return nil
	}); err != nil {
		return err
	}
	for _, id := range well {
		many(c.conn, "DELETE FROM quarantine WHERE id = ANY ($1::bigint[])", id)
	}
	return nil
}

// Quarantine gives up to limit items of a source (of all, if source is empty) after the given id, in
// order of their ids.
func (s *Store) Quarantine(ctx context.Context, source string, after int64, limit int) (out []store.Quarantined, err error) {
	err = s.snapshot(ctx, func(conn *db, _ pipeline.Head) error {
		return each(conn, `SELECT q.id, s.name, q.key, q.identifier, q.reason, q.detail, q.original, q.first_seen, q.last_seen, q.times,
				q.said, q.dismissed, q.dismissed_by
			FROM quarantine q JOIN source s ON s.source = q.source WHERE q.id > $1 AND ($2 = '' OR s.name = $2) ORDER BY q.id LIMIT $3`,
			[]any{after, source, limit}, func(r *tuple) error {
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
	err = s.writer.do(ctx, func(conn *db) error {
		n = 0
		for _, id := range numbers {
			some, err := changes(conn, "UPDATE quarantine SET dismissed = $1, dismissed_by = $2 WHERE id = $3", s.guard.Wall().Unix(), who, id)
			if err != nil {
				return err
			}
			n += some
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("dismiss items in quarantine: %w", err)
	}
	return n, nil
}
