package follow

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/url"
	"os"
	"slices"

	"github.com/klauspost/compress/zstd"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A dump is the log from its beginning, written beforehand: what /changes would say, in files that cost the gateway
// nothing. So a place in a dump is a place in the log, and what is wrong with a dump costs only time.

const (
	maxPart   = 8 << 30
	maxParts  = 100_000
	zstdBound = 256 << 20 // what a part may make its reader keep in memory
	partTries = 5
)

type manifest struct {
	Cursor string `json:"cursor"`
	Parts  []part `json:"parts"`
}

type part struct {
	URL    string `json:"url"`
	Bytes  int64  `json:"bytes"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"`
	Last   int64  `json:"last,string"` // the seq of its last row
}

// dumpHelps says whether the lines of a dump are what was asked for.
func (r *run) dumpHelps() bool {
	return r.Source == "" && r.Set == "" && !r.With.Original && !r.With.Origin
}

// readDump gives what a dump has behind the place. It returns an error only if the follower can't go on without the
// dump either.
func (r *run) readDump(ctx context.Context) error {
	m, at, err := r.manifest(ctx)
	if err != nil {
		r.Log.Info("no dump can be had, so the log is read from /changes", "err", err)
		return nil
	}
	parts := slices.DeleteFunc(m.Parts, func(p part) bool { return p.Last <= r.place.Seq })
	ctx, cancel := context.WithCancel(ctx)
	var next *download // on its way while the part before it is read
	defer func() {
		cancel()
		next.close()
	}()
	for i := range parts {
		p, d := &parts[i], next
		if d == nil {
			d = r.download(ctx, p)
		}
		if next = nil; i+1 < len(parts) {
			next = r.download(ctx, &parts[i+1])
		}
		err := r.readPart(ctx, d, at)
		d.close()
		var broken *handlerError
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.As(err, &broken):
			return err
		case err != nil:
			r.Log.Warn("a part of the dump can't be had, so the rest is read from /changes", "part", p.URL, "err", err)
			return nil
		}
	}
	if r.place.Seq < at.Seq {
		return r.give(ctx, nil, pipeline.At(at, r.place.Seen), nil)
	}
	return nil
}

// manifest asks for the dump, and whether the log still knows our place and that of the dump.
func (r *run) manifest(ctx context.Context) (m manifest, at pipeline.Cursor, err error) {
	u := r.base.JoinPath("dump")
	body, err := r.get(ctx, u, 0)
	if err != nil {
		return m, at, err
	}
	defer body.Close()
	if err := json.NewDecoder(io.LimitReader(body, maxSmall)).Decode(&m); err != nil {
		return m, at, fmt.Errorf("the manifest of the dump can't be read: %w", err)
	}
	if at, err = pipeline.ParseCursor(m.Cursor); err != nil || len(m.Parts) > maxParts {
		return m, at, fmt.Errorf("the manifest of the dump is none: cursor %.50q, %d parts", m.Cursor, len(m.Parts))
	}
	if r.place.Epoch != 0 && r.place.Epoch != at.Epoch {
		return m, at, errors.New("the dump is one of another epoch")
	}
	for i := range m.Parts {
		p := &m.Parts[i]
		ref, err := url.Parse(p.URL)
		if err != nil || p.Bytes < 0 || p.Bytes > maxPart {
			return m, at, fmt.Errorf("the manifest of the dump has a part %.100q of %d bytes", p.URL, p.Bytes)
		}
		p.URL = u.ResolveReference(ref).String()
	}
	for _, place := range []pipeline.Position{r.place.Position, pipeline.At(at, 0)} {
		if place.Epoch == 0 {
			continue
		}
		known, err := r.get(ctx, r.changesURL(place, 1, 0), 0)
		if err != nil {
			return m, at, err
		}
		if err := known.Close(); err != nil {
			return m, at, err
		}
	}
	return m, at, nil
}

// A download is a part on its way into a file. The first try goes on in the background.
type download struct {
	*part
	file  *os.File
	sum   hash.Hash
	have  int64      // bytes that are there
	first chan error // what became of the first try
	err   error      // why there is no file
}

