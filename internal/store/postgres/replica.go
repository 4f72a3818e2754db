package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// What the doors serve may come from a replica of the database, whose snapshot is the log of a moment ago, with the head that it
// had. That is as right as the primary's as long as nobody sees the log go back: a replica is asked only about a moment at which
// it has all that this gateway has written, has heard of, or has shown. Where it has not come that far it is waited for a little;
// then the primary is asked, as where it does not answer. What a caller has seen elsewhere, at another gateway or another
// replica, it says itself (a cursor, [oaipmh.Query.Seen]); then too the primary is asked at once where the replica lacks it.
//
// The primary may lack it for a moment as well: a commit is seen at a replica as soon as it is there, and at the primary when
// the replicas that it waits for have said so. So the primary is asked again for a little.
//
// That the replica is one of this log, and not of a copy, is known by what this gateway has written there: its row of writer,
// whose name is made at random, with the turn that was committed last.
const (
	replicaPatience = 100 * time.Millisecond // how long a replica is waited for that is behind
	replicaLook     = 5 * time.Millisecond   // between two looks at it meanwhile
	replicaTimeout  = 2 * time.Second        // that it may take to answer at all
	replicaRest     = time.Second            // how long the primary alone is asked after that, or after a wait in vain
	primaryPatience = time.Second            // how long the primary is waited for that is behind what somebody has seen
)

// A replica is one that is read from.
type replica struct {
	store   *Store
	readers *readers

	views, missed atomic.Int64 // snapshots of it, and of the primary in its place

	mu    sync.Mutex
	until time.Time // until then it is not asked
	away  error     // why it was not fit the last time
}

// errReplica says that a replica is not fit to be read from.
var errReplica = errors.New("the read replica is not fit")

// newReplica makes the connections to a replica when they are needed.
func (s *Store) newReplica(ctx context.Context, o Options) (*replica, error) {
	config, err := o.reach(o.Replica, gatewayName(s.name))
	if err != nil {
		return nil, fmt.Errorf("the read replica: %w", err)
	}
	config.ConnConfig.ConnectTimeout = replicaTimeout
	o.forReading(config)
	config.MaxConns = s.readers.pool.Config().MaxConns
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to the read replica: %w", withoutSecret(err))
	}
	return &replica{store: s, readers: &readers{pool, o.Pooled}}, nil
}

// served is [Store.view] for what the doors serve: of the replica, if there is one that is fit. f says [oaipmh.ErrBehind] if the
// snapshot is behind what its caller has seen, and [oaipmh.ErrBadPosition] if it knows nothing of a place; both before it has
// shown anything to anybody. Then it is called again, with a snapshot of the primary, and as long as that is behind with later
// ones, until the patience is over.
func (s *Store) served(ctx context.Context, f func(*db, pipeline.Head) error) error {
	if s.replica != nil {
		err := s.replica.view(ctx, f)
		if !errors.Is(err, errReplica) && !errors.Is(err, oaipmh.ErrBehind) && !errors.Is(err, oaipmh.ErrBadPosition) {
			return err
		}
		s.replica.missed.Add(1)
	}
	for began := time.Now(); ; {
		last := time.Since(began) > primaryPatience
		if err := s.view(ctx, f); last || !errors.Is(err, oaipmh.ErrBehind) {
			return err
		}
		select {
		case <-time.After(replicaLook):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// view runs f in one snapshot of the replica. The error wraps errReplica if it is not fit, and then f was not called.
func (r *replica) view(ctx context.Context, f func(*db, pipeline.Head) error) (err error) {
	if r.resting() {
		return errReplica
	}
	conn, head, err := r.snapshot(ctx, r.store.seen())
	if r.found(ctx, err); err != nil {
		return fmt.Errorf("%w: %w", errReplica, err)
	}
	defer r.readers.Put(conn)
	defer func() {
		if e := conn.rollback(); e != nil && err == nil {
			err = e
		}
	}()
	r.views.Add(1)
	r.store.shown(head)
	return f(conn, head)
}

// snapshot gives a connection with a snapshot that has all that is wanted.
func (r *replica) snapshot(ctx context.Context, want sight) (conn *db, head pipeline.Head, err error) {
	began := time.Now()
	answer, cancel := context.WithTimeout(ctx, replicaTimeout)
	defer cancel()
	if conn, err = r.readers.Take(answer); err != nil {
		return nil, head, withoutSecret(err)
	}
	conn.copied = true
	for {
		var have sight
		err = begin(conn, beginView, inOrderOfIndex...)
		if err == nil {
			head, have, err = r.look(conn)
		}
		if err == nil && have.covers(want) {
			conn.ctx = ctx
			return conn, head, nil
		}
		if err == nil {
			err = conn.rollback()
		}
		if err == nil && time.Since(began) > replicaPatience {
			err = fmt.Errorf("it is behind: it has the log to %d of the epoch %d, and what this gateway has seen goes to %d of %d", have.seq, have.epoch, want.seq, want.epoch)
		}
		if err == nil {
			select {
			case <-time.After(replicaLook):
				continue
			case <-answer.Done():
				err = answer.Err()
			}
		}
		r.readers.Put(conn)
		return nil, head, err
	}
}

func (r *replica) look(conn *db) (head pipeline.Head, have sight, err error) {
	err = one(conn, "SELECT "+headColumns+", coalesce((SELECT turn FROM writer WHERE name = $1), 0) FROM log_head", []any{r.store.name}, func(t *tuple) {
		head = headIn(t)
		have = sight{epoch: head.Epoch, seq: head.Seq, datestamp: head.Datestamp.Unix(), turn: t.ColumnInt64(headColumnsEnd)}
	})
	return head, have, err
}

// A sight is how far somebody has seen the log.
type sight struct {
	epoch, seq int64
	datestamp  int64
	turn       int64 // of this gateway's writer
}

// covers says whether who has seen v has seen all of w.
func (v sight) covers(w sight) bool {
	return v.turn >= w.turn && v.datestamp >= w.datestamp && (v.epoch > w.epoch || v.epoch == w.epoch && v.seq >= w.seq)
}

// seen is how far this gateway has seen the log.
func (s *Store) seen() (v sight) {
	v.turn = s.writer.kept.Load()
	v.datestamp = max(s.newestShown.Load(), s.headSecond.Load())
	if at := s.known.Load(); at != nil {
		v.epoch, v.seq = at.Epoch, at.Seq
	}
	return v
}

func (r *replica) resting() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Now().Before(r.until)
}

// found notes whether the replica was fit, and says so when that changes.
func (r *replica) found(ctx context.Context, err error) {
	if ctx.Err() != nil { // whoever asked has gone
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.until = time.Now().Add(replicaRest)
	}
	switch {
	case err != nil && r.away == nil:
		r.store.log.Warn("the primary is read instead of the replica", "err", err)
	case err == nil && r.away != nil:
		r.store.log.Info("the replica is read again")
	}
	r.away = err
}

// remark says how the replica was when it was last asked, for those who look after the server.
func (r *replica) remark(ctx context.Context) (found, advice string) {
	if err := r.view(ctx, func(*db, pipeline.Head) error { return nil }); err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.away != nil {
			err = r.away
		}
		return "", "the doors read from the primary instead: " + err.Error()
	}
	return "it has all that this gateway has seen, and the doors read from it", ""
}
