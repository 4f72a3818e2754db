package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/machine"
	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A reserve is a file that keeps disk for the log. What harvests bring stops while there is less free than
// its size, so that what else the gateway writes (stamps of the head, deletions, the relay's mark) goes on; and if
// other programs fill the disk altogether, the file's room is given to those.
type reserve struct {
	path string
	size int64                // no reserve if zero
	free func() (int64, bool) // what is free where it is

	mu   sync.Mutex
	held bool
	last time.Time // when it was tried to take it
}

const (
	reserveRetry = time.Second
)

func newReserve(dir string, size int64) *reserve {
	r := &reserve{path: filepath.Join(dir, reserveName), size: size, free: func() (int64, bool) { return machine.FreeBytes(dir) }}
	if info, err := os.Stat(r.path); err == nil && size > 0 && info.Size() == size {
		r.held = true
	} else {
		r.take()
	}
	return r
}

// room says why there is no room for what harvests bring; nil if there is. The error wraps pipeline.ErrFull.
func (r *reserve) room() error {
	if r.size == 0 {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.held && time.Since(r.last) >= reserveRetry {
		r.take()
	}
	free, known := r.free()
	if r.held && (!known || free >= r.size) {
		return nil
	}
	return fmt.Errorf("%w: %d MiB are free where %s is, and %d MiB are kept for the log itself; make room, and harvests go on by themselves",
		pipeline.ErrFull, free>>20, filepath.Dir(r.path), r.size>>20)
}

// released says whether there should be a reserve, and its room is the log's at present.
func (r *reserve) released() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.size > 0 && !r.held
}

// take makes the file, if as much is left beside it.
func (r *reserve) take() {
	r.last = time.Now()
	if free, known := r.free(); r.size == 0 || known && free < 2*r.size {
		return
	}
	f, err := os.OpenFile(r.path, os.O_CREATE|os.O_RDWR, datadir.PrivateFile)
	if err != nil {
		return
	}
	err = allocate(f, r.size)
	if r.held = errors.Join(err, f.Close()) == nil; !r.held {
		_ = os.Truncate(r.path, 0) // a part of it helps nobody
	}
}

// release gives the file's room to the log.
func (r *reserve) release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held && os.Truncate(r.path, 0) == nil {
		r.held, r.last = false, time.Now()
	}
}

// allocateSlowly writes a file full of what no file system packs.
func allocateSlowly(f *os.File, size int64) error {
	block := make([]byte, 1<<20)
	for at := int64(0); at < size; at += int64(len(block)) {
		for i := range block {
			block[i] = byte(i*i>>7 ^ i*31 ^ int(at>>20))
		}
		if _, err := f.WriteAt(block[:min(int64(len(block)), size-at)], at); err != nil {
			return err
		}
	}
	return f.Sync()
}
