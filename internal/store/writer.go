package store

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

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

	wrote    func(pipeline.Head) error // called after each commit, before the writes in it are answered
	rejected func()                    // called after a write was rolled back

	closing   chan struct{}
	closeOnce sync.Once
	closeErr  error
	started   bool
}

// An op is one write: all or nothing.
type op struct {
	do     func(*sqlite.Conn) error
	err    error
	finish chan struct{}
}

func newWriter(conn *sqlite.Conn) *writer {
	return &writer{conn: conn, ops: make(chan *op), done: make(chan struct{}), closing: make(chan struct{})}
}

// start lets the writes begin.
func (w *writer) start(wrote func(pipeline.Head) error, rejected func()) {
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

// stop waits for the write in hand, refuses those that wait, and closes the connection.
func (w *writer) stop() error {
	w.closeOnce.Do(func() {
		close(w.closing)
		if w.started {
			<-w.done
		}
		w.closeErr = w.conn.Close()
	})
	return w.closeErr
}

// do runs f inside a transaction, and returns when that is durable.
//
// It does not give up when ctx ends while the write is under way: the caller would not know then
// whether it happened.
func (w *writer) do(ctx context.Context, f func(*sqlite.Conn) error) error {
	o := &op{do: f, finish: make(chan struct{})}
	select {
	case w.ops <- o:
	case <-w.closing:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	<-o.finish
	return o.err
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
	if err := w.transaction(group); err != nil {
		w.rejected()
		for _, o := range group {
			if o.err == nil {
				o.err = fmt.Errorf("write the log: %w", err)
			}
		}
	}
	for _, o := range group {
		close(o.finish)
	}
}

// errRolledBack says that SQLite itself ended the transaction: a full disk, a broken one.
var errRolledBack = errors.New("the transaction was rolled back")

func (w *writer) transaction(group []*op) (err error) {
	end, err := sqlitex.ImmediateTransaction(w.conn)
	if err != nil {
		return err
	}
	var head pipeline.Head
	func() {
		defer end(&err)
		for _, o := range group {
			if o.err = w.savepoint(o.do); o.err == nil {
				continue
			}
			w.rejected()
			if w.conn.AutocommitEnabled() {
				// What the writes before did is gone with it; a further one would begin a transaction of its own.
				err = fmt.Errorf("%w: %w", errRolledBack, o.err)
				return
			}
		}
		head, err = readHead(w.conn)
	}()
	if err != nil {
		return err
	}
	return w.wrote(head)
}

func (w *writer) savepoint(do func(*sqlite.Conn) error) (err error) {
	release := sqlitex.Save(w.conn)
	defer release(&err)
	return do(w.conn)
}
