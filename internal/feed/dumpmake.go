package feed

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Making says how dumps are made.
type Making struct {
	// URL is the public root of the gateway, to which the links in rows lead.
	URL string
	// Every is how old a dump may become.
	Every time.Duration
	// Room says why there is no room for more files; nil if there is.
	Room func() error
	// Published hears of each dump that is there from now on.
	Published func(*Manifest)
	// PartBytes is how large a part becomes, 60 MB if zero: it may be exceeded by what was read at once.
	PartBytes int64
}

const (
	partBytes = 60_000_000
	// dumpLook is how often it is asked whether a dump is due.
	dumpLook = time.Minute
	// dumpRetry is how long to wait after a failure.
	dumpRetry = 10 * time.Minute
)

// Run makes dumps until ctx ends: when the present one is as old as it may be, is not of the log any more or lacks a third
// of what there is, and when one is wanted.
func (d *Dumps) Run(ctx context.Context, m Making) error {
	tick := time.NewTicker(dumpLook)
	defer tick.Stop()
	failed := time.Time{}
	for {
		if why := d.due(ctx, m.Every); why != "" && time.Since(failed) > dumpRetry {
			began := time.Now()
			made, err := d.Make(ctx, m)
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case errors.Is(err, errRemoved):
				continue
			case err != nil:
				failed = time.Now()
				d.logger.Warn("no dump was made", "err", err, "retry_in", dumpRetry.String())
			default:
				d.logger.Info("a dump is made", "why", why, "cursor", made.Cursor, "records", made.Rows, "bytes", made.Size(), "took", time.Since(began).Round(time.Millisecond).String())
			}
		}
		select {
		case <-d.wanted:
			failed = time.Time{}
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// due says why a dump should be made now; empty if none should.
func (d *Dumps) due(ctx context.Context, every time.Duration) string {
	one := d.present()
	if one == nil {
		return "there is none"
	}
	if time.Since(one.Created) > every {
		return "the last one is old"
	}
	place, err := d.followed(ctx, one)
	if err != nil {
		return "the last one is of another history of the log"
	}
	head, err := d.log.Changes(ctx, pipeline.Wanted{After: pipeline.MaxCursor, Limit: 1, Bytes: 1})
	if err == nil && head.Head.Seq > place.Seq && head.Live > one.Rows+one.Rows/2+1000 {
		return "much has come since the last one"
	}
	return ""
}

// errRemoved says that what was made was thrown away because a person has removed a record meanwhile.
var errRemoved = errors.New("a record was removed while the dump was made")

// Make makes a dump, and serves it from then on.
func (d *Dumps) Make(ctx context.Context, m Making) (_ *Manifest, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	d.mu.Lock()
	if d.stop != nil {
		d.mu.Unlock()
		return nil, errors.New("a dump is being made already")
	}
	removals, stopped := d.removals, make(chan struct{})
	d.stop, d.stopped = stop, stopped
	d.mu.Unlock()
	dir := filepath.Join(d.dir, unfinished+rand.Text())
	defer func() {
		err = errors.Join(err, os.RemoveAll(dir)) // it is not there any more if all went well
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.removals != removals && err != nil {
			err = errRemoved
		} else if err != nil {
			d.failures++
		}
		d.stop = nil
		close(stopped)
	}()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make a dump: %w", err)
	}
	w := &dumpWriter{Making: &m, dir: dir, log: d.log, enc: changejson.NewEncoder(m.URL)}
	defer func() { err = errors.Join(err, w.abandon()) }()
	manifest, err := w.write(ctx)
	if err != nil {
		return nil, fmt.Errorf("make a dump: %w", err)
	}
	made := &dump{Manifest: *manifest, name: manifest.Cursor + "-" + rand.Text()}
	d.mu.Lock()
	if d.removals != removals {
		d.mu.Unlock()
		return nil, errRemoved
	}
	if err = os.Rename(dir, filepath.Join(d.dir, made.name)); err == nil {
		d.kept = append([]*dump{made}, d.kept...)
	}
	d.mu.Unlock()
	if err != nil {
		return nil, fmt.Errorf("make a dump: %w", err)
	}
	if err := errors.Join(syncDir(d.dir), d.tidy()); err != nil {
		return nil, err
	}
	if m.Published != nil {
		m.Published(manifest)
	}
	return manifest, nil
}

// A dumpWriter writes the log into parts.
type dumpWriter struct {
	*Making
	dir string
	log DumpLog
	enc changejson.Encoder

	manifest Manifest
	part     *partWriter // nil between two
	buf      []byte
}

// write reads the log piece by piece, each in a snapshot of its own. A record that moves meanwhile comes again, at its new
// place, or stands behind the end. So what is written, and the changes behind the place where the last snapshot ended, are
// the log. The next piece is read while one is written, each on its own goroutine.
func (w *dumpWriter) write(ctx context.Context) (*Manifest, error) {
	w.manifest = Manifest{Created: time.Now().UTC().Truncate(time.Second), Parts: []Part{}}
	ctx, cancel := context.WithCancel(ctx)
	next := w.read(ctx, 0)
	defer func() {
		cancel()
		<-next.done
	}()
	var first pipeline.Head
	for place := int64(0); ; {
		<-next.done
		page, err := next.page, next.err
		if err != nil {
			return nil, err
		}
		if first.Epoch == 0 {
			first = page.Head
			w.manifest.Began = first.Cursor.String()
		}
		if page.Head.Epoch != first.Epoch {
			return nil, errors.New("a new epoch has begun meanwhile")
		}
		if page.Upto < first.Seq {
			next = w.read(ctx, page.Upto)
		}
		if err := w.piece(page.Records, first.Epoch, place); err != nil {
			return nil, err
		}
		if place = page.Upto; place >= first.Seq {
			w.manifest.Cursor = pipeline.Cursor{Epoch: first.Epoch, Seq: place}.String()
			break
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if err := w.endPart(); err != nil {
		return nil, err
	}
	for i := range w.manifest.Parts {
		if err := w.verify(ctx, &w.manifest.Parts[i]); err != nil {
			return nil, err
		}
	}
	text, err := json.Marshal(&w.manifest)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(w.dir, manifestName), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(text)
	return &w.manifest, errors.Join(err, f.Sync(), f.Close(), syncDir(w.dir))
}

// A pieceRead is a piece of the log that is read in the background.
type pieceRead struct {
	done chan struct{} // closed when the rest is there
	page pipeline.Changes
	err  error
}

// read reads the piece behind a place.
func (w *dumpWriter) read(ctx context.Context, after int64) *pieceRead {
	r := &pieceRead{done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.page, r.err = w.log.Changes(ctx, pipeline.Wanted{After: after, OAIDC: true, Limit: pieceRecords, Bytes: pieceBytes})
	}()
	return r
}

// piece appends records to the present part.
func (w *dumpWriter) piece(records []pipeline.Record, epoch, prev int64) error {
	if len(records) == 0 {
		return nil
	}
	w.buf = w.buf[:0]
	for i := range records {
		ev := pipeline.Event{Record: records[i], Epoch: epoch, Prev: prev}
		ev.NameSource()
		w.buf = w.enc.AppendLine(w.buf, &ev, changejson.Extras{OAIDC: true})
		prev = ev.Seq
	}
	if w.part == nil {
		if err := w.beginPart(records[0].Seq); err != nil {
			return err
		}
	}
	p := w.part
	p.Rows += int64(len(records))
	p.Last = strconv.FormatInt(prev, 10)
	w.manifest.Rows += int64(len(records))
	if _, err := p.zip.Write(w.buf); err != nil {
		return err
	}
	limit := w.PartBytes
	if limit == 0 {
		limit = partBytes
	}
	if p.Bytes < limit {
		return w.room()
	}
	return w.endPart()
}

func (w *dumpWriter) room() error {
	if w.Room == nil {
		return nil
	}
	return w.Room()
}

// A partWriter writes one part: it counts what it writes.
type partWriter struct {
	Part
	file *os.File
	sum  hash.Hash
	zip  *zstd.Encoder
}

func (p *partWriter) Write(b []byte) (int, error) {
	n, err := p.file.Write(b)
	p.sum.Write(b[:n])
	p.Bytes += int64(n)
	return n, err
}

func (w *dumpWriter) beginPart(first int64) (err error) {
	if err := w.room(); err != nil {
		return err
	}
	p := &partWriter{Part: Part{URL: fmt.Sprintf("%05d.ndjson.zst", len(w.manifest.Parts)+1), First: strconv.FormatInt(first, 10)}, sum: sha256.New()}
	if p.file, err = os.OpenFile(filepath.Join(w.dir, p.URL), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	w.part = p
	p.zip, err = zstd.NewWriter(p, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1)) // the gateway has other things to do
	return err
}

func (w *dumpWriter) endPart() error {
	p := w.part
	if p == nil {
		return nil
	}
	w.part = nil
	if err := errors.Join(p.zip.Close(), p.file.Sync(), p.file.Close()); err != nil {
		return err
	}
	p.SHA256 = hex.EncodeToString(p.sum.Sum(nil))
	w.manifest.Parts = append(w.manifest.Parts, p.Part)
	return nil
}

// abandon closes what an error has left open.
func (w *dumpWriter) abandon() error {
	if w.part == nil {
		return nil
	}
	return w.part.file.Close()
}

// verify reads a part again as its readers will.
func (w *dumpWriter) verify(ctx context.Context, p *Part) error {
	f, err := os.Open(filepath.Join(w.dir, p.URL))
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	z, err := zstd.NewReader(io.TeeReader(f, sum), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return err
	}
	defer z.Close()
	rows := lineCounter{ctx: ctx}
	if _, err := io.Copy(&rows, z); err != nil {
		return fmt.Errorf("read %s again: %w", p.URL, err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != p.SHA256 || rows.n != p.Rows {
		return fmt.Errorf("%s was read again with %d rows and the sum %s, and was written with %d and %s: the disk is not to be trusted", p.URL, rows.n, got, p.Rows, p.SHA256)
	}
	return nil
}

type lineCounter struct {
	ctx context.Context
	n   int64
}

func (c *lineCounter) Write(b []byte) (int, error) {
	c.n += int64(bytes.Count(b, []byte{'\n'}))
	return len(b), c.ctx.Err()
}

// syncDir makes names in a folder durable.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
