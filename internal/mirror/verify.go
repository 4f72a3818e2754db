package mirror

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

// A Verdict says whether a folder is equal to what it mirrors.
type Verdict struct {
	Equal   bool
	Records int64  // in the folder
	Digest  string // of the folder
	Theirs  string // the digest that it should have; empty if there is none
	// Differ are examples of what differs, of those that were found.
	Differ []string
	Found  int
}

// Verify brings the folder to the head of the gateway's log, and compares their digests. If they differ, it reads the log
// again, and finds the records.
func (f *Folder) Verify(ctx context.Context, g follow.Follower) (*Verdict, error) {
	g.With, g.NATS = follow.With{OAIDC: true}, ""
	f.Head = nil
	for f.Head == nil || f.Head.Digest == "" { // the gateway works it out anew after an epoch has begun
		if err := g.CatchUp(ctx, f.Place(), f.Write); err != nil {
			return nil, err
		}
		if f.Head.Digest == "" {
			if err := pause(ctx); err != nil {
				return nil, err
			}
		}
	}
	digest, records, err := f.Digest(ctx)
	if err != nil {
		return nil, err
	}
	v := &Verdict{Records: records, Digest: fmt.Sprintf("%x", digest), Theirs: f.Head.Digest}
	if v.Equal = v.Digest == v.Theirs; v.Equal {
		return v, nil
	}
	return v, f.find(ctx, g, v)
}

// mostExamples bounds Verdict.Differ.
const mostExamples = 10

func (v *Verdict) differs(identifier, how string) {
	if v.Found++; len(v.Differ) < mostExamples {
		v.Differ = append(v.Differ, identifier+" "+how)
	}
}

// find compares the folder with the log, record by record.
func (f *Folder) find(ctx context.Context, g follow.Follower, v *Verdict) error {
	live := map[string]bool{} // paths
	err := g.CatchUp(ctx, follow.Place{}, func(_ context.Context, b *follow.Batch) error {
		b.Sweep() // nothing is written
		for i := range b.Changes {
			c := &b.Changes[i]
			path := f.path(c.Identifier)
			if delete(live, path); c.Deleted() {
				continue
			}
			live[path] = true
			text, err := readFile(path)
			if errors.Is(err, fs.ErrNotExist) {
				v.differs(c.Identifier, "is missing")
				continue
			}
			if err != nil {
				return err
			}
			r, err := f.state.Form.decode(text)
			if err != nil || !r.Datestamp.Equal(c.Datestamp) || r.Identifier != c.Identifier || r.OAIDC != c.OAIDC {
				v.differs(c.Identifier, "is another")
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.each(ctx, func(path string, r *record) error {
		if !live[path] {
			v.differs(r.Identifier, "is not in the log: "+path)
		}
		return nil
	})
}

// pause waits a moment for the gateway.
func pause(ctx context.Context) error {
	timer := time.NewTimer(500 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
