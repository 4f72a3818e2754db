// Package backup has the log copied on a schedule, and keeps the newest copies.
//
// A copy is called sheaf-20261127T031500Z.db by the second at which it was begun, in UTC, and lies in a folder ([Folder])
// or in a bucket of an S3-compatible storage ([Bucket]), there with a second object sheaf-20261127T031500Z.db.sha256.
// Nothing else is written down: which copies there are, and when the next one is due, their names say. Files and objects
// with other names are somebody else's, and are left alone.
package backup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// A Keeper has copies written, and removes those of before.
type Keeper struct {
	Place Place
	Every time.Duration // from one copy to the next
	Keep  int           // how many copies stay

	// Done hears of each copy that was written.
	Done   func(context.Context)
	Logger *slog.Logger
	Now    func() time.Time // time.Now if nil

	turn sync.Mutex // one copy is written at a time: the next one clears away what is not finished
}

// retry is how long after a copy that failed another one is tried, at most.
const retry = time.Hour

// Run keeps copies until ctx ends. What goes wrong is logged, and tried again.
func (k *Keeper) Run(ctx context.Context) error {
	for {
		wait, err := k.runOnce(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			wait = min(retry, k.Every)
			k.Logger.Error("the log was not backed up", "err", err, "again_in", wait)
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// runOnce writes a copy if one is due, and says how long it is until the next one.
func (k *Keeper) runOnce(ctx context.Context) (wait time.Duration, err error) {
	k.turn.Lock()
	defer k.turn.Unlock()
	copies, err := k.Place.List(ctx)
	if err != nil {
		return 0, err
	}
	if n := len(copies); n > 0 {
		// One that is of later than now was written under a clock that was wrong, and holds up nothing.
		if age := k.now().Sub(copies[n-1].At); age >= 0 && age < k.Every {
			return k.Every - age, k.prune(ctx, copies)
		}
	}
	_, err = k.write(ctx, copies)
	return k.Every, err
}

// Once writes a copy now, because a person asks for one, and says where it is.
func (k *Keeper) Once(ctx context.Context) (where string, err error) {
	k.turn.Lock()
	defer k.turn.Unlock()
	copies, err := k.Place.List(ctx)
	if err != nil {
		return "", err
	}
	return k.write(ctx, copies)
}

// write writes a copy beside those that are there.
func (k *Keeper) write(ctx context.Context, copies []Copy) (where string, err error) {
	at := k.now().Truncate(time.Second)
	for slices.ContainsFunc(copies, func(c Copy) bool { return c.At.Equal(at) }) {
		at = at.Add(time.Second)
	}
	name := Name(at)
	if err := k.Place.Write(ctx, name); err != nil {
		return "", err
	}
	k.Done(ctx)
	where = k.Place.Where(name)
	k.Logger.Info("the log was backed up", "file", where)
	return where, k.prune(ctx, append(copies, Copy{Name: name, At: at}))
}

// prune removes the oldest copies beyond those that are kept, never the one that was written last.
func (k *Keeper) prune(ctx context.Context, copies []Copy) error {
	var errs []error
	for _, c := range copies[:max(0, len(copies)-k.Keep)] {
		if err := k.Place.Remove(ctx, c.Name); err != nil {
			errs = append(errs, fmt.Errorf("remove an old backup: %w", err))
		}
	}
	return errors.Join(errs...)
}

func (k *Keeper) now() time.Time {
	if k.Now != nil {
		return k.Now().UTC()
	}
	return time.Now().UTC()
}
