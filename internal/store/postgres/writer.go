package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// errClosed is the answer to a write after Close.
var errClosed = errors.New("the log is closed")

const (
	// mostTries is how often a transaction is planned that others have been in the way of.
	mostTries = 5
	// settleTries and settleRest are how often, and after what rest, the outcome of a transaction is asked for whose
	// connection was lost while it was committed: a server that was restarted is there again within that time.
	settleTries = 60
	settleRest  = 500 * time.Millisecond
)

// A writer writes: one transaction after the other, each with one write. Its transactions are READ COMMITTED, which
// suffices because each locks what it goes by: first the rows of sources, in the order of their keys, then the head of
// the log. Two gateways that write at once wait for each other there.
//
// Each transaction writes its turn into the row of this writer. So, where the connection is lost while a transaction is
// committed, another connection can tell how that ended: the row has the turn, or it has not.
type writer struct {
	pool *pgxpool.Pool
	// pooled says that a connection is this writer's for a transaction only (see db).
	pooled bool
	name   string // of this writer, and of no other one
	turn   int64
	kept   atomic.Int64 // the last turn that was committed

	wrote    func(pipeline.Head) error // called after each commit, before the write is answered
	rejected func()                    // called after a write was rolled back
	wentBack func(*db) error           // makes the log fit for writes again, after one that met errWentBack
	health   *health

	token chan struct{} // who has it writes
	busy  atomic.Bool   // with a write; not any more when that is answered

	closing   chan struct{}
	closeOnce sync.Once

	writes, waited      atomic.Int64 // how many had their turn, and how long they waited for it, in ns
	commits, committing atomic.Int64 // transactions, and how long making them durable took, in ns
}

func newWriter(pool *pgxpool.Pool, name string, h *health, wrote func(pipeline.Head) error, rejected func()) *writer {
	return &writer{pool: pool, name: name, health: h, wrote: wrote, rejected: rejected, token: make(chan struct{}, 1), closing: make(chan struct{})}
}

// stop waits for the write in hand, and refuses those that wait.
func (w *writer) stop() {
	w.closeOnce.Do(func() {
		close(w.closing)
		w.token <- struct{}{}
	})
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

// do runs f inside a transaction, and returns when that is durable. f may be run several times, each time in a new
// transaction, of which only the last one is kept.
//
// It does not give up when ctx ends while the write is under way: the caller would not know then whether it happened.
func (w *writer) do(ctx context.Context, f func(*db) error) error {
	asked := time.Now()
	select {
	case w.token <- struct{}{}:
	case <-w.closing:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	w.busy.Store(true)
	defer func() {
		w.busy.Store(false)
		<-w.token
	}()
	if w.stopped() {
		return errClosed
	}
	w.writes.Add(1)
	w.waited.Add(int64(time.Since(asked)))
	err := w.write(context.WithoutCancel(ctx), f)
	w.health.note(err)
	if err != nil {
		w.rejected()
	}
	return err
}

// errBusy says that a write did not get its turn in time; it was not begun.
var errBusy = errors.New("the writer is busy")

// doSoon is do, unless the writer is busy with others for longer than patience.
func (w *writer) doSoon(ctx context.Context, patience time.Duration, f func(*db) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errBusy)
	defer cancel()
	err := w.do(ctx, f)
	if errors.Is(err, context.DeadlineExceeded) {
		return context.Cause(ctx)
	}
	return err
}

// write tries a write until nobody was in its way.
func (w *writer) write(ctx context.Context, f func(*db) error) (err error) {
	for range mostTries {
		if err = w.transaction(ctx, f); errors.Is(err, errWentBack) {
			w.rejected()
			if err = w.transaction(ctx, w.wentBack); err == nil {
				continue
			}
		}
		if !again(err) {
			return err
		}
		w.rejected()
	}
	return err
}

// again says whether an error is one of those after which the same transaction may go well: it met another one.
func again(err error) bool {
	var said *pgconn.PgError
	return errors.As(err, &said) && (said.Code == "40001" || said.Code == "40P01")
}

// transaction runs a write once, and makes it durable.
func (w *writer) transaction(ctx context.Context, f func(*db) error) error {
	c, err := w.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("write the log: %w", err)
	}
	defer c.Release() // which ends the transaction if it is still open, by closing the connection
	d := &db{ctx: ctx, conn: c.Conn(), pooled: w.pooled}
	if err := begin(d, "BEGIN", durably); err != nil {
		return err
	}
	var head pipeline.Head
	err = f(d)
	if err == nil {
		w.turn++
		if err = exec(d, "UPDATE writer SET turn = $1 WHERE name = $2", w.turn, w.name); err == nil {
			head, err = readHead(d)
		}
	}
	if err != nil {
		if said := d.rollback(); said != nil {
			_ = d.conn.Close(ctx)
		}
		return err
	}
	began := time.Now()
	_, err = d.conn.Exec(ctx, "COMMIT")
	if err != nil {
		_ = d.conn.Close(ctx)
		if err = w.settle(ctx, err); err != nil {
			return fmt.Errorf("write the log: %w", err)
		}
	}
	w.kept.Store(w.turn)
	w.commits.Add(1)
	w.committing.Add(int64(time.Since(began)))
	return w.wrote(head)
}

// settle finds out whether a transaction was committed whose COMMIT was answered with an error; nil if it was. What the
// server itself says is so; else it is asked again. The row of the writer is locked for that: a transaction that is still
// being committed, or was left open with its connection, ends first.
func (w *writer) settle(ctx context.Context, lost error) error {
	var said *pgconn.PgError
	if errors.As(lost, &said) && said.Severity == "ERROR" {
		return lost
	}
	for range settleTries {
		var turn int64
		err := w.pool.QueryRow(ctx, "SELECT turn FROM writer WHERE name = $1 FOR UPDATE", w.name).Scan(&turn)
		switch {
		case err == nil && turn == w.turn:
			return nil
		case err == nil:
			return lost
		}
		select {
		case <-time.After(settleRest):
		case <-w.closing:
			return errors.Join(lost, err)
		}
	}
	return fmt.Errorf("%w, and the database could not be asked whether it was committed", lost)
}

// rollback ends a transaction in which something went wrong.
func (d *db) rollback() error {
	d.queued, d.open = nil, nil
	if d.conn.IsClosed() {
		return nil
	}
	_, err := d.conn.Exec(d.ctx, "ROLLBACK")
	return err
}
