package feed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A dump is the log in files, for followers that begin: lines as /changes?with=oai_dc gives them, true together with
// /changes behind the place that its manifest names. It is made in a folder of its own, which gets its name only when all
// in it is written and was read again. So a folder with that name is a whole dump, whatever happens:
//
//	<data>/dump/<epoch>.<seq>-<random>/manifest.json
//	<data>/dump/<epoch>.<seq>-<random>/00001.ndjson.zst …
//	<data>/dump/new-<random>/                            one that is being made; removed when the gateway starts
const (
	manifestName = "manifest.json"
	unfinished   = "new-"
	maxManifest  = 64 << 20
)

// A DumpLog is what is read to make dumps.
type DumpLog interface {
	pipeline.Feed
	// Suppressed gives records that persons have removed, in order of their identifiers.
	Suppressed(ctx context.Context, after string, limit int) ([]pipeline.Suppression, error)
}

// A Manifest says what a dump holds.
type Manifest struct {
	Cursor  string    `json:"cursor"` // /changes goes on behind it
	Began   string    `json:"began"`  // where the log was when the dump was begun
	Created time.Time `json:"created"`
	Rows    int64     `json:"rows"`
	Schema  string    `json:"schema"` // of a row
	Parts   []Part    `json:"parts"`
}

// A Part is one file of a dump. On the disk its URL is the name of the file.
type Part struct {
	URL    string `json:"url"`
	Bytes  int64  `json:"bytes"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"`
	First  string `json:"first"` // seqs
	Last   string `json:"last"`
}

// Size is how many bytes the parts have.
func (m *Manifest) Size() (bytes int64) {
	for i := range m.Parts {
		bytes += m.Parts[i].Bytes
	}
	return bytes
}

// A dump is one that can be served.
type dump struct {
	Manifest
	name string
	// gone says that a person has removed a record since. Nothing more is read of its files.
	gone atomic.Bool
}

func (d *dump) part(name string) *Part {
	i := slices.IndexFunc(d.Parts, func(p Part) bool { return p.URL == name })
	if i < 0 {
		return nil
	}
	return &d.Parts[i]
}

// Dumps are the dumps in a folder: the present one, and the one before it, of which somebody may still fetch parts.
type Dumps struct {
	dir    string
	log    DumpLog
	logger *slog.Logger
	wanted chan struct{} // has an element if one should be made at once

	mu       sync.Mutex
	kept     []*dump // the present one first
	removals int64   // of records by persons
	stop     func()  // ends the making of one; nil if none is made
	stopped  chan struct{}
	failures int64
}

// OpenDumps opens a folder. It removes what is half made, and what must not be served any more.
func OpenDumps(ctx context.Context, dir string, log DumpLog, logger *slog.Logger) (*Dumps, error) {
	d := &Dumps{dir: dir, log: log, logger: logger, wanted: make(chan struct{}, 1)}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return d, nil
	} else if err != nil {
		return nil, fmt.Errorf("open the dumps: %w", err)
	}
	var found []*dump
	for _, e := range entries {
		one, err := readDump(filepath.Join(dir, e.Name()))
		if err == nil {
			err = d.good(ctx, one)
		}
		if err == nil {
			found = append(found, one)
			continue
		}
		if !strings.HasPrefix(e.Name(), unfinished) {
			logger.Info("a dump is removed", "name", e.Name(), "err", err)
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return nil, fmt.Errorf("remove a dump that must not be served: %w", err)
		}
	}
	slices.SortFunc(found, func(a, b *dump) int { return b.Created.Compare(a.Created) })
	d.kept = found
	return d, d.tidy()
}

