package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"iter"
	"os"
	"path"
	"syscall"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// An opened file is being read.
type opened struct {
	file  *file
	in    io.ReaderAt
	size  int64
	disk  *os.File // nil if it came from a URL
	state stamp    // when it was opened
	first stamp    // its bytes when it was opened, if it was young
	short bool     // it is damaged, and lacks records
	said  said

	pull func() (met, error, bool)
	stop func()
}

// fetched is the answer of a URL.
type fetched struct {
	file *file
	body []byte
}

// openFile opens a file, or fetches it.
func (w *walk) openFile(ctx context.Context, f *file) (*opened, error) {
	switch {
	case f.url != "":
		body, err := w.fetch(ctx, f)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(body)
		return &opened{file: f, in: bytes.NewReader(body), size: int64(len(body)), state: stamp(sum[:6])}, nil
	case f.refused != "":
		return &opened{file: f, in: bytes.NewReader(nil), state: f.state()}, nil
	}
	disk, err := f.root.OpenFile(f.Name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe that took its place would wait for a writer
	if err != nil {
		return nil, unreadable(f.Name, err)
	}
	info, err := disk.Stat()
	switch {
	case err != nil:
		err = unreadable(f.Name, err)
	case !info.Mode().IsRegular():
		err = changed(f.Name, nil)
	}
	if err != nil {
		_ = disk.Close() // nothing was written
		return nil, err
	}
	f.info = info
	return &opened{file: f, in: disk, size: info.Size(), disk: disk, state: f.state()}, nil
}

// fetch asks for the file at a URL, once for a look and for reading it.
func (w *walk) fetch(ctx context.Context, f *file) ([]byte, error) {
	if w.body != nil && w.body.file.position == f.position {
		body := w.body.body
		return body, nil
	}
	s := w.source
	res, err := s.fetcher.Fetch(ctx, harvest.Request{URL: f.url, Accept: s.form.accepts(), Access: s.config.Access, MaxBody: s.config.MaxBytes})
	if err != nil {
		return nil, err
	}
	if err := isFile(res, s.form.what()); err != nil {
		return nil, err
	}
	w.body = &fetched{f, res.Body}
	return res.Body, nil
}

// isFile refuses an answer that is a page for people, or nothing: a server that is broken must not look like a file that
// has changed.
func isFile(res *harvest.Response, what string) error {
	e := &harvest.Error{URL: harvest.Shown(res.URL), Status: res.Status}
	start := bytes.ToLower(bytes.TrimLeft(res.Body[:min(len(res.Body), 1<<10)], blank))
	switch {
	case len(start) == 0 && len(res.Body) < 1<<10:
		e.Kind, e.Detail = harvest.Truncated, "the file is empty"
	case bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html")):
		e.Kind, e.Detail = harvest.HTML, "a web page instead of "+what
	default:
		return nil
	}
	return e
}

// begin makes the file ready to be read from its beginning.
func (o *opened) begin(s *Source) {
	if o.file.refused != "" {
		o.pull, o.stop = iter.Pull2(func(yield func(met, error) bool) {
			yield(met{item: rejected(o.file.name(), nil, reasonUnsafe, path.Base(o.file.name())+" "+o.file.refused), unproven: true}, nil)
		})
		return
	}
	o.pull, o.stop = iter.Pull2(s.read(o.file.name(), o.in, o.size))
}

// next is what comes next in the file.
func (o *opened) next() (m met, err error, more bool) {
	if m, err, more = o.pull(); more && err == nil && m.warn == "" {
		o.short = o.short || m.short
		m.repeats = o.said.otherwise(&m.item)
	}
	return m, err, more
}

// content is a digest of the bytes.
func (o *opened) content(ctx context.Context) (out stamp, err error) {
	if o.disk == nil {
		return o.state, nil
	}
	h := sha256.New()
	for at := int64(0); at < o.size; at += hashed {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		if _, err := io.Copy(h, io.NewSectionReader(o.disk, at, min(hashed, o.size-at))); err != nil {
			return out, unreadable(o.file.Name, err)
		}
	}
	copy(out[:], h.Sum(nil))
	return out, nil
}

// hashed is how much is read between two looks at the context, in bytes.
const hashed = 16 << 20

// isYoung reports whether the file was written a moment ago. Where clocks of file systems are coarse it may be written again
// without a new time.
func (o *opened) isYoung() bool {
	return o.disk != nil && time.Since(o.file.info.ModTime()) < 3*time.Second
}

// settled is the state to remember. A file that is young, or that another of the same size and time has replaced, is remembered
// by its bytes alone.
func (o *opened) settled() stamp {
	if o.isYoung() {
		return stamp{}
	}
	if o.disk != nil {
		if info, err := o.file.root.Stat(o.file.Name); err != nil || !os.SameFile(info, o.file.info) {
			return stamp{}
		}
	}
	return o.state
}

// check makes sure that the file is still what it was when it was opened.
func (o *opened) check() error {
	if o.disk == nil {
		return nil
	}
	info, err := o.file.root.Stat(o.file.Name)
	if err == nil && stateOf(info, "") == o.state {
		return nil
	}
	return changed(o.file.Name, err)
}

// changed is the error of a file that is not what it was when it was opened.
func changed(name string, err error) error {
	return &harvest.Error{Kind: harvest.Truncated, Detail: path.Base(name) + " changed while it was read", Err: err}
}

func (o *opened) close() {
	if o.stop != nil {
		o.stop()
	}
	if o.disk != nil {
		_ = o.disk.Close() // it was only read
	}
}
