package postgres

import (
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
	h, _, err = head(conn, selectHead)
	return h, err
}

// lockHead reads the head, and locks it: whoever else wants to change the log waits until the transaction ends. The rows of
// the sources that the transaction touches are locked before.
func (s *Store) lockHead(conn *db) (pipeline.Head, error) {
	h, server, err := head(conn, selectHead+" FOR UPDATE")
	if s.locked = err == nil; s.locked && h.Cursor != s.committed {
		s.othersWrote()
		s.committed = h.Cursor
	}
	if err == nil && s.clock != nil {
		s.clock.heard(server)
	}
	return h, err
}

func head(conn *db, query string) (h pipeline.Head, server time.Time, err error) {
	err = one(conn, query, nil, func(r *tuple) {
		h, server = headIn(r), time.UnixMicro(r.ColumnInt64(7))
	})
	if err == nil && h.Epoch == 0 {
		err = fmt.Errorf("the log has no head; restore a backup")
	}
	return h, server, err
}

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
