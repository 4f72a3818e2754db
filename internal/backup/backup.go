// Package backup has the log copied on a schedule, and keeps the newest copies.
//
// A copy is a file in the folder of copies, called sheaf-20261127T031500Z.db by the second at which it was begun, in UTC.
// Nothing else is written down: which copies there are, and when the next one is due, the names of the files say. Files
// with other names are somebody else's, and are left alone.
package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A Keeper has copies written, and removes those of before.
type Keeper struct {
	Dir   string        // the folder of the copies, which is made if it is not there
	Every time.Duration // from one copy to the next
	Keep  int           // how many copies stay

	// Write writes a copy to a file that does not exist yet. It returns nil when the copy is on the disk, and was found whole.
	Write func(ctx context.Context, file string) error
	// Room says why there is no room for a copy in the folder; nil if there is.
	Room func(dir string) error
	// Done hears of each copy that was written.
	Done   func(ctx context.Context, file string)
	Logger *slog.Logger
	Now    func() time.Time // time.Now if nil
}

// Names of copies.
const (
	prefix = "sheaf-"
	layout = "20060102T150405Z"
	suffix = ".db"
)

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
	if err := os.MkdirAll(k.Dir, 0o700); err != nil {
		return 0, fmt.Errorf("make the folder of backups: %w", err)
	}
	copies, err := k.copies()
	if err != nil {
		return 0, err
	}
	now := k.now()
	if n := len(copies); n > 0 {
		// One that is of later than now was written under a clock that was wrong, and holds up nothing.
		if age := now.Sub(copies[n-1].at); age >= 0 && age < k.Every {
			return k.Every - age, k.prune(copies)
		}
	}
	if err := k.Room(k.Dir); err != nil {
		return 0, err
	}
	file := filepath.Join(k.Dir, prefix+now.Format(layout)+suffix)
	if err := k.Write(ctx, file); err != nil {
		return 0, err
	}
	k.Done(ctx, file)
	k.Logger.Info("the log was backed up", "file", file)
	return k.Every, k.prune(append(copies, written{file, now}))
}

// written is a copy that is there.
type written struct {
	file string
	at   time.Time
}

// copies are those in the folder, the oldest first.
func (k *Keeper) copies() (out []written, err error) {
	entries, err := os.ReadDir(k.Dir)
	if err != nil {
		return nil, fmt.Errorf("look at the backups: %w", err)
	}
	for _, e := range entries {
		middle, ok := strings.CutPrefix(e.Name(), prefix)
		middle, ended := strings.CutSuffix(middle, suffix)
		at, err := time.Parse(layout, middle)
		if ok && ended && err == nil && e.Type().IsRegular() {
			out = append(out, written{filepath.Join(k.Dir, e.Name()), at})
		}
	}
	slices.SortFunc(out, func(a, b written) int { return a.at.Compare(b.at) })
	return out, nil
}

// prune removes the oldest copies beyond those that are kept, never the one that was written last.
func (k *Keeper) prune(copies []written) error {
	var errs []error
	for _, c := range copies[:max(0, len(copies)-k.Keep)] {
		if err := os.Remove(c.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
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
