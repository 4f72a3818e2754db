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

	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

const stateFile = "mirror.json"

// A folder keeps a file for each record.
type folder struct {
	dir  string
	form Form
}

func openFolder(dir string, begin state) (*Copy, error) {
	f := &folder{dir: dir, form: begin.Form}
	b, err := os.ReadFile(filepath.Join(dir, stateFile))
	if err == nil {
		var was state
		switch err := json.Unmarshal(b, &was); {
		case err != nil:
			return nil, fmt.Errorf("%s can't be read: %w; a mirror in another folder can be begun anew", filepath.Join(dir, stateFile), err)
		case was.From != begin.From:
			return nil, fmt.Errorf("%s mirrors %s; give another folder for %s", dir, was.From, begin.From)
		case was.Form != begin.Form:
			return nil, fmt.Errorf("%s has records as %s; give another folder for %s", dir, was.Form, begin.Form)
		}
		return &Copy{kept: f, state: was}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	there, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	if len(there) > 0 {
		return nil, fmt.Errorf("%s is no mirror, and not empty: %s is in it; give an empty folder", dir, there[0].Name())
	}
	return &Copy{kept: f, state: begin}, f.keep(begin)
}

func (f *folder) close() error { return nil }

func (f *folder) write(ctx context.Context, changes []follow.Change, pass int64, sweep bool, next state) error {
	written := writer{dirs: map[string]bool{}}
	for i := range changes {
		c := &changes[i]
		path := f.where(c.Identifier)
		if c.Deleted() {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			written.dirs[filepath.Dir(path)] = true
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
