package intake

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// maxMemory is how large a body may be that is held in memory, in bytes.
const maxMemory = 1 << 20

// A sender has this long for its body, and a second more for each so many bytes that have come. Who sends a byte now and
// then is cut off.
const (
	freeTime = time.Minute
	minRate  = 16 << 10
)

// filePrefix begins the names of files that hold bodies.
const filePrefix = ".push-"

// A body is what was received.
type body struct {
	memory bytes.Buffer
	file   *os.File // nil as long as memory holds all
	dir    string
	sum    [sha256.Size]byte
	hash   hash.Hash
	size   int64
}

// receive reads the body of a request to its end, unpacks it, and keeps it.
func (d *Door) receive(w http.ResponseWriter, r *http.Request, in *intent) (*body, *refusal) {
	most := in.source.MaxSize
	if r.ContentLength > most {
		return nil, tooLarge(most)
	}
	paced := &paced{in: http.MaxBytesReader(w, r.Body, most), control: http.NewResponseController(w), began: time.Now(), free: d.freeTime}
	var content io.Reader = paced
	switch encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(paced)
		if err != nil {
			return nil, unreceived(err, most)
		}
		content = z
	default:
		return nil, refusedFor(http.StatusUnsupportedMediaType, "the Content-Encoding "+encoding+" can't be read", "Send the file as it is, or Content-Encoding: gzip.")
	}
	b := &body{dir: d.Dir, hash: sha256.New()}
	n, err := io.Copy(b, io.LimitReader(content, most+1))
	if err == nil && n > most {
		err = &http.MaxBytesError{Limit: most}
	}
	if err != nil {
		b.close()
		return nil, unreceived(err, most)
	}
	b.hash.Sum(b.sum[:0])
	// How long the run takes is no fault of the sender. Of one whose body is not used the time stays up: the server reads
	// the rest of it before it lets go of the connection.
	_ = paced.control.SetReadDeadline(time.Time{})
	return b, nil
}

// Write implements io.Writer.
func (b *body) Write(p []byte) (n int, err error) {
	if b.file == nil && b.size+int64(len(p)) > maxMemory {
		if err := b.spill(); err != nil {
			return 0, diskError{err}
		}
	}
	if b.file == nil {
		n, _ = b.memory.Write(p) // memory takes all
	} else if n, err = b.file.Write(p); err != nil {
		err = diskError{err}
	}
	b.hash.Write(p[:n])
	b.size += int64(n)
	return n, err
}

// spill moves the body to a file, which loses its name at once where the system permits it.
func (b *body) spill() error {
	f, err := os.CreateTemp(b.dir, filePrefix)
	if err != nil {
		return err
	}
	b.file = f
	_ = os.Remove(f.Name()) // else it goes when it is closed
	_, err = f.Write(b.memory.Bytes())
	b.memory = bytes.Buffer{}
	return err
}

// ReadAt implements io.ReaderAt.
func (b *body) ReadAt(p []byte, at int64) (int, error) {
	if b.file != nil {
		return b.file.ReadAt(p, at)
	}
	return bytes.NewReader(b.memory.Bytes()).ReadAt(p, at)
}

func (b *body) close() {
	if b.file != nil {
		_ = b.file.Close()
		_ = os.Remove(b.file.Name()) // if it has a name still
	}
}

// sweep removes bodies that a process has left which was killed.
func sweep(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, filePrefix+"*"))
	for _, name := range left {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

// A diskError says that a body could not be kept.
type diskError struct{ error }

// Unwrap gives the cause.
func (e diskError) Unwrap() error { return e.error }

// unreceived says why a body was not received.
func unreceived(err error, most int64) *refusal {
	var large *http.MaxBytesError
	var disk diskError
	switch {
	case errors.As(err, &large):
		return tooLarge(most)
	case errors.As(err, &disk):
		f := refusedFor(http.StatusServiceUnavailable, "the gateway has no room for it at present", "Nothing was stored. Send it again later.")
		f.err = disk
		return f
	case errors.Is(err, os.ErrDeadlineExceeded):
		return refusedFor(http.StatusRequestTimeout, "the body came too slowly", fmt.Sprintf("Nothing was stored. After the first minute at least %d kB a second must come.", minRate>>10))
	}
	return refusedFor(http.StatusBadRequest, "the body was cut short, or is not what its headers say: "+err.Error(), "Nothing was stored. Send it again.")
}

func tooLarge(most int64) *refusal {
	return refusedFor(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has more than %d bytes, before or after it was unpacked", most), "Nothing was stored. Send it in parts, or raise max_size: of the source.")
}

// paced gives a sender more time the more has come.
type paced struct {
	in      io.Reader
	control *http.ResponseController
	began   time.Time
	free    time.Duration
	got     int64
}

func (p *paced) Read(b []byte) (int, error) {
	until := p.began.Add(p.free + time.Duration(p.got)*time.Second/minRate)
	if err := p.control.SetReadDeadline(until); err != nil {
		return 0, err
	}
	n, err := p.in.Read(b)
	p.got += int64(n)
	return n, err
}