// readDump reads the manifest of a dump, and looks whether its files are there.
func readDump(dir string) (*dump, error) {
	if strings.HasPrefix(filepath.Base(dir), unfinished) {
		return nil, errors.New("it is not finished")
	}
	f, err := os.Open(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxManifest))
	if err != nil {
		return nil, err
	}
	out := &dump{name: filepath.Base(dir)}
	if err := json.Unmarshal(text, &out.Manifest); err != nil {
		return nil, err
	}
	for i := range out.Parts {
		p := &out.Parts[i]
		info, err := os.Stat(filepath.Join(dir, filepath.Base(p.URL)))
		if err != nil {
			return nil, err
		}
		if info.Size() != p.Bytes {
			return nil, fmt.Errorf("%s has %d bytes, not %d", p.URL, info.Size(), p.Bytes)
		}
	}
	return out, nil
}

// good says why a dump must not be served: it is not of this history of the log, or a person has removed a record since,
// and the gateway was killed before it had removed the dump.
func (d *Dumps) good(ctx context.Context, one *dump) error {
	place, err := d.followed(ctx, one)
	if err != nil {
		return err
	}
	if place, err = pipeline.ParseCursor(one.Began); err != nil {
		return err
	}
	for after := ""; ; {
		some, err := d.log.Suppressed(ctx, after, 500)
		if err != nil || len(some) == 0 {
			return err
		}
		for i := range some {
			if after = some[i].Identifier; some[i].Seq > place.Seq {
				return fmt.Errorf("%s was removed since", after)
			}
		}
	}
}

// followed says why a follower could not go on from a dump.
func (d *Dumps) followed(ctx context.Context, one *dump) (pipeline.Cursor, error) {
	place, err := pipeline.ParseCursor(one.Cursor)
	if err != nil {
		return place, err
	}
	page, err := d.log.Changes(ctx, pipeline.Wanted{After: place.Seq, Limit: 1, Bytes: 1})
	if err == nil && (page.Head.Epoch != place.Epoch || page.Head.Seq < place.Seq) {
		err = fmt.Errorf("its place %s is not in the log, which is at %s", place, page.Head.Cursor)
	}
	return place, err
}

// tidy removes all dumps but two.
func (d *Dumps) tidy() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.kept) > 2 {
		if err := os.RemoveAll(filepath.Join(d.dir, d.kept[2].name)); err != nil {
			return fmt.Errorf("remove an old dump: %w", err)
		}
		d.kept = slices.Delete(d.kept, 2, 3)
	}
	return nil
}

// Removed says that a person has removed a record from the log. It removes the dumps, which may hold what the record was,
// the one that is being made too, and has a new one made.
func (d *Dumps) Removed(ctx context.Context, s *pipeline.Suppression) error {
	if s.Seq == 0 { // the log never had it
		return nil
	}
	d.mu.Lock()
	d.removals++
	old, stop, stopped := d.kept, d.stop, d.stopped
	for _, one := range old {
		one.gone.Store(true)
	}
	d.kept = nil
	d.mu.Unlock()
	if stop != nil {
		stop()
		select {
		case <-stopped:
		case <-ctx.Done():
			return fmt.Errorf("remove the dump that is being made: %w", ctx.Err())
		}
	}
	var errs []error
	for _, one := range old {
		errs = append(errs, os.RemoveAll(filepath.Join(d.dir, one.name)))
	}
	d.want()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("remove the dumps that may hold the record: %w", err)
	}
	return nil
}

// want has a dump made at once, if dumps are made.
func (d *Dumps) want() {
	select {
	case d.wanted <- struct{}{}:
	default:
	}
}

// present is the dump that is served; nil if there is none.
func (d *Dumps) present() *dump {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.kept) == 0 {
		return nil
	}
	return d.kept[0]
}

// named is a dump of which parts are served.
func (d *Dumps) named(name string) *dump {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, one := range d.kept {
		if one.name == name {
			return one
		}
	}
	return nil
}

// Present is the manifest of the dump that is served, with the names of its files; ok is false if there is none. failures
// are how often one was not made since the gateway started.
func (d *Dumps) Present() (m Manifest, ok bool, failures int64) {
	if one := d.present(); one != nil {
		m, ok = one.Manifest, true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return m, ok, d.failures
}
