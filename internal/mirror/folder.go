// Package mirror keeps a folder equal to what a gateway, or any other OAI-PMH repository, holds. A folder has
//
//	mirror.json              what it mirrors, in which form, and the place that the files are true for
//	3f/3f0a….xml (or .json)  a record, named by the SHA-256 of its identifier
//
// Files are written before mirror.json says so, and each of them at once. So a folder whose program was killed has files of
// a place further on, which are written again.
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

	"github.com/sheaf-gateway/sheaf/pipeline"
	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

const stateFile = "mirror.json"

// A Form is how a record is written.
type Form string

// The forms.
const (
	XML  Form = "xml"  // as OAI-PMH serves it, as oai_dc
	JSON Form = "json" // as /changes gives it
)

// A Folder is a copy in files. One program at a time may write it.
type Folder struct {
	dir   string
	state state
	// Head is the end of the log, if the folder was there with the last batch.
	Head *follow.Head
}

type state struct {
	From  string       `json:"from"`
	Form  Form         `json:"form"`
	Place follow.Place `json:"place"`
}

// OpenFolder opens a mirror, or begins one in a folder that is empty or not there.
func OpenFolder(dir, from string, form Form) (*Folder, error) {
	f := &Folder{dir: dir, state: state{From: from, Form: form}}
	b, err := os.ReadFile(filepath.Join(dir, stateFile))
	if err == nil {
		var was state
		switch err := json.Unmarshal(b, &was); {
		case err != nil:
			return nil, fmt.Errorf("%s can't be read: %w; a mirror in another folder can be begun anew", filepath.Join(dir, stateFile), err)
		case was.From != from:
			return nil, fmt.Errorf("%s mirrors %s; give another folder for %s", dir, was.From, from)
		case was.Form != form:
			return nil, fmt.Errorf("%s has records as %s; give another folder for %s", dir, was.Form, form)
		}
		f.state = was
		return f, nil
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
	return f, f.keep(f.state)
}

// Place is where the folder goes on.
func (f *Folder) Place() follow.Place { return f.state.Place }

// Write writes a batch into files, and then its place.
func (f *Folder) Write(ctx context.Context, b *follow.Batch) error {
	written := writer{dirs: map[string]bool{}}
	for i := range b.Changes {
		c := &b.Changes[i]
		path := f.path(c.Identifier)
		if c.Deleted() {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			written.dirs[filepath.Dir(path)] = true
			continue
		}
		text, err := f.state.Form.encode(&record{Pass: b.Pass(), Change: *c})
		if err != nil {
			return err
		}
		if err := written.write(path, text); err != nil {
			return err
		}
	}
	if b.Sweep() {
		if err := f.sweep(ctx, b.Pass()); err != nil {
			return err
		}
	}
	if err := written.sync(); err != nil {
		return err
	}
	next := f.state
	next.Place = b.Place
	if err := f.keep(next); err != nil {
		return err
	}
	f.Head = b.Head
	return nil
}

func (f *Folder) path(identifier string) string {
	name := fmt.Sprintf("%x", sha256.Sum256([]byte(identifier)))
	return filepath.Join(f.dir, name[:2], name+"."+string(f.state.Form))
}

// sweep removes the records that came with another pass.
func (f *Folder) sweep(ctx context.Context, pass int64) error {
	return f.each(ctx, func(path string, r *record) error {
		if r.Pass == pass {
			return nil
		}
		return os.Remove(path)
	})
}

// each reads every record.
func (f *Folder) each(ctx context.Context, do func(path string, r *record) error) error {
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
		b, err := readFile(path)
		if err != nil {
			return err
		}
		r, err := f.state.Form.decode(b)
		if err != nil {
			return fmt.Errorf("%s is no record: %w", path, err)
		}
		return do(path, r)
	})
}

// Digest is that of the records in the files.
func (f *Folder) Digest(ctx context.Context) (d pipeline.Digest, records int64, err error) {
	err = f.each(ctx, func(_ string, r *record) error {
		d.Add(r.Identifier, r.Datestamp, []byte(r.OAIDC))
		records++
		return nil
	})
	return d, records, err
}

// keep writes the state.
func (f *Folder) keep(next state) error {
	text, err := json.MarshalIndent(&next, "", "  ")
	if err != nil {
		return err
	}
	w := writer{dirs: map[string]bool{}}
	if err := errors.Join(w.write(filepath.Join(f.dir, stateFile), append(text, '\n')), w.sync()); err != nil {
		return err
	}
	f.state = next
	return nil
}
