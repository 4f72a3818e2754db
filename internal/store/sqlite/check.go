package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const (
	checkPage = 250 // records that are checked in one snapshot
	// checkRest is how many times as long as it works a check rests that nobody waits for.
	checkRest = 9
)

// Check reads the whole log, and says how many records it has, and whether it is whole: the structure of
// the database, what records are made of, and the digest of the live ones, which has to be the head's. The error
// wraps [store.ErrDamaged] if it is not whole; Health then says so too, until a check finds it whole.
//
// One that is not thorough stays out of the way: it rests most of the time, holds no snapshot for long, and leaves
// out whether indexes agree with their tables.
func (s *Store) Check(ctx context.Context, thorough bool) (records int64, err error) {
	c := &checker{store: s, codec: s.codec, thorough: thorough}
	if err = c.structure(ctx); err == nil {
		err = c.walk(ctx)
	}
	if err == nil {
		err = c.compare(ctx)
	}
	if advice := adviceFor(err); errors.Is(advice, store.ErrDamaged) {
		err = advice
	}
	if err == nil || errors.Is(err, store.ErrDamaged) {
		s.health.checked(err)
	}
	if err == nil {
		s.whole.Store(s.guard.Wall().Unix())
	}
	return c.records, err
}

// Checked is when the log was last found whole; zero if it was not since it was opened.
func (s *Store) Checked() time.Time { return fromSeconds(s.whole.Load()) }

// A checker remembers what it has read, stretch by stretch.
type checker struct {
	store     *Store
	codec     *store.Codec
	thorough  bool
	records   int64
	stretches []checkedStretch
}

// A checkedStretch is what a reader found between two seqs: since is the number of the last commit before.
type checkedStretch struct {
	since, after, upTo int64
	sum                pipeline.Digest // of its live records
}

// structure has SQLite look at its pages, table by table. Tables that the walk reads are left to it.
func (c *checker) structure(ctx context.Context) error {
	if c.thorough {
		return c.ask(ctx, "PRAGMA integrity_check(3)")
	}
	var tables []string
	if err := c.view(ctx, func(conn *sqlite.Conn, _ pipeline.Head) error {
		return each(conn, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('record', 'content')", nil, func(r *sqlite.Stmt) error {
			tables = append(tables, r.ColumnText(0))
			return nil
		})
	}); err != nil {
		return err
	}
	for _, table := range tables {
		if err := c.ask(ctx, fmt.Sprintf("PRAGMA quick_check(%q)", table)); err != nil {
			return err
		}
	}
	return nil
}

// ask runs a check of SQLite's.
func (c *checker) ask(ctx context.Context, query string) error {
	return c.view(ctx, func(conn *sqlite.Conn, _ pipeline.Head) error {
		return each(conn, query, nil, func(r *sqlite.Stmt) error {
			if said := r.ColumnText(0); said != "ok" {
				return damaged(errors.New(said))
			}
			return nil
		})
	})
}

// view runs f in a snapshot, and rests.
func (c *checker) view(ctx context.Context, f func(*sqlite.Conn, pipeline.Head) error) error {
	began := time.Now()
	if err := c.store.view(ctx, interrupted(ctx, f)); err != nil || c.thorough {
		return err
	}
	timer := time.NewTimer(checkRest * time.Since(began))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-c.store.writer.closing:
		return errClosed
	}
}

// interrupted ends what f reads when ctx ends: SQLite looks at a large table in one go.
func interrupted(ctx context.Context, f func(*sqlite.Conn, pipeline.Head) error) func(*sqlite.Conn, pipeline.Head) error {
	return func(conn *sqlite.Conn, head pipeline.Head) error {
		conn.SetInterrupt(ctx.Done())
		return f(conn, head)
	}
}

