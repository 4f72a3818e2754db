package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// errGone says that the files that are open are not those in the data folder any more.
var errGone = errors.New("the log is not in its folder any more: it was removed, moved or replaced while it was open")

// health is what keeps the log from taking changes, besides the clock.
type health struct {
	path string
	file fs.FileInfo // of the database when it was opened

	mu      sync.Mutex
	failed  error // why the last write failed; nil after one that went well
	damaged error // until a check finds the log whole
}

// present says whether the log is still where it was opened. What is written into files that nobody can
// find again is lost when the gateway ends.
func (h *health) present() error {
	info, err := os.Stat(h.path)
	if err == nil && os.SameFile(info, h.file) {
		return nil
	}
	return fmt.Errorf("%w (%s); stop the gateway, and put the folder back or restore a backup", errGone, filepath.Dir(h.path))
}

// note takes down how a write ended. Errors of the caller's making are none of the log's.
func (h *health) note(err error) {
	advice := adviceFor(err)
	h.mu.Lock()
	defer h.mu.Unlock()
	if errors.Is(advice, store.ErrDamaged) {
		h.damaged = advice
	} else if advice != nil || err == nil {
		h.failed = advice
	}
}

// met takes down damage that a reader met.
func (h *health) met(err error) {
	if advice := adviceFor(err); errors.Is(advice, store.ErrDamaged) {
		h.checked(advice)
	}
}

// checked takes down what a check of the whole log found; nil if it is whole.
func (h *health) checked(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.damaged = err
}

// failing says whether the last write failed.
func (h *health) failing() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.failed != nil
}

// adviceFor says what to do about an error of the database or of the disk; nil for others.
func adviceFor(err error) error {
	switch code := sqlite.ErrCode(err).ToPrimary(); {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrDamaged):
		return err
	case code == sqlite.ResultFull || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("the last write to the log failed because the disk is full: make room on it: %w", err)
	case errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || code == sqlite.ResultCantOpen:
		return fmt.Errorf("the last write to the log failed because a file could not be opened: raise the number of files that the gateway may open (ulimit -n; LimitNOFILE in systemd): %w", err)
	case code == sqlite.ResultIOErr || errors.Is(err, syscall.EIO):
		return fmt.Errorf("the last write to the log failed: look for errors of the disk in the system's log: %w", err)
	case code == sqlite.ResultReadOnly || errors.Is(err, syscall.EROFS):
		return fmt.Errorf("the last write to the log failed: make the disk and the data folder writable: %w", err)
	case code == sqlite.ResultCorrupt || code == sqlite.ResultNotADB || code == sqlite.ResultConstraint:
		return damaged(err)
	}
	return nil
}

// damaged says what to do about a log that contradicts itself.
func damaged(err error) error {
	return fmt.Errorf("%w (%w); look for errors of the disk in the system's log, stop the gateway, and restore a backup: sheaf doctor says whether the log is whole", store.ErrDamaged, err)
}
