package mirror

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// maxFile is the largest file that is read: a record of the largest size that a gateway serves.
const maxFile = 256 << 20

// unfinished is the end of the name of a file that is not whole yet.
const unfinished = ".unfinished"

// A writer writes files, each of them whole or not at all.
type writer struct {
	dirs map[string]bool // whose entries have changed; true of those that are known to be there
}

func (w *writer) write(path string, text []byte) (err error) {
	dir := filepath.Dir(path)
	if !w.dirs[dir] {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		w.dirs[dir] = true
	}
	f, err := os.Create(path + unfinished)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path+unfinished))
	}
	return os.Rename(path+unfinished, path)
}

// remove removes a file, if it is there. The folder that it would be in may not be there either.
func (w *writer) remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if dir := filepath.Dir(path); !w.dirs[dir] {
		w.dirs[dir] = false
	}
	return nil
}

// sync waits until what was written, renamed and removed is on the disk.
func (w *writer) sync() error {
	for dir := range w.dirs {
		d, err := os.Open(dir)
		if errors.Is(err, os.ErrNotExist) { // nothing was ever in it
			continue
		}
		if err != nil {
			return err
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return err
		}
	}
	return nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if len(b) > maxFile {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, maxFile)
	}
	return b, err
}
