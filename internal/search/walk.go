package search

import (
	"cmp"
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
	err := x.view(ctx, func(conn *sqlite.Conn) error {
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
	where, args := p.where("")
	if where != "" {
		where = " AND " + where
	}
	take := func(r *sqlite.Stmt) { *out = append(*out, Hit{Seq: r.ColumnInt64(0), Identifier: r.ColumnText(1)}) }
	args = append(append([]any{after}, args...), limit)
	if p.match == "" {
		return rows(conn, "SELECT doc.seq, doc.identifier FROM doc WHERE doc.seq > ?"+where+" ORDER BY doc.seq LIMIT ?", args, take)
	}
	err := rows(conn, "SELECT words.rowid, doc.identifier FROM words CROSS JOIN doc ON doc.seq = words.rowid WHERE words MATCH ? AND words.rowid > ?"+
		where+" ORDER BY words.rowid LIMIT ?", append([]any{p.match}, args...), take)
	if err != nil {
		return err
	}
	also, err := p.namedBy(conn, "")
	if err != nil || len(also) == 0 {
		return err
	}
	names, err := identifiers(conn, seqs(also))
	if err != nil {
		return err
	}
	for i, seq := range seqs(also) {
		if seq > after {
			*out = append(*out, Hit{names[i], seq})
		}
	}
	slices.SortFunc(*out, func(a, b Hit) int { return cmp.Compare(a.Seq, b.Seq) })
	*out = slices.Compact(*out)
	*out = (*out)[:min(len(*out), limit)]
	return nil
}
