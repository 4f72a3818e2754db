package search

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/collation"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const (
	// MaxHits is how many hits are sorted at once. Where there are more, they stand in stretches of so many: the newest of them
	// first, and those that came before them behind, each in the order that is wanted.
	MaxHits = 10_000
	// counting is how long the counting of all hits may take, if there are more.
	counting = 25 * time.Millisecond
	// Patience is how long an answer may take. Half of it is for finding hits; what has been found by then is the answer.
	Patience = 2 * time.Second
)

// Found is an answer.
type Found struct {
	// Hits are the identifiers of the records on the page.
	Hits []string
	// Total is how many records are in the stretch of hits that was asked for; More says that there are others than the
	// newest. All is how many there are then, or 0 if counting them takes too long.
	Total int
	More  bool
	All   int
	// Next is the place of the log before which the next stretch of hits stands; 0 if there is none. At the beginning of a stretch,
	// Prev is that of the one before it, if that is not the newest.
	Next, Prev int64
	// Facets are counted over the newest hits; each as if nothing of it had been chosen.
	Facets []Facet
	// Years are the hits by year, in their order, if the dates that are asked for are within a few decades; as if no date
	// had been chosen.
	Years []Count
	// AsWords says that something in the query was not understood, and was taken for words.
	AsWords bool
	// Partial says that there was no time to find everything.
	Partial bool
	// Meant is a text that finds something, if this one finds nothing; empty if none is known.
	Meant string
	// Place is the place in the log as of which this is the answer.
	Place  pipeline.Cursor
	Behind int64
}

// Find answers a query. The error is one of the index, never of the query.
func (x *Index) Find(ctx context.Context, q *Query) (*Found, error) {
	asked := ctx
	ctx, cancel := context.WithTimeout(ctx, x.patience)
	defer cancel()
	finding, cancelFinding := context.WithTimeout(ctx, x.patience/2)
	defer cancelFinding()
	p := x.plan(q)
	out := &Found{AsWords: p.asWords, Place: *x.place.Load(), Behind: x.Behind()}
	if p.nothing {
		return out, nil
	}
	err := x.view(ctx, func(conn *sqlite.Conn) error {
		defer conn.SetInterrupt(conn.SetInterrupt(finding.Done()))
		var newest []hit
		err := p.resolve(conn)
		if err == nil {
			newest, err = p.hits(conn, "", 0)
		}
		hits := newest
		if err == nil && q.Before > 0 {
			hits, err = p.hits(conn, "", q.Before)
		}
		if err != nil && finding.Err() == nil {
			return err
		}
		out.Partial = err != nil
		conn.SetInterrupt(ctx.Done())
		if len(hits) > p.most {
			hits = hits[:p.most]
			out.Next = hits[p.most-1].seq
		}
		if out.More = len(newest) > p.most; out.More {
			newest = newest[:p.most]
			out.All = x.count(ctx, conn, p)
		}
		out.Total = len(hits)
		page, err := p.page(conn, seqs(hits), q)
		if err == nil {
			out.Hits, err = identifiers(conn, page)
		}
		if err == nil && q.Before > 0 && q.Offset == 0 {
			out.Prev, err = p.above(conn, q.Before)
		}
		if err == nil {
			out.Facets, err = p.facets(conn, newest, q.Whole)
		}
		if err == nil && q.Whole == "" {
			out.Years, err = p.years(conn)
		}
		if err == nil && len(newest) == 0 {
			out.Meant, err = p.meant(conn, q.Text)
		}
		return err
	})
	x.saw(err)
	if err != nil && ctx.Err() != nil && asked.Err() == nil { // no time was left for the page, its facets, or a better text
		out.Partial, err = true, nil
	}
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return out, nil
}

// where is the condition that the rows of doc have to meet, without the one of a facet, and its arguments.
func (p *plan) where(without string) (string, []any) {
	var and []string
	var args []any
	for _, facet := range Facets {
		values := p.chosen[facet]
		if len(values) == 0 || facet == without {
			continue
		}
		c := p.choices[facet]
		and, args = append(and, c.where()), append(args, c.numbers)
	}
	if p.from != math64min {
		and, args = append(and, "doc.finish >= ?"), append(args, p.from)
	}
	if p.to != math64max {
		and, args = append(and, "doc.begin <= ?"), append(args, p.to)
	}
	if len(and) == 0 {
		return "", nil
	}
	return strings.Join(and, " AND "), args
}