// walk reads the log to its head. A record that moves during the walk is met again.
func (c *checker) walk(ctx context.Context) error {
	for at, more := int64(0), true; more; {
		since := c.store.moves.Commits()
		if err := c.view(ctx, func(conn *sqlite.Conn, head pipeline.Head) error {
			st := checkedStretch{since: since, after: at, upTo: head.Seq}
			n, err := c.read(conn, &head, &st, checkPage)
			c.stretches = append(c.stretches, st)
			c.records += n
			at, more = st.upTo, st.upTo < head.Seq
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

const selectChecked = `SELECT r.seq, r.identifier, r.datestamp, r.deleted, r.oai_dc, i.seq, c.dc, c.original
	FROM record r LEFT JOIN item i ON i.item = r.item LEFT JOIN content c ON c.item = r.item
	WHERE r.seq > ? AND r.seq <= ? ORDER BY r.seq LIMIT 0 + ?`

// read checks the records of a stretch, which ends behind so many, or as much as can be read at once.
func (c *checker) read(conn *sqlite.Conn, head *pipeline.Head, st *checkedStretch, limit int64) (n int64, err error) {
	size, last := 0, int64(0)
	err = stopped(each(conn, selectChecked, []any{st.after, st.upTo, limit}, func(r *sqlite.Stmt) error {
		last = r.ColumnInt64(0)
		if err := c.record(r, head, &st.sum); err != nil {
			return err
		}
		if n, size = n+1, size+r.ColumnLen(4)+r.ColumnLen(7); size > maxRead && limit >= 0 {
			return errStop
		}
		return nil
	}))
	if limit >= 0 && (n == limit || size > maxRead) {
		st.upTo = last
	}
	return n, err
}

// record checks a row, and adds it to the sum if it is live.
func (c *checker) record(r *sqlite.Stmt, head *pipeline.Head, sum *pipeline.Digest) error {
	identifier := r.ColumnText(1)
	switch {
	case !utf8.ValidString(identifier):
		return damaged(fmt.Errorf("identifier %q", identifier))
	case r.ColumnInt64(5) != r.ColumnInt64(0) || r.ColumnIsNull(6):
		return damaged(fmt.Errorf("%s is not where the log says, or its content is missing", identifier))
	case r.ColumnText(3) != string(pipeline.Live):
		return nil
	}
	oaiDC := columnBytes(r, 4)
	dc, err := store.UnpackRecord(columnBytes(r, 6))
	if err == nil {
		_, err = c.codec.Unpack(columnBytes(r, 7))
	}
	if err == nil && (!utf8.Valid(oaiDC) || !utf8.Valid(dc)) {
		err = errors.New("it is not text")
	}
	if err != nil {
		return damaged(fmt.Errorf("%s can't be read: %w", identifier, err))
	}
	sum.Add(identifier, time.Unix(head.Shown(r.ColumnInt64(0), r.ColumnInt64(2)), 0), oaiDC)
	return nil
}

// compare holds the sum of all stretches to the head's digest, in one snapshot: those that have changed
// since are read again there. If the sums differ, all are, for a commit that the snapshot has may not be noted
// yet as one that touched them. While the digest itself is being worked out, there is nothing to compare with.
func (c *checker) compare(ctx context.Context) error {
	return c.store.view(ctx, interrupted(ctx, func(conn *sqlite.Conn, head pipeline.Head) error {
		if head.DigestPending {
			return nil
		}
		for _, anew := range []bool{false, true} {
			sum, err := c.sum(conn, &head, anew)
			if err != nil || sum == head.Digest {
				return err
			}
		}
		return damaged(errors.New("its records are not those that its head has the digest of"))
	}))
}

func (c *checker) sum(conn *sqlite.Conn, head *pipeline.Head, anew bool) (sum pipeline.Digest, err error) {
	at := int64(0)
	for _, st := range c.stretches {
		if anew || !c.store.moves.Untouched(st.since, st.after, st.upTo) {
			st.sum = pipeline.Digest{}
			if _, err := c.read(conn, head, &st, -1); err != nil {
				return sum, err
			}
		}
		sum.Merge(st.sum)
		at = st.upTo
	}
	tail := checkedStretch{after: at, upTo: head.Seq}
	_, err = c.read(conn, head, &tail, -1)
	sum.Merge(tail.sum)
	return sum, err
}
