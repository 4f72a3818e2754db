package postgres

import (
	"errors"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

const (
	headColumns    = "epoch, seq, datestamp, digest, epoch_stamp, epoch_seq, undigested <> 0, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
	headColumnsEnd = 8
	selectHead     = "SELECT " + headColumns + " FROM log_head"
)

// readHead reads the head as it is in the snapshot of the question.
func readHead(conn *db) (h pipeline.Head, err error) {
	err = one(conn, selectHead, nil, func(r *tuple) { h = headIn(r) })
	if err == nil && h.Epoch == 0 {
		err = errNoHead
	}
	return h, err
}

// lockHead reads the head, and locks it: whoever else wants to change the log waits until the transaction ends. The rows of
// the sources that the transaction touches are locked before.
func (s *Store) lockHead(conn *db) (pipeline.Head, error) {
	at, err := s.lockedHead(conn)
	if err != nil {
		s.locked = false
		return at.head, err
	}
	if why := s.back(&at); why != "" {
		return at.head, fmt.Errorf("%w: %s", errWentBack, why)
	}
	if s.locked = true; at.head.Cursor != s.committed {
		if at.head.Epoch != s.committed.Epoch { // whose gateways may have taken the same numbers
			s.items.last, s.rejects.last = s.items.upto, s.rejects.upto
		}
		s.othersWrote()
		s.committed = at.head.Cursor
	}
	if s.clock != nil {
		s.clock.heard(at.server)
	}
	if err := s.writeAgain(conn, &at); err != nil {
		return at.head, err
	}
	if at.noted != at.timeline {
		err = setMeta(conn, timelineMeta, at.timeline)
	}
	return at.head, err
}

// errNoHead says that the row of the head is missing.
var errNoHead = errors.New("the log has no head; restore a backup")

// serverTime is the time of the server in a row that begins with headColumns.
func serverTime(r *tuple) time.Time { return time.UnixMicro(r.ColumnInt64(7)) }

// headIn is the head in a row that begins with headColumns.
func headIn(r *tuple) (h pipeline.Head) {
	h.Epoch, h.Seq = r.ColumnInt64(0), r.ColumnInt64(1)
	h.Datestamp = time.Unix(r.ColumnInt64(2), 0).UTC()
	r.ColumnBytes(3, h.Digest[:])
	h.Began, h.BeganAfter, h.DigestPending = moment(r, 4), r.ColumnInt64(5), r.ColumnBool(6)
	return h
}

func writeHead(conn *db, h pipeline.Head) error {
	return exec(conn, "UPDATE log_head SET epoch = $1, seq = $2, datestamp = $3, digest = $4",
		h.Epoch, h.Seq, h.Datestamp.Unix(), h.Digest[:])
}
