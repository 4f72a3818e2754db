package datadir

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// ErrInUse says that another process has the data folder open.
var ErrInUse = errors.New("the data folder is in use by another process")

// Lock takes the folder for this process. The lock dies with the process, however it dies.
func Lock(dir string) (*os.File, error) {
	f, err := LockFile(filepath.Join(dir, LockName), os.O_CREATE|os.O_RDWR)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return nil, fmt.Errorf("%w: %s", ErrInUse, dir)
	case err != nil:
		return nil, fmt.Errorf("lock the data folder: %w; choose another with --data, or make it writable", err)
	}
	return f, nil
}

// LockFile opens a file and locks it, unless another process has it locked (EWOULDBLOCK).
func LockFile(path string, flags int) (*os.File, error) {
	f, err := os.OpenFile(path, flags, PrivateFile)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// lockRetry is how often a folder that is in use is tried again.
const lockRetry = 100 * time.Millisecond

// Await is Lock for those who can wait: a command that is over soon may have the folder.
func Await(ctx context.Context, dir string, patience time.Duration, log *slog.Logger) (*os.File, error) {
	tick := time.NewTicker(lockRetry)
	defer tick.Stop()
	for waited := time.Duration(0); ; waited += lockRetry {
		f, err := Lock(dir)
		switch {
		case !errors.Is(err, ErrInUse) || patience == 0:
			return f, err
		case waited >= patience:
			return nil, fmt.Errorf("%w; it had it for %s, so it is no command that is over soon: stop it, or choose another folder with --data", err, patience)
		}
		if waited == 0 {
			log.Debug("waiting for the command that has the data folder open", "dir", dir, "at_most", patience)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, errors.Join(err, ctx.Err())
		}
	}
}
