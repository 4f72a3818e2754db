package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// restampPage is how many records a transaction stamps again.
const restampPage = 500

// A highwater is a small file beside the database that says how far the log had come. It is written
// after each commit and before anybody learns of it, so it is never ahead of the database that it
// lies beside: unless that is an older copy.
type highwater struct{ f *os.File }

const highwaterName = "highwater"

func openHighwater(dir string) (*highwater, error) {
	f, err := os.OpenFile(filepath.Join(dir, highwaterName), os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, fmt.Errorf("open the high-water mark: %w; make it writable for the gateway", err)
	}
	return &highwater{f}, nil
}

// write needs no sync: the mark guards against copies of files, not against a power cut (a lost
// mark lags behind the log, which is harmless).
func (w *highwater) write(h pipeline.Head) error {
	line := fmt.Sprintf("%020d %020d %020d\n", h.Epoch, h.Seq, h.Datestamp.Unix())
	if _, err := w.f.WriteAt([]byte(line), 0); err != nil {
		return fmt.Errorf("write the high-water mark: %w", err)
	}
	return nil
}

func (w *highwater) close() error { return w.f.Close() }

// readHighwater reads the mark; ok is false if there is none that can be read.
func readHighwater(dir string) (h pipeline.Head, ok bool, err error) {
	b, err := os.ReadFile(filepath.Join(dir, highwaterName))
	if errors.Is(err, fs.ErrNotExist) {
		return h, false, nil
	}
	if err != nil {
		return h, false, fmt.Errorf("read the high-water mark: %w", err)
	}
	var ds int64
	if n, _ := fmt.Sscanf(string(b), "%d %d %d", &h.Epoch, &h.Seq, &ds); n != 3 {
		return pipeline.Head{}, false, nil
	}
	h.Datestamp = time.Unix(ds, 0).UTC()
	return h, true, nil
}

// settleEpoch begins a new epoch if the log that was opened is not the one that was open last in
// this folder, or an older state of it; and finishes one that was begun.
func (s *Store) settleEpoch(ctx context.Context) error {
	last, ok, err := readHighwater(s.dir)
	if err != nil {
		return err
	}
	var head pipeline.Head
	var restored string
	var went bool   // this log has been through the epoch of the mark,
	var ended int64 // and ended it with this seq
	err = s.writer.do(ctx, func(conn *sqlite.Conn) (err error) {
		if head, err = readHead(conn); err != nil {
			return err
		}
		if restored, err = metaText(conn, "restored"); err != nil {
			return err
		}
		return one(conn, "SELECT last_seq FROM epoch WHERE epoch = ?", []any{last.Epoch}, func(r *sqlite.Stmt) {
			went, ended = true, r.ColumnInt64(0)
		})
	})
	if err != nil {
		return err
	}
	why := ""
	switch {
	case restored != "":
		why = restored
	case !ok && head.Seq > 0:
		why = "the database was moved here without its high-water mark"
	case !ok:
	case !went:
		why = "the database is not the one that was here before"
	case last.Datestamp.After(head.Datestamp), last.Epoch == head.Epoch && last.Seq > head.Seq, last.Epoch != head.Epoch && last.Seq > ended:
		why = "the database is older than its high-water mark"
	}
	if s.mark, err = openHighwater(s.dir); err != nil {
		return err
	}
	if why != "" {
		return s.NewEpoch(ctx, last, why)
	}
	return s.restamp(ctx)
}

// NewEpoch ends the present history (see pipeline.Relayed). Its datestamps begin at the present second
// if the clock can be trusted: what a lost history handed out, and nobody here remembers, was before that.
func (s *Store) NewEpoch(ctx context.Context, above pipeline.Head, why string) error {
	if err := s.beginEpoch(ctx, above, why); err != nil {
		return err
	}
	return s.restamp(ctx)
}

