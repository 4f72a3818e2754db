package sqlite

import (
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

const headColumns = "SELECT epoch, seq, datestamp, digest, epoch_stamp, epoch_seq, undigested <> 0 FROM log_head"

func readHead(conn *sqlite.Conn) (h pipeline.Head, err error) {
	err = one(conn, headColumns, nil, func(r *sqlite.Stmt) {
		h.Epoch, h.Seq = r.ColumnInt64(0), r.ColumnInt64(1)
		h.Datestamp = time.Unix(r.ColumnInt64(2), 0).UTC()
		r.ColumnBytes(3, h.Digest[:])
		h.Began, h.BeganAfter, h.DigestPending = moment(r, 4), r.ColumnInt64(5), r.ColumnBool(6)
	})
	if err == nil && h.Epoch == 0 {
		err = fmt.Errorf("the log has no head; restore a backup")
	}
	return h, err
}

func writeHead(conn *sqlite.Conn, h pipeline.Head) error {
	return exec(conn, "UPDATE log_head SET epoch = ?, seq = ?, datestamp = ?, digest = ?",
		h.Epoch, h.Seq, h.Datestamp.Unix(), h.Digest[:])
}
