package search

import (
	"context"
	"fmt"
	"slices"

	"zombiezen.com/go/sqlite"
)

// Around says where a record stands among the hits of a query, and what is beside it.
type Around struct {
	// Number counts the hits of the stretch that was asked for from 1; it is 0 if the record is not among them.
	Number int
	// Total is how many there are; More says that there are others behind them.
	Total int
	More  bool
	// Prev and Next are the identifiers of the hits before and behind it; empty if there is none.
	Prev, Next string
}

// Around finds a record among the hits of a query, in the order of the query. Its offset and limit mean nothing. An answer
// that would take too long is none: Number is 0.
func (x *Index) Around(ctx context.Context, q *Query, identifier string) (*Around, error) {
	asked := ctx
	ctx, cancel := context.WithTimeout(ctx, x.patience)
	defer cancel()
	p, out := x.plan(q), &Around{}
	if p.nothing {
		return out, nil
	}
	err := x.view(ctx, func(conn *sqlite.Conn, k kept) error {
		p.kept = k
		defer conn.SetInterrupt(conn.SetInterrupt(ctx.Done()))
		return p.around(conn, q, identifier, out)
	})
	x.saw(err)
	if err != nil && ctx.Err() != nil && asked.Err() == nil {
		return &Around{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return out, nil
}

func (p *plan) around(conn *sqlite.Conn, q *Query, identifier string, out *Around) error {
	seq, err := seqOf(conn, identifier)
	if err != nil || seq == 0 {
		return err
	}
	if err := p.resolve(conn); err != nil {
		return err
	}
	newest, err := p.gather(conn, 0, 0)
	if err != nil {
		return err
	}
	here, err := p.stretch(conn, &Query{Sort: q.Sort, Language: q.Language, Before: q.Before}, newest)
	if err != nil {
		return err
	}
	out.Total, out.More = here.total, here.more
	if here.order != nil {
		return out.inOrder(conn, here, seq, q.Before == 0, p.most)
	}
	found := here.hits
	if !slices.Contains(found, seq) { // nothing need be sorted
		return nil
	}
	if found, _, err = p.arrange(conn, here, q); err != nil {
		return err
	}
	at := slices.Index(found, seq)
	if at < 0 {
		return nil
	}
	out.Number = at + 1
	beside := found[max(0, at-1):min(len(found), at+2)]
	names, err := identifiers(conn, beside)
	if err != nil {
		return err
	}
	if at > 0 {
		out.Prev = names[0]
	}
	if at+1 < len(found) {
		out.Next = names[len(names)-1]
	}
	return nil
}

// inOrder finds a record among the hits of a stretch that has an order.
func (a *Around) inOrder(conn *sqlite.Conn, s *stretch, seq int64, first bool, most int) error {
	_, number, err := countIn(s.order, first, most, seq)
	if err != nil || number == 0 || number > s.total {
		return err
	}
	front := min(number-1, 1) // hits that are wanted before it
	hits, err := hitsIn(s.order, first, false, number-1-front, min(front+2, s.total-(number-1-front)))
	if err != nil {
		return err
	}
	var seqs []int64
	for _, h := range hits {
		seqs = append(seqs, h.seq)
	}
	names, err := identifiers(conn, seqs)
	if err != nil {
		return err
	}
	a.Number = number
	if front > 0 {
		a.Prev = names[0]
	}
	if len(names) > front+1 {
		a.Next = names[front+1]
	}
	return nil
}

// seqOf is the place of a record in the index; 0 if it is not there. A plus before a parameter keeps SQLite from planning the
// query anew for each value that is bound, which takes several times as long as the look-up.
func seqOf(conn *sqlite.Conn, identifier string) (seq int64, err error) {
	err = rows(conn, "SELECT doc.seq FROM name CROSS JOIN doc ON doc.seq = name.seq WHERE name.hash = +? AND doc.identifier = +?", []any{hashOf(identifier), identifier}, func(r *sqlite.Stmt) { seq = r.ColumnInt64(0) })
	return seq, err
}
