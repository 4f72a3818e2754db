package postgres

import (
	"errors"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Another server may take the primary's place while gateways run: a replica is promoted. If commits waited for it, it has all
// that was handed out, and the log goes on. If not, the log may have gone back, and would give out the same seqs again for
// other changes. So whoever locks the head looks, before anything is written, whether the log is the one that it was; a log that
// is not gets a new epoch first. meta has, as timeline, which history of the server the log was last written in (PostgreSQL
// counts it up with each promotion), and whether commits waited for a replica there: the two are known on the promoted server too,
// to each gateway, also to one that starts then.
const timelineMeta = "timeline"

// errWentBack says that the log is not the one that it was.
var errWentBack = errors.New("the log went back")

// lockedColumns are asked for with the lock of the head, behind headColumns: the last turn of this gateway's writer, the
// timeline, whether commits wait for a replica, and what meta has of both.
const lockedColumns = ", coalesce((SELECT turn FROM writer WHERE name = $1), -1), left(pg_walfile_name(pg_current_wal_lsn()), 8)," +
	" current_setting('synchronous_standby_names') <> '', coalesce((SELECT value FROM meta WHERE name = '" + timelineMeta + "'), '') FROM log_head FOR UPDATE"

// A standing is what was found with the lock of the head.
type standing struct {
	head     pipeline.Head
	server   time.Time
	turn     int64  // the last one of this gateway's writer; -1 if it has no row
	timeline string // the server's, in eight hexadecimal digits, with waits behind it if commits wait for a replica
	noted    string // what meta has of it; empty if nothing
}

// waits ends the note of a timeline where commits wait for a replica.
const waits = " synchronous"

func (s *Store) lockedHead(conn *db) (at standing, err error) {
	err = one(conn, "SELECT "+headColumns+lockedColumns, []any{s.name}, func(r *tuple) {
		at.head, at.server, at.turn = headIn(r), serverTime(r), r.ColumnInt64(headColumnsEnd)
		at.timeline, at.noted = r.ColumnText(headColumnsEnd+1), r.ColumnText(headColumnsEnd+3)
		if r.ColumnBool(headColumnsEnd + 2) {
			at.timeline += waits
		}
	})
	if err == nil && at.head.Epoch == 0 {
		err = errNoHead
	}
	return at, err
}

// back says why a log is not the one that it was; empty if it is. What this gateway remembers shows a log that lacks something,
// however it came to be; the timeline shows a promotion also to a gateway that remembers nothing.
func (s *Store) back(at *standing) string {
	known, kept := s.known.Load(), s.writer.kept.Load()
	switch {
	case known != nil && (at.head.Epoch < known.Epoch || at.head.Epoch == known.Epoch && (at.head.Seq < known.Seq || at.head.Datestamp.Unix() < s.headSecond.Load())):
		return fmt.Sprintf("the server has the log to %d, and this gateway has seen it to %d", at.head.Seq, known.Seq)
	case at.turn < kept && known != nil && at.head.Epoch == known.Epoch: // else another gateway has begun an epoch since
		return "the server lacks what this gateway has written"
	case at.noted != "" && len(at.noted) == timelineLength && at.timeline[:timelineLength] > at.noted:
		return "a replica was promoted for which no commit had waited"
	}
	return ""
}

const timelineLength = 8

// begunAnew begins a new epoch above all that this gateway knows to have been handed out, if the log is still one that went
// back: another gateway may have been faster.
func (s *Store) begunAnew(conn *db) error {
	at, err := s.lockedHead(conn)
	if err != nil {
		return err
	}
	// What was taken from counters may be given out again.
	s.items.last, s.rejects.last = s.items.upto, s.rejects.upto
	s.othersWrote()
	why := s.back(&at)
	if why == "" {
		return nil
	}
	above := pipeline.Head{Datestamp: time.Unix(max(s.headSecond.Load(), s.newestShown.Load()), 0)}
	if known := s.known.Load(); known != nil {
		above.Cursor = *known
	}
	return inOrder(
		func() error { return setMeta(conn, timelineMeta, at.timeline) },
		func() error { return s.writeAgain(conn, &at) },
		func() error { return s.writeEpoch(conn, at.head, above.Cursor, why, s.above(above)) },
	)
}

// writeAgain has the row of this gateway's writer be there where it was lost.
func (s *Store) writeAgain(conn *db, at *standing) error {
	if at.turn >= 0 {
		return nil
	}
	return exec(conn, "INSERT INTO writer (name, turn, at) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING", s.name, time.Now().Unix())
}