// A hit is a record that was found, with the numbers of its values, by which they are counted.
type hit struct {
	seq int64
	has []byte
}

// read reads a row of a seq and the numbers.
func (h *hit) read(r *sqlite.Stmt) {
	h.seq, h.has = r.ColumnInt64(0), blob(r, 1)
}

func blob(r *sqlite.Stmt, column int) []byte {
	b := make([]byte, r.ColumnLen(column))
	r.ColumnBytes(column, b)
	return b
}

func (h *hit) values() (out []int64) {
	for rest := h.has; len(rest) > 0; {
		n, size := binary.Uvarint(rest)
		if size <= 0 {
			return out // the file is damaged, which is found elsewhere
		}
		out, rest = append(out, int64(n)), rest[size:]
	}
	return out
}

func seqs(hits []hit) []int64 {
	out := make([]int64, len(hits))
	for i, h := range hits {
		out[i] = h.seq
	}
	return out
}

// gather reads hits.
func gather(conn *sqlite.Conn, query string, args ...any) (out []hit, err error) {
	err = rows(conn, query, args, func(r *sqlite.Stmt) {
		var h hit
		h.read(r)
		out = append(out, h)
	})
	return out, err
}

// query is one for columns of the hits, and its arguments. bound is a condition of their seqs: " < " or " >= ", and what
// is behind it.
func (p *plan) query(columns, without, bound string, place int64) (query string, args []any) {
	where, args := p.where(without)
	if where != "" {
		where = " AND " + where
	}
	if p.match == "" {
		return "SELECT " + columns + " FROM doc WHERE doc.seq" + bound + "?" + where, append([]any{place}, args...)
	}
	return "SELECT " + columns + " FROM words CROSS JOIN doc ON doc.seq = words.rowid WHERE words MATCH ? AND words.rowid" + bound + "?" + where, append([]any{p.match, place}, args...)
}

// seq is the column of the places of hits, in which they are in order.
func (p *plan) seq() string {
	if p.match == "" {
		return "doc.seq"
	}
	return "words.rowid"
}

// hits are the newest hits before a place of the log, or of all if it is 0: one more than a stretch has at most. With an error
// come those found until then.
func (p *plan) hits(conn *sqlite.Conn, without string, before int64) (out []hit, err error) {
	if before == 0 {
		before = math64max
	}
	query, args := p.query(p.seq()+", doc.has", without, " < ", before)
	if out, err = gather(conn, query+" ORDER BY "+p.seq()+" DESC LIMIT ?", append(args, p.most+1)...); err != nil {
		return out, err
	}
	also, err := p.namedBy(conn, without)
	also = slices.DeleteFunc(also, func(h hit) bool { return h.seq >= before })
	if err != nil || len(also) == 0 {
		return out, err
	}
	out = append(out, also...)
	slices.SortFunc(out, func(a, b hit) int { return cmp.Compare(b.seq, a.seq) })
	return slices.CompactFunc(out, func(a, b hit) bool { return a.seq == b.seq }), nil
}

// above is the place before which the stretch stands that ends at a place; 0 if that is the newest one.
func (p *plan) above(conn *sqlite.Conn, place int64) (before int64, err error) {
	query, args := p.query(p.seq(), "", " >= ", place)
	err = rows(conn, query+" ORDER BY "+p.seq()+" LIMIT 1 OFFSET ?", append(args, p.most), func(r *sqlite.Stmt) { before = r.ColumnInt64(0) })
	return before, err
}

// count counts all hits; it is 0 if there is no time for that.
func (x *Index) count(ctx context.Context, conn *sqlite.Conn, p *plan) (n int) {
	ctx, cancel := context.WithTimeout(ctx, x.counting)
	defer cancel()
	defer conn.SetInterrupt(conn.SetInterrupt(ctx.Done()))
	query, args := p.query("count(*)", "", " < ", math64max)
	switch where, _ := p.where(""); {
	case where == "" && p.match == "":
		query, args = "SELECT count(*) FROM doc", nil // the fastest count that there is
	case where == "":
		query, args = "SELECT count(*) FROM words WHERE words MATCH ?", []any{p.match}
	case p.match == "" && len(p.chosen) == 1 && p.from == math64min && p.to == math64max: // it stands in one place of has
		for facet := range p.chosen {
			query, args = "SELECT count(DISTINCT seq) FROM has WHERE value IN (SELECT value FROM json_each(?))", []any{p.choices[facet].numbers}
		}
	}
	if err := rows(conn, query, args, func(r *sqlite.Stmt) { n = r.ColumnInt(0) }); err != nil {
		return 0 // an error of the file is met by what comes next
	}
	return n
}