// beginEpoch ends the present history in one transaction. What is in the log keeps its old stamps,
// which nobody can ask for any more, until it is stamped again.
func (s *Store) beginEpoch(ctx context.Context, above pipeline.Head, why string) error {
	s.log.Warn("a new epoch begins: cursors of the old one are refused", "why", why)
	err := s.writer.do(ctx, func(conn *sqlite.Conn) error {
		head, err := readHead(conn)
		if err != nil {
			return err
		}
		s.moves.touchAll()
		now := s.guard.clock.Wall()
		old := head
		head.Epoch = max(head.Epoch+1, above.Epoch+1, now.UnixMilli())
		head.Seq = max(head.Seq, above.Seq)
		ds := max(old.Datestamp.Unix(), above.Datestamp.Unix())
		if present, err := s.guard.stamp(ds); err == nil {
			ds = max(ds+1, present)
		} else {
			ds++
		}
		head.Datestamp = time.Unix(ds, 0).UTC()
		return errors.Join(
			exec(conn, "UPDATE epoch SET last_seq = ? WHERE epoch = ?", old.Seq, old.Epoch),
			noteGiven(conn, above.Cursor, now.Unix()),
			exec(conn, "INSERT INTO epoch (epoch, began, last_seq, why) VALUES (?, ?, 0, ?)", head.Epoch, now.Unix(), why),
			exec(conn, "UPDATE log_head SET restamp = ?", head.Seq),
			exec(conn, "DELETE FROM meta WHERE name = 'restored'"),
			writeHead(conn, head),
		)
	})
	if err != nil {
		return fmt.Errorf("begin a new epoch: %w", err)
	}
	return nil
}

// noteGiven notes what a lost history gave out. Now that the log is above it, it belongs to the
// epochs that are over; else the next look at it would begin a new epoch again.
func noteGiven(conn *sqlite.Conn, given pipeline.Cursor, now int64) error {
	if given.Epoch == 0 {
		return nil
	}
	return exec(conn, `INSERT INTO epoch (epoch, began, last_seq, why) VALUES (?, ?, ?, 'it was handed out, and is not in this log')
		ON CONFLICT (epoch) DO UPDATE SET last_seq = max(last_seq, excluded.last_seq)`, given.Epoch, now, given.Seq)
}

// restamp moves every record that still carries a stamp of an earlier epoch to the end of the log, a
// page at a time. Killed in between, it goes on when the log is opened next.
func (s *Store) restamp(ctx context.Context) error {
	for more := true; more; {
		err := s.writer.do(ctx, func(conn *sqlite.Conn) (err error) {
			more, err = s.restampPage(conn)
			return err
		})
		if err != nil {
			return fmt.Errorf("stamp the records of the new epoch: %w", err)
		}
	}
	return nil
}

// restampPage stamps one page. It does not ask the clock: the head's datestamp is above everything
// that was handed out, and a clock that can't be trusted must not keep a restored log shut.
func (s *Store) restampPage(conn *sqlite.Conn) (more bool, err error) {
	var bound int64
	if err := one(conn, "SELECT restamp FROM log_head", nil, func(r *sqlite.Stmt) { bound = r.ColumnInt64(0) }); err != nil || bound == 0 {
		return false, err
	}
	s.moves.touchAll()
	t, err := s.begin(conn)
	if err != nil {
		return false, err
	}
	var page []store.State
	if err := each(conn, selectState+"r.seq <= ? ORDER BY r.seq LIMIT ?", []any{bound, restampPage}, func(r *sqlite.Stmt) error {
		page = append(page, store.State{})
		scanState(r, &page[len(page)-1])
		return nil
	}); err != nil {
		return false, err
	}
	for i := range page {
		m := t.plan.Restamp(&page[i])
		if err := t.moveItem(m); err != nil {
			return false, err
		}
		if err := t.move(m); err != nil {
			return false, err
		}
	}
	if len(page) == 0 {
		if more, err = t.restampDepartures(bound); err != nil {
			return false, err
		}
		if !more {
			return false, exec(conn, "UPDATE log_head SET restamp = 0")
		}
	}
	return true, t.finish()
}

// restampDepartures stamps a page of departures: each gets a seq of its own.
func (t *tx) restampDepartures(bound int64) (more bool, err error) {
	type departure struct{ key, seq int64 }
	var page []departure
	// List by list, so that what is stamped already is not looked through for each page.
	if err := each(t.conn, "SELECT d.key, d.seq FROM list l CROSS JOIN departure d ON d.key = l.key AND d.seq <= ? LIMIT ?", []any{bound, restampPage}, func(r *sqlite.Stmt) error {
		page = append(page, departure{r.ColumnInt64(0), r.ColumnInt64(1)})
		return nil
	}); err != nil {
		return false, err
	}
	for _, d := range page {
		if err := exec(t.conn, "UPDATE departure SET seq = ?, datestamp = ? WHERE key = ? AND seq = ?",
			t.plan.RestampDeparture(), t.plan.Head.Datestamp.Unix(), d.key, d.seq); err != nil {
			return false, err
		}
	}
	return len(page) > 0, nil
}
