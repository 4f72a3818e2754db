package datadir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Highwater is a small file beside the database that says how far the log had come. It is written
// after each commit and before anybody learns of it, so it is never ahead of the database that it
// lies beside: unless that is an older copy.
type Highwater struct{ f *os.File }

// OpenHighwater opens the mark of a folder.
func OpenHighwater(dir string) (*Highwater, error) {
	f, err := os.OpenFile(filepath.Join(dir, HighwaterName), os.O_RDWR|os.O_CREATE, PrivateFile)
	if err != nil {
		return nil, fmt.Errorf("open the high-water mark: %w; make it writable for the gateway", err)
	}
	return &Highwater{f}, nil
}

// Write needs no sync: the mark guards against copies of files, not against a power cut (a lost
// mark lags behind the log, which is harmless).
func (w *Highwater) Write(h pipeline.Head) error {
	line := fmt.Sprintf("%020d %020d %020d\n", h.Epoch, h.Seq, h.Datestamp.Unix())
	if _, err := w.f.WriteAt([]byte(line), 0); err != nil {
		return fmt.Errorf("write the high-water mark: %w", err)
	}
	return nil
}

// Close closes the file.
func (w *Highwater) Close() error { return w.f.Close() }

// ReadHighwater reads the mark; ok is false if there is none that can be read.
func ReadHighwater(dir string) (h pipeline.Head, ok bool, err error) {
	b, err := os.ReadFile(filepath.Join(dir, HighwaterName))
	if errors.Is(err, fs.ErrNotExist) {
		return h, false, nil
	}
	if err != nil {
		return h, false, fmt.Errorf("read the high-water mark: %w", err)
	}
	var ds int64
	if n, _ := fmt.Sscanf(string(b), "%d %d %d", &h.Epoch, &h.Seq, &ds); n != 3 {
		return pipeline.Head{}, false, nil
	}
	h.Datestamp = time.Unix(ds, 0).UTC()
	return h, true, nil
}
