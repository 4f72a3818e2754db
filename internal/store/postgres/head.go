package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Head is the present end of the log. Its datestamp is the present second while the clock can be
// trusted and the writer is not busy, and in each case safe (promise 2).
func (s *Store) Head(ctx context.Context) (h pipeline.Head, err error) {
	err = s.snapshot(ctx, func(_ *db, head pipeline.Head) error {
		h = head
		return nil
	})
	return h, err
}

// snapshot runs f in one snapshot of the log. While nothing is written, it first advances the head's
// datestamp to the present second, durably: what has been handed out as responseDate must hold after
// a crash, and if the clock is set back.
func (s *Store) snapshot(ctx context.Context, f func(*db, pipeline.Head) error) (err error) {
	s.now(ctx)
	return s.view(ctx, f)
}

// servedNow is snapshot for what the doors serve (see served).
func (s *Store) servedNow(ctx context.Context, f func(*db, pipeline.Head) error) (err error) {
	s.now(ctx)
	return s.served(ctx, f)
}

const beginView = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

// now is the head's datestamp, after it was advanced to the present second as snapshot does.
func (s *Store) now(ctx context.Context) time.Time {
	if now := s.guard.Wall().Unix(); now > s.headSecond.Load() && now != s.triedToAdvance.Load() {
		s.advance(ctx, now)
	}
	return time.Unix(s.headSecond.Load(), 0).UTC()
}

// view runs f in one snapshot of the log, with the head as it is. It is for those who read records, and show nobody
// what time it is.
func (s *Store) view(ctx context.Context, f func(*db, pipeline.Head) error) (err error) {
	defer func() { s.health.met(err) }()
	conn, head, err := s.readers.beginView(ctx)
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	defer s.readers.Put(conn)
	defer func() {
		if e := conn.rollback(); e != nil && err == nil {
			err = e
		}
	}()
	s.shown(head)
	return f(conn, head)
}

// shown notes the datestamp of a head that a snapshot shows.
func (s *Store) shown(head pipeline.Head) {
	for stamp := head.Datestamp.Unix(); ; {
		if had := s.newestShown.Load(); had >= stamp || s.newestShown.CompareAndSwap(had, stamp) {
			return
		}
	}
}

// Each advance of the head is a sync of the disk.
const (
	advancePatience = 10 * time.Millisecond // how long a reader waits for its turn to advance the head
	advanceTimeout  = time.Second           // how long an advance waits for its turn that no reader waits for
	advanceUnseen   = 2                     // the age of the head, in seconds, up to which readers don't wait at all
)

// advance moves the head's datestamp to the present second. It does nothing if the clock can't be
// trusted, or if another reader or a commit was faster; and leaves it for later if the writer is busy
// (which itself will advance it if it changes anything) or the head is not old: an older responseDate is a
// safe one. It tries once a second: where it can't be done, readers don't queue for it.
func (s *Store) advance(ctx context.Context, now int64) {
	s.advancing.Lock()
	defer s.advancing.Unlock()
	if now <= s.headSecond.Load() || now == s.triedToAdvance.Load() {
		return
	}
	defer s.triedToAdvance.Store(now)
	if now-s.headSecond.Load() <= advanceUnseen || s.writer.busy.Load() {
		s.later.Go(func() {
			s.noteAdvance(s.writer.doSoon(context.WithoutCancel(ctx), advanceTimeout, s.advanceHead))
		})
		return
	}
	if err := s.writer.doSoon(ctx, advancePatience, s.advanceHead); ctx.Err() == nil {
		s.noteAdvance(err)
	}
}

func (s *Store) noteAdvance(err error) {
	if err != nil && !errors.Is(err, errClosed) && !errors.Is(err, errBusy) {
		s.log.Error("the head's datestamp was not advanced", "err", err)
	}
}

func (s *Store) advanceHead(conn *db) error {
	head, err := s.lockHead(conn)
	if err != nil {
		return err
	}
	now, err := s.stamp(head.Datestamp.Unix())
	if err != nil || now == head.Datestamp.Unix() {
		return nil
	}
	head.Datestamp = time.Unix(now, 0).UTC()
	return writeHead(conn, head)
}

// ConfirmClock says, in the name of a person, that the clock is right. The head is stamped with the time
// that it says, which is returned, so that the next start need not ask again.
func (s *Store) ConfirmClock(ctx context.Context) (time.Time, error) {
	now := s.guard.Confirm()
	s.floor.Store(0) // the machine may have been set back to an earlier state as it ran
	if err := s.writer.do(ctx, s.advanceHead); err != nil {
		return now, fmt.Errorf("confirm the clock: %w", err)
	}
	return now, s.Trouble()
}
