package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// A Folder keeps copies as files.
type Folder struct {
	Dir string // made if it is not there

	// Copy writes a copy to a file that does not exist yet. It returns nil when the copy is on the disk, and was found whole.
	Copy func(ctx context.Context, file string) error
	// Room says why there is no room for a copy in the folder; nil if there is.
	Room func(dir string) error
}

// List implements [Place].
func (f *Folder) List(context.Context) (out []Copy, err error) {
	entries, err := os.ReadDir(f.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look at the backups: %w", err)
	}
	for _, e := range entries {
		at, ok := Begun(e.Name())
		if !ok || !e.Type().IsRegular() {
			continue
		}
		if info, err := e.Info(); err == nil { // else it went away meanwhile
			out = append(out, Copy{e.Name(), at, info.Size()})
		}
	}
	oldestFirst(out)
	return out, nil
}

// Write implements [Place].
func (f *Folder) Write(ctx context.Context, name string) error {
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return fmt.Errorf("make the folder of backups: %w", err)
	}
	if err := f.Room(f.Dir); err != nil {
		return err
	}
	return f.Copy(ctx, f.Where(name))
}

// Open implements [Place]. A copy is held to its own digest where it is restored.
func (f *Folder) Open(_ context.Context, name string) (io.ReadCloser, error) {
	return os.Open(f.Where(name))
}

// Remove implements [Place].
func (f *Folder) Remove(_ context.Context, name string) error {
	if err := os.Remove(f.Where(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Where implements [Place].
func (f *Folder) Where(name string) string { return filepath.Join(f.Dir, name) }
