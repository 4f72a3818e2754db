package follow

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"

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
	for i := range m.Parts {
		p := &m.Parts[i]
		if p.Last <= r.place.Seq {
			continue
		}
		var broken *handlerError
		switch err := r.readPart(ctx, p, at.Epoch); {
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
		return r.give(ctx, nil, at, nil)
	}
	return nil
}

// manifest asks for the dump, and whether the log still knows its place.
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
	known, err := r.get(ctx, r.changesURL(at, 1, 0), 0)
	if err != nil {
		return m, at, err
	}
	return m, at, known.Close()
}

// readPart fetches a part, holds it against its checksum, and gives what it has.
func (r *run) readPart(ctx context.Context, p *part, epoch int64) error {
	f, err := os.CreateTemp("", "sheaf-dump-*.zst")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if err := r.fetchPart(ctx, p, f); err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	z, err := zstd.NewReader(f, zstd.WithDecoderMaxMemory(zstdBound), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return err
	}
	defer z.Close()
	c := collector{run: r, at: pipeline.Cursor{Epoch: epoch, Seq: r.place.Seq}}
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

// fetchPart fetches a part into a file. What was cut goes on where it was.
func (r *run) fetchPart(ctx context.Context, p *part, f *os.File) error {
	u, err := url.Parse(p.URL)
	if err != nil {
		return err
	}
	sum := sha256.New()
	have := int64(0)
	for try := 0; have < p.Bytes; try++ {
		var n int64
		n, err = r.fetchRange(ctx, u, io.MultiWriter(f, sum), have, p.Bytes)
		have += n
		if err == nil && have < p.Bytes {
			err = errCut
		}
		if err == nil {
			break
		}
		if n > 0 {
			try = 0
		}
		if try == partTries {
			return err
		}
		if err := r.pause(ctx, err); err != nil {
			return err
		}
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != p.SHA256 {
		return fmt.Errorf("its sha256 is %s, and the manifest says %.64s", got, p.SHA256)
	}
	return nil
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