// page are the seqs of one page of the hits, in the order that is wanted.
func (p *plan) page(conn *sqlite.Conn, hits []int64, q *Query) ([]int64, error) {
	order := ""
	switch q.Sort {
	case Early:
		order = "doc.begin IS NULL, doc.begin, doc.finish, doc.seq"
	case Late:
		order = "doc.begin IS NULL, doc.begin DESC, doc.finish DESC, doc.seq DESC"
	}
	var err error
	switch {
	case len(hits) == 0:
		return nil, nil
	case q.Sort == Title:
		hits, err = byTitle(conn, hits, q.Language)
	case order != "":
		hits, err = sorted(conn, "SELECT doc.seq FROM json_each(?) h JOIN doc ON doc.seq = h.value ORDER BY "+order, list(hits))
	case q.Sort == Best && p.match != "":
		hits, err = p.ranked(conn, hits)
		if err == nil {
			hits, err = p.namedFirst(conn, hits, q.Before)
		}
	}
	if err != nil {
		return nil, err
	}
	from := min(max(q.Offset, 0), len(hits))
	return hits[from:min(from+q.Limit, len(hits))], nil
}

// byTitle puts hits in the order of their titles in a language; those without a title at the end.
func byTitle(conn *sqlite.Conn, hits []int64, language string) ([]int64, error) {
	keys := make(map[int64]collation.Key, len(hits))
	err := rows(conn, "SELECT doc.seq, doc.title FROM json_each(?) h JOIN doc ON doc.seq = h.value", []any{list(hits)}, func(r *sqlite.Stmt) {
		keys[r.ColumnInt64(0)] = collation.Key(blob(r, 1)).In(language)
	})
	slices.SortFunc(hits, func(a, b int64) int {
		untitled := compareBool(len(keys[a]) == 0, len(keys[b]) == 0)
		return cmp.Or(untitled, collation.Compare(keys[a], keys[b]), cmp.Compare(a, b))
	})
	return hits, err
}

// maxNamed bounds how many records of one name are found by it.
const maxNamed = 100

// namedBy are the records that have the name which the text may be, and meet the conditions; the newest first.
func (p *plan) namedBy(conn *sqlite.Conn, without string) ([]hit, error) {
	if p.name == "" {
		return nil, nil
	}
	query, args := "SELECT doc.seq, doc.has FROM doc WHERE seq IN (SELECT seq FROM name WHERE hash IN (?, ?))", []any{hashOf(p.name), hashOf(p.typed)}
	if where, more := p.where(without); where != "" {
		query, args = query+" AND "+where, append(args, more...)
	}
	return gather(conn, query+" ORDER BY doc.seq DESC LIMIT ?", append(args, maxNamed)...)
}

// namedFirst puts the records that have the name first: before the newest stretch, and into no other.
func (p *plan) namedFirst(conn *sqlite.Conn, hits []int64, before int64) ([]int64, error) {
	named, err := p.namedBy(conn, "")
	if err != nil || len(named) == 0 {
		return hits, err
	}
	first := seqs(named)
	hits = slices.DeleteFunc(hits, func(seq int64) bool { return slices.Contains(first, seq) })
	if before > 0 {
		return hits, nil
	}
	return append(first, hits...), nil
}

func sorted(conn *sqlite.Conn, query string, args ...any) (out []int64, err error) {
	err = rows(conn, query, args, func(r *sqlite.Stmt) { out = append(out, r.ColumnInt64(0)) })
	return out, err
}

func identifiers(conn *sqlite.Conn, page []int64) ([]string, error) {
	byPlace := make(map[int64]string, len(page))
	if err := rows(conn, "SELECT doc.seq, identifier FROM json_each(?) h JOIN doc ON doc.seq = h.value", []any{list(page)}, func(r *sqlite.Stmt) {
		byPlace[r.ColumnInt64(0)] = r.ColumnText(1)
	}); err != nil {
		return nil, err
	}
	out := make([]string, 0, len(page))
	for _, seq := range page {
		out = append(out, byPlace[seq])
	}
	return out, nil
}

// list are numbers as JSON, for json_each.
func list(numbers []int64) string {
	b, _ := json.Marshal(numbers) // numbers have no errors
	return string(b)
}
