// Package audit writes down what people have done to a gateway: who decided, took down, retired, restored or signed in,
// and when.
//
// It is kept in the data folder, in audit.ndjson, a JSON object a line, and not in the log of records, because a restored
// log would take back what was written since its backup. A file that has become too large, or goes back too far, becomes
// audit.1.ndjson, in the place of the one before, which is all that is ever forgotten. Backups of the log carry it (merge.go).
package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// An Entry is one thing that somebody has done.
type Entry struct {
	At   time.Time `json:"at"`
	What string    `json:"what"` // one of the words below
	Who  string    `json:"who"`
	// Via is how: by a command, or on the operators' pages. From is the address of the client, where there is one.
	Via  string `json:"via,omitempty"`
	From string `json:"from,omitempty"`
	// What it was done to, as far as it applies, and why. More says what came of it.
	Source string `json:"source,omitempty"`
	Record string `json:"record,omitempty"`
	Run    int64  `json:"run,omitempty"`
	File   string `json:"file,omitempty"`
	Reason string `json:"reason,omitempty"`
	More   string `json:"more,omitempty"`
}

// What people do.
const (
	Approve  = "approve"
	Refuse   = "refuse"
	Pause    = "pause"
	Resume   = "resume"
	Cancel   = "cancel"
	Retire   = "retire"
	Takedown = "takedown"
	Withdraw = "withdraw"
	Readmit  = "readmit"
	Harvest  = "harvest" // one that is more than the usual one, or was asked for on the pages
	Retry    = "retry"
	Drop     = "drop"
	Remap    = "remap"
	Epoch    = "epoch"
	Clock    = "clock"
	Backup   = "backup"
	Restore  = "restore"
	Reload   = "reload"
	SignIn   = "sign-in"
	SignOut  = "sign-out"
	Rejected = "sign-in refused"
)

// How people do it.
const (
	ByCommand = "command"
	ByPages   = "pages"
)

const (
	name, before = "audit.ndjson", "audit.1.ndjson"
	// maxText bounds each text of an entry, in bytes.
	maxText = 2000
)

// Bounds say how much of the log is kept.
type Bounds struct {
	// Bytes is the size of both files together.
	Bytes int64
	// Age is how long an entry is shown; for ever if zero. It is on the disk for twice that time at most, as long as anything
	// is written.
	Age time.Duration
}

// A Log is the audit log of a data folder. Several may write to one folder at once, from several processes too.
type Log struct {
	dir    string
	bounds Bounds
	now    func() time.Time
	mu     sync.Mutex
}

// Open returns the log of a data folder, which need not have one yet.
func Open(dir string, b Bounds) *Log { return &Log{dir: dir, bounds: b, now: time.Now} }

// Note writes down what was done. It is on the disk when Note returns. Texts that are too long are cut.
func (l *Log) Note(e Entry) error {
	if e.At.IsZero() {
		e.At = l.now().UTC().Truncate(time.Second)
	}
	for _, text := range []*string{&e.What, &e.Who, &e.Via, &e.From, &e.Source, &e.Record, &e.File, &e.Reason, &e.More} {
		*text = wording.Shorten(*text, maxText)
	}
	line, err := json.Marshal(e)
	if err == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		err = l.write(append(line, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write to the audit log: %w", err)
	}
	return nil
}

// write appends a line. If what is there does not end with one, because a process was killed, the line begins a new one.
func (l *Log) write(line []byte) (err error) {
	path := filepath.Join(l.dir, name)
	if full, err := l.full(path, int64(len(line))); err != nil {
		return err
	} else if full {
		if err := os.Rename(path, filepath.Join(l.dir, before)); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if last := []byte{'\n'}; size > 0 {
		if _, err := f.ReadAt(last, size-1); err != nil {
			return err
		}
		if last[0] != '\n' {
			line = append([]byte{'\n'}, line...)
		}
	}
	if _, err := f.Write(line); err != nil {
		return err
	}
	return f.Sync()
}

// full reports whether the file has to make room for a new one: it would be too large with so much more, or what it begins
// with is too old. The file before it is then older still.
func (l *Log) full(path string, more int64) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	if info.Size() > 0 && info.Size()+more > l.bounds.Bytes/2 {
		return true, nil
	}
	line, err := bufio.NewReader(f).ReadBytes('\n')
	var first Entry
	return err == nil && json.Unmarshal(line, &first) == nil && l.tooOld(&first), nil
}

func (l *Log) tooOld(e *Entry) bool {
	return l.bounds.Age > 0 && e.At.Before(l.now().Add(-l.bounds.Age))
}

// Last gives up to limit entries, the last one first. Lines that can't be read, because a process was killed while it wrote
// them, are passed over.
func (l *Log) Last(limit int) (out []Entry, err error) {
	for _, name := range []string{before, name} {
		f, err := os.Open(filepath.Join(l.dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the audit log: %w", err)
		}
		err = read(f, func(e Entry) {
			if !l.tooOld(&e) {
				out = append(out, e)
			}
		})
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("read the audit log: %w", err)
		}
	}
	slices.Reverse(out)
	return out[:min(limit, len(out))], nil
}

func read(r io.Reader, f func(Entry)) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		var e Entry
		if len(bytes.TrimSpace(line)) > 0 && json.Unmarshal(line, &e) == nil {
			f(e)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
