package sqlite

import (
	"context"
	"errors"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A new epoch changes the datestamp that every record shows, and so the digest. It is worked out again in
// the background, from the end of the log to its start: log_head.undigested says how far that has come, and
// is written in the transaction that adds to the digest. So it goes on where it was killed.

const (
	digestPage  = 500 // records that one transaction adds
	digestRetry = 5 * time.Second
)

const selectUndigested = "SELECT seq, deleted = '', identifier, datestamp, oai_dc FROM record WHERE seq <= ? ORDER BY seq DESC LIMIT 0 + ?"

// digestAnew lets keepDigest know that there is something to do.
func (s *Store) digestAnew() {
	select {
	case s.undigested <- struct{}{}:
	default:
	}
}

// keepDigest adds to the digest what is not in it yet, until the log is closed.
func (s *Store) keepDigest() {
	for {
		var again <-chan time.Time
		more, err := s.digestSome()
		switch {
		case errors.Is(err, errClosed), s.writer.stopped():
			return
		case err != nil:
			s.log.Error("the digest of the log was not worked out; it is tried again", "err", err)
			again = time.After(digestRetry)
		case more:
			continue
		}
		select {
		case <-s.undigested:
		case <-again:
		case <-s.writer.closing:
			return
		}
	}
}

// digestSome adds a page of records to the digest, and says whether there may be more to add. It is short
// enough for commits to go on between two pages as if there was nothing else.
func (s *Store) digestSome() (more bool, err error) {
	pending := false
	if err := s.view(context.Background(), func(_ *sqlite.Conn, head pipeline.Head) error {
		pending = head.DigestPending
		return nil
	}); err != nil || !pending { // the writer is not woken for nothing
		return false, err
	}
	err = s.writer.do(context.Background(), func(conn *sqlite.Conn) error {
		head, err := readHead(conn)
		if err != nil || !head.DigestPending {
			return err
		}
		upTo, err := undigested(conn)
		if err != nil {
			return err
		}
		last, rows, size := int64(0), 0, 0
		err = each(conn, selectUndigested, []any{upTo, digestPage}, func(r *sqlite.Stmt) error {
			if last, rows = r.ColumnInt64(0), rows+1; r.ColumnBool(1) {
				head.Digest.Add(r.ColumnText(2), time.Unix(head.Shown(last, r.ColumnInt64(3)), 0), columnBytes(r, 4))
			}
			if size += r.ColumnLen(4); size > maxRead {
				more = true
				return errStop
			}
			return nil
		})
		if err = stopped(err); err != nil {
			return err
		}
		if more = more || rows == digestPage; more {
			upTo = last - 1
		} else {
			upTo = 0
		}
		if err := exec(conn, "UPDATE log_head SET undigested = ?", upTo); err != nil {
			return err
		}
		return writeHead(conn, head)
	})
	return more && err == nil, err
}

// undigested is the seq up to which records are not in the digest yet.
func undigested(conn *sqlite.Conn) (upTo int64, err error) {
	err = one(conn, "SELECT undigested FROM log_head", nil, func(r *sqlite.Stmt) { upTo = r.ColumnInt64(0) })
	return upTo, err
}
