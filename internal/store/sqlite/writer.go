package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// errClosed is the answer to a write after Close.
var errClosed = errors.New("the log is closed")

// maxGroup bounds how many waiting writes share a transaction: no transaction is much longer than a page.
const maxGroup = 8

// A writer is the one goroutine that writes. Writes that wait are put into one transaction, each in
// a savepoint of its own, so that they share one sync of the disk and yet fail alone.
type writer struct {
	conn *sqlite.Conn
	ops  chan *op
	done chan struct{} // closed when the goroutine has ended

	wrote    func(head pipeline.Head, writes int) error // called after each commit, before the writes in it are answered
	rejected func()                                     // called after a write was rolled back
	health   *health
	makeRoom func(full bool) // called after each group
	changed  int64           // rows that had been changed when a write failed last

	busy atomic.Bool // with a write; not any more when that is answered

	closing   chan struct{}
	closeOnce sync.Once
	started   bool

	writes, waited      atomic.Int64 // how many had their turn, and how long they waited for it, in ns
	commits, committing atomic.Int64 // transactions, and how long making them durable took, in ns
}

// An op is one write: all or nothing.
type op struct {
	do     func(*sqlite.Conn) error
	err    error
	finish chan struct{}
}

func newWriter(conn *sqlite.Conn, h *health, makeRoom func(full bool)) *writer {
	return &writer{conn: conn, health: h, makeRoom: makeRoom, ops: make(chan *op), done: make(chan struct{}), closing: make(chan struct{})}
}

// start lets the writes begin.
func (w *writer) start(wrote func(head pipeline.Head, writes int) error, rejected func()) {
	w.started, w.wrote, w.rejected = true, wrote, rejected
	go func() {
		defer close(w.done)
		for {
			select {
			case first := <-w.ops:
				w.group(w.gather(first))
			case <-w.closing:
				return
			}
		}
	}()
}

// stop waits for the write in hand, and refuses those that wait.
func (w *writer) stop() {
	w.closeOnce.Do(func() { close(w.closing) })
	if w.started {
		<-w.done
	}
}

// stopped says whether the writer takes nothing more.
func (w *writer) stopped() bool {
	select {
	case <-w.closing:
		return true
	default:
		return false
	}
}

// do runs f inside a transaction, and returns when that is durable.
//
// It does not give up when ctx ends while the write is under way: the caller would not know then
// whether it happened.
func (w *writer) do(ctx context.Context, f func(*sqlite.Conn) error) error {
	o := &op{do: f, finish: make(chan struct{})}
	asked := time.Now()
	select {
	case w.ops <- o:
		w.writes.Add(1)
		w.waited.Add(int64(time.Since(asked)))
	case <-w.closing:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	<-o.finish
	return o.err
}

// errBusy says that a write did not get its turn in time; it was not begun.
var errBusy = errors.New("the writer is busy")

// doSoon is do, unless the writer is busy with others for longer than patience.
func (w *writer) doSoon(ctx context.Context, patience time.Duration, f func(*sqlite.Conn) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errBusy)
	defer cancel()
	err := w.do(ctx, f)
	if errors.Is(err, context.DeadlineExceeded) {
		return context.Cause(ctx)
	}
	return err
}

func (w *writer) gather(first *op) []*op {
	group := []*op{first}
	for len(group) < maxGroup {
		select {
		case o := <-w.ops:
			group = append(group, o)
		default:
			return group
		}
	}
	return group
}

func (w *writer) group(group []*op) {
	w.busy.Store(true)
	err := w.health.present()
	if err == nil {
		err = w.transaction(group)
	}
	w.diagnose(group, err)
	if err != nil {
		w.rejected()
		for _, o := range group {
			if o.err == nil {
				o.err = fmt.Errorf("write the log: %w", err)
			}
		}
	}
	w.busy.Store(false)
	for _, o := range group {
		close(o.finish)
	}
}

// diagnose takes down how the writes of a group ended, and makes room where that is what lacks.
func (w *writer) diagnose(group []*op, err error) {
	for _, o := range group {
		err = errors.Join(err, o.err)
	}
	w.makeRoom(sqlite.ErrCode(err).ToPrimary() == sqlite.ResultFull || errors.Is(err, syscall.ENOSPC))
	switch {
	case err != nil:
		w.health.note(err)
		w.changed = totalChanges(w.conn)
	case w.health.failing() && totalChanges(w.conn) != w.changed:
		w.health.note(nil) // a write that changed nothing would not show that the log can be written
	}
}

func totalChanges(conn *sqlite.Conn) (n int64) {
	_ = one(conn, "SELECT total_changes()", nil, func(r *sqlite.Stmt) { n = r.ColumnInt64(0) })
	return n
}

// errRolledBack says that SQLite itself ended the transaction: a full disk, a broken one.
var errRolledBack = errors.New("the transaction was rolled back")

// transaction runs the writes of a group and makes them durable.
func (w *writer) transaction(group []*op) error {
	if err := exec(w.conn, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if len(group) == 1 {
		return w.alone(group[0])
	}
	head, err := w.all(group)
	return w.commit(head, len(group), err)
}

// commit makes the transaction of so many writes durable, unless there was an error.
func (w *writer) commit(head pipeline.Head, writes int, err error) error {
	if err == nil {
		began := time.Now()
		err = exec(w.conn, "COMMIT")
		w.commits.Add(1)
		w.committing.Add(int64(time.Since(began)))
	}
	if err != nil {
		return errors.Join(err, w.rollback())
	}
	return w.wrote(head, writes)
}

// alone runs a write that has a transaction to itself. It needs no savepoint, for which SQLite would keep
// a copy of each page that the write changes.
func (w *writer) alone(o *op) error {
	if o.err = o.do(w.conn); o.err != nil {
		w.rejected()
		return w.rollback()
	}
	head, err := readHead(w.conn)
	return w.commit(head, 1, err)
}

// all runs the writes, each alone, and gives the head that they lead to.
func (w *writer) all(group []*op) (pipeline.Head, error) {
	for _, o := range group {
		if o.err = w.savepoint(o.do); o.err == nil {
			continue
		}
		w.rejected()
		if w.conn.AutocommitEnabled() {
			// What the writes before did is gone with it; a further one would begin a transaction of its own.
			return pipeline.Head{}, fmt.Errorf("%w: %w", errRolledBack, o.err)
		}
	}
	return readHead(w.conn)
}

// savepoint runs one write, and undoes it if it gives an error. If that can't be done, the whole
// transaction is undone.
func (w *writer) savepoint(do func(*sqlite.Conn) error) error {
	if err := exec(w.conn, "SAVEPOINT op"); err != nil {
		return errors.Join(err, w.rollback())
	}
	err := do(w.conn)
	if err == nil {
		err = exec(w.conn, "RELEASE op")
	}
	if err == nil || w.conn.AutocommitEnabled() {
		return err
	}
	if exec(w.conn, "ROLLBACK TO op") != nil || exec(w.conn, "RELEASE op") != nil {
		return errors.Join(err, w.rollback())
	}
	return err
}

// rollback ends the transaction, unless SQLite has done so already.
func (w *writer) rollback() error {
	if w.conn.AutocommitEnabled() {
		return nil
	}
	return exec(w.conn, "ROLLBACK")
}
