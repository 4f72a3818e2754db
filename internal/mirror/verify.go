package mirror

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

// A Verdict says whether a copy is equal to what it mirrors.
type Verdict struct {
	Equal   bool
	Records int64  // in the copy
	Digest  string // of the copy
	Theirs  string // the digest that it should have; empty if there is none
	// Differ are examples of what differs, of those that were found.
	Differ []string
	Found  int
}

// Verify brings the copy to the head of the gateway's log, and compares their digests. If they differ, it reads the log
// again, and finds the records.
func (c *Copy) Verify(ctx context.Context, g follow.Follower) (*Verdict, error) {
	g.With, g.NATS = follow.With{OAIDC: true}, ""
	c.Head = nil
	for c.Head == nil || c.Head.Digest == "" { // the gateway works it out anew after an epoch has begun
		if err := g.CatchUp(ctx, c.Place(), c.Write); err != nil {
			return nil, err
		}
		if c.Head.Digest == "" {
			if err := pause(ctx); err != nil {
				return nil, err
			}
		}
	}
	digest, records, err := c.Digest(ctx)
	if err != nil {
		return nil, err
	}
	v := &Verdict{Records: records, Digest: fmt.Sprintf("%x", digest), Theirs: c.Head.Digest}
	if v.Equal = v.Digest == v.Theirs; v.Equal {
		return v, nil
	}
	return v, c.find(ctx, g, v)
}

// mostExamples bounds Verdict.Differ.
const mostExamples = 10

func (v *Verdict) differs(identifier, how string) {
	if v.Found++; len(v.Differ) < mostExamples {
		v.Differ = append(v.Differ, identifier+" "+how)
	}
}

// find compares the copy with the log, record by record.
func (c *Copy) find(ctx context.Context, g follow.Follower, v *Verdict) error {
	live := map[string]bool{} // where the records should be
	err := g.CatchUp(ctx, follow.Place{}, func(_ context.Context, b *follow.Batch) error {
		b.Sweep() // nothing is written
		for i := range b.Changes {
			is := &b.Changes[i]
			where := c.kept.where(is.Identifier)
			if delete(live, where); is.Deleted() {
				continue
			}
			live[where] = true
			r, err := c.kept.read(where)
			switch {
			case errors.Is(err, fs.ErrNotExist):
				v.differs(is.Identifier, "is missing")
			case err != nil && !errors.Is(err, errRecord):
				return err
			case err != nil || !r.Datestamp.Equal(is.Datestamp) || r.Identifier != is.Identifier || r.OAIDC != is.OAIDC:
				v.differs(is.Identifier, "is another")
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.kept.each(ctx, func(where string, r *record) error {
		if !live[where] {
			v.differs(r.Identifier, "is not in the log: "+where)
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