// download begins to fetch a part.
func (r *run) download(ctx context.Context, p *part) *download {
	d := &download{part: p, sum: sha256.New(), first: make(chan error, 1)}
	if d.file, d.err = os.CreateTemp("", "sheaf-dump-*.zst"); d.err != nil {
		return d
	}
	go func() {
		defer close(d.first)
		d.first <- r.fetchMore(ctx, d)
	}()
	return d
}

// close removes the file, when nothing is written to it any more.
func (d *download) close() {
	if d == nil || d.err != nil {
		return
	}
	for range d.first {
	}
	_ = d.file.Close()           // what was wanted of it was read
	_ = os.Remove(d.file.Name()) // it lies among the temporary files
}

// readPart waits for a part of a dump that goes up to whole, holds it against its checksum, and gives what it has.
func (r *run) readPart(ctx context.Context, p *download, whole pipeline.Cursor) error {
	if p.err != nil {
		return p.err
	}
	if err := r.fetchPart(ctx, p); err != nil {
		return err
	}
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	z, err := zstd.NewReader(p.file, zstd.WithDecoderMaxMemory(zstdBound), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return err
	}
	defer z.Close()
	c := collector{run: r, at: pipeline.At(pipeline.Cursor{Epoch: whole.Epoch, Seq: r.place.Seq}, max(whole.Seq, r.place.Seen))}
	lines := bufio.NewReaderSize(z, 64<<10)
	last, n := int64(0), int64(0) // of the part, which may begin before our place
	end, err := r.eachLine(func() ([]byte, error) { return readLine(lines) }, func(d *decoded) error {
		if n++; d.err != nil || d.change.Seq <= last {
			return fmt.Errorf("line %d is out of order: %d behind %d, %w", n, d.change.Seq, last, d.err)
		}
		if last = d.change.Seq; last <= r.place.Seq {
			return nil
		}
		return c.take(ctx, d, false)
	})
	switch {
	case err != nil:
		return err
	case errors.Is(end, errCut) && n == p.Rows:
		return c.give(ctx, nil)
	}
	return fmt.Errorf("behind line %d of %d: %w", n, p.Rows, end)
}

// fetchPart waits until a part is there. What was cut goes on where it was.
func (r *run) fetchPart(ctx context.Context, d *download) error {
	had := int64(0)
	err := <-d.first
	for try := 0; err != nil; try++ {
		if d.have > had {
			try = 0
		}
		if try == partTries {
			return err
		}
		if err := r.pause(ctx, err); err != nil {
			return err
		}
		had = d.have
		err = r.fetchMore(ctx, d)
	}
	if got := hex.EncodeToString(d.sum.Sum(nil)); got != d.SHA256 {
		return fmt.Errorf("its sha256 is %s, and the manifest says %.64s", got, d.SHA256)
	}
	return nil
}

// fetchMore fetches what is missing of a part.
func (r *run) fetchMore(ctx context.Context, d *download) error {
	if d.have == d.Bytes {
		return nil
	}
	u, err := url.Parse(d.URL)
	if err != nil {
		return err
	}
	n, err := r.fetchRange(ctx, u, io.MultiWriter(d.file, d.sum), d.have, d.Bytes)
	if d.have += n; err == nil && d.have < d.Bytes {
		err = errCut
	}
	return err
}

func (r *run) fetchRange(ctx context.Context, u *url.URL, to io.Writer, from, size int64) (int64, error) {
	// A length in the answer's own encoding would be another one.
	headers := []string{"Accept-Encoding", "identity"}
	if from > 0 {
		headers = append(headers, "Range", fmt.Sprintf("bytes=%d-", from))
	}
	body, err := r.get(ctx, u, 0, headers...)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	if from > 0 && !body.partial {
		if _, err := io.CopyN(io.Discard, body, from); err != nil {
			return 0, err
		}
	}
	return io.Copy(to, io.LimitReader(body, size-from))
}
