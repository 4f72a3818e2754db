package mirror

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

const stateFile = "mirror.json"

// A folder keeps a file for each record.
type folder struct {
	dir  string
	form Form
	lock *os.File // the folder itself, which nobody else may write meanwhile
}

func openFolder(dir string, begin state) (*Copy, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	lock, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	f := &folder{dir: dir, form: begin.Form, lock: lock}
	c := &Copy{kept: f}
	if c.state, err = f.open(begin); err != nil {
		return nil, errors.Join(err, f.close())
	}
	return c, nil
}

// open locks the folder, and reads its state, or writes the one that it is given into a folder that is empty.
func (f *folder) open(begin state) (state, error) {
	switch err := syscall.Flock(int(f.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return begin, fmt.Errorf("another program writes %s; let one of them end", f.dir)
	case err != nil:
		return begin, fmt.Errorf("locking %s: %w", f.dir, err)
	}
	path := filepath.Join(f.dir, stateFile)
	b, err := os.ReadFile(path)
	if err == nil {
		var was state
		switch err := json.Unmarshal(b, &was); {
		case err != nil:
			return was, fmt.Errorf("%s can't be read: %w; a mirror in another folder can be begun anew", path, err)
		case was.From != begin.From:
			return was, fmt.Errorf("%s mirrors %s; give another folder for %s", f.dir, was.From, begin.From)
		case was.Form != begin.Form:
			return was, fmt.Errorf("%s has records as %s; give another folder for %s", f.dir, was.Form, begin.Form)
		}
		return was, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return begin, err
	}
	there, err := os.ReadDir(f.dir)
	if err != nil {
		return begin, err
	}
	if len(there) > 0 {
		return begin, fmt.Errorf("%s is no mirror, and not empty: %s is in it; give an empty folder", f.dir, there[0].Name())
	}
	return begin, f.keep(begin)
}

// close lets others write the folder.
func (f *folder) close() error { return f.lock.Close() }

func (f *folder) write(ctx context.Context, changes []follow.Change, pass int64, sweep bool, next state) error {
	written := writer{dirs: map[string]bool{}}
	for i := range changes {
		c := &changes[i]
		path := f.where(c.Identifier)
		if c.Deleted() {
			if err := written.remove(path); err != nil {
				return err
			}
			continue
		}
		text, err := f.form.encode(&record{Pass: pass, Change: *c})
		if err != nil {
			return err
		}
		if err := written.write(path, text); err != nil {
			return err
		}
	}
	if sweep {
		if err := f.sweep(ctx, pass); err != nil {
			return err
		}
	}
	if err := written.sync(); err != nil {
		return err
	}
	return f.keep(next)
}

func (f *folder) where(identifier string) string {
	name := fmt.Sprintf("%x", sha256.Sum256([]byte(identifier)))
	return filepath.Join(f.dir, name[:2], name+"."+string(f.form))
}

func (f *folder) read(path string) (*record, error) {
	b, err := readFile(path)
	if err != nil {
		return nil, err
	}
	r, err := f.form.decode(b)
	if err != nil {
		return nil, fmt.Errorf("%s %w: %w", path, errRecord, err)
	}
	return r, nil
}

// sweep removes the records that came with another pass.
func (f *folder) sweep(ctx context.Context, pass int64) error {
	return f.each(ctx, func(path string, r *record) error {
		if r.Pass == pass {
			return nil
		}
		return os.Remove(path)
	})
}

func (f *folder) each(ctx context.Context, do func(path string, r *record) error) error {
	return filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case d.IsDir() || path == filepath.Join(f.dir, stateFile):
			return nil
		case strings.HasSuffix(path, unfinished): // of a program that was killed
			return os.Remove(path)
		}
		r, err := f.read(path)
		if err != nil {
			return err
		}
		return do(path, r)
	})
}

// keep writes the state.
func (f *folder) keep(next state) error {
	text, err := json.MarshalIndent(&next, "", "  ")
	if err != nil {
		return err
	}
	w := writer{dirs: map[string]bool{}}
	return errors.Join(w.write(filepath.Join(f.dir, stateFile), append(text, '\n')), w.sync())
}
