package search

import (
	"context"
	"fmt"
	"slices"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// walkPatience bounds how long a piece of a walk may take. Nobody waits for the first line of a list as for a page.
const walkPatience = 10 * time.Second

// A Hit is a record that was found, at its place in the log.
type Hit struct {
	Identifier string
	Seq        int64
}

// A Walked is a piece of everything that a query finds.
type Walked struct {
	Hits []Hit // in the order of their seqs
	// Upto is the place behind which the next piece begins: that of the last hit or, if there are no more, of the index.
	Upto pipeline.Cursor
	More bool
	// Head is the seq up to which the log goes, as far as the index has heard. What stands behind Upto may be hits too.
	Head int64
}

// Walk gives up to limit of all hits of a query behind a place of the log, in the order of the log: the deepest piece costs
// what the first one does, and a record that changes meanwhile is met again further on, so that none is missed. Sort,
// Offset and Limit of the query count for nothing. The error is one of the index, or says that there was no time.
func (x *Index) Walk(ctx context.Context, q *Query, after int64, limit int) (*Walked, error) {
	ctx, cancel := context.WithTimeout(ctx, walkPatience)
	defer cancel()
	p := x.plan(q)
	// The place is read first: what the index takes in meanwhile is behind it, and is met by the next piece.
	out := &Walked{Upto: *x.place.Load(), Head: x.head.Load()}
	if p.nothing {
		return out, nil
	}
	err := x.view(ctx, func(conn *sqlite.Conn, k kept) error {
		p.kept = k
		defer conn.SetInterrupt(conn.SetInterrupt(ctx.Done()))
		return p.walk(conn, after, limit+1, &out.Hits)
	})
	x.saw(err)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	if out.More = len(out.Hits) > limit; out.More {
		out.Hits = out.Hits[:limit]
		out.Upto.Seq = out.Hits[limit-1].Seq
	}
	if n := len(out.Hits); n > 0 {
		out.Upto.Seq = max(out.Upto.Seq, out.Hits[n-1].Seq)
	}
	return out, nil
}

func (p *plan) walk(conn *sqlite.Conn, after int64, limit int, out *[]Hit) error {
	if err := p.resolve(conn); err != nil {
		return err
	}
	var found []int64
	take := func(seq int64) bool {
		if p.match == "" || p.fits(seq) {
			found = append(found, seq)
		}
		return len(found) < limit
	}
	if p.match == "" {
		all, err := p.fitting(conn)
		if err != nil {
			return err
		}
		for seq := range all.oldest(after + 1) {
			if !take(seq) {
				break
			}
		}
	} else if err := p.each(conn, false, after+1, take); err != nil {
		return err
	}
	named, err := p.namedBy(conn)
	if err != nil {
		return err
	}
	for _, seq := range named {
		if seq > after && p.fits(seq) {
			found = append(found, seq)
		}
	}
	slices.Sort(found)
	found = slices.Compact(found)
	found = found[:min(len(found), limit)]
	names, err := identifiers(conn, found)
	if err != nil {
		return err
	}
	for i, seq := range found {
		*out = append(*out, Hit{names[i], seq})
	}
	return nil
}
