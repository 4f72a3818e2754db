package search

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/collation"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const (
	// MaxHits is how many hits are sorted at once. Where there are more, they stand in stretches of so many: the newest of them
	// first, and those that came before them behind, each in the order that is wanted; by date and by title the stretches too are
	// in order, if the hits are not too many for that (see order.go).
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
	// Next is the place of the next stretch of hits; 0 if there is none or, where the hits are in an order, if the page does not
	// come to the end of its stretch. At the beginning of a stretch, Prev is that of the one before it, if that is not the first.
	Next, Prev int64
	// Ordered says that a stretch of more hits than are sorted at once stands in the order of all.
	Ordered bool
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
	err := x.view(ctx, func(conn *sqlite.Conn, k kept) error {
		p.kept = k
		defer conn.SetInterrupt(conn.SetInterrupt(finding.Done()))
		err := p.resolve(conn)
		if err == nil && q.Whole == "" {
			err = p.resolveNear(conn)
		}
		newest := &gathered{}
		if err == nil {
			newest, err = p.gather(conn, 0, x.counting)
		}
		here := &stretch{}
		if err == nil {
			here, err = p.stretch(conn, q, newest)
		}
		if err != nil && finding.Err() == nil {
			return err
		}
		out.Partial = err != nil
		conn.SetInterrupt(ctx.Done())
		if out.More = len(newest.hits) > p.most; out.More {
			newest.hits = newest.hits[:p.most]
			out.All = newest.all
		}
		out.Total, out.Next, out.Prev, out.Ordered = here.total, here.next, here.prev, out.More && here.order != nil
		page, counted := here.hits, []hit(nil)
		if here.order == nil {
			page, counted, err = p.arrange(conn, here, q)
			from := min(max(q.Offset, 0), len(page))
			page = page[from:min(from+q.Limit, len(page))]
		}
		if err == nil && (q.Before > 0 || here.order != nil) {
			counted, err = p.load(conn, newest.hits, Newest)
		}
		if err == nil {
			out.Hits, err = identifiers(conn, page)
		}
		if err == nil {
			out.Facets, err = p.facets(conn, counted, newest.wider, q.Whole)
		}
		if err == nil && q.Whole == "" {
			out.Years, err = p.years(conn, newest.near)
		}
		if err == nil && len(newest.hits) == 0 {
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

// A stretch are hits that stand together, as many as are sorted at once: the newest of all or before a place or, if they have an
// order, the first in it or behind a place of it.
type stretch struct {
	hits       []int64 // all of them; in an order, those of the page
	order      order   // nil if they are yet to be put in order
	total      int
	more       bool  // there are others behind it
	next, prev int64 // the places of those beside it (see Found); prev is that of one before the first one only
}

// stretch is the stretch that is asked for. newest are the newest hits of all. With an error come those found until then.
func (p *plan) stretch(conn *sqlite.Conn, q *Query, newest *gathered) (*stretch, error) {
	before := q.Before
	many := p.most
	if q.Sort == Title { // to read all titles takes longer than to look on which shelves they stand
		many = min(many, p.shelfSize)
	}
	if (q.Sort == Early || q.Sort == Late || q.Sort == Title) && (before == 0 && len(newest.hits) > many || before >= 1<<placeBits) {
		o, all, err := p.inOrder(conn, q, newest)
		if err == nil && o != nil {
			return stretchIn(o, all, q, p.most)
		}
		if err != nil {
			return newest.stretch(p.most), err
		}
		before = seqAt(before) // there are too many by now
	}
	s := newest.stretch(p.most)
	var err error
	if before > 0 {
		var g *gathered
		g, err = p.gather(conn, before, 0)
		s = g.stretch(p.most)
	}
	if err == nil && before > 0 && q.Offset == 0 {
		s.prev, err = p.above(conn, before)
	}
	return s, err
}

// gathered are the newest hits of a query before a place, one more than a stretch has at most.
type gathered struct {
	hits []int64
	// wider are the hits that there would be without the choice of a facet, of each of which something is chosen.
	wider map[string][]int64
	// near are the hits that there would be without a choice of dates, within the decades around those that are chosen (see
	// years.go).
	near []int64
	all  int // hits; 0 if they are too many to be counted in time
}

// stretch is the one of the hits that are gathered.
func (g *gathered) stretch(most int) *stretch {
	s := &stretch{hits: g.hits, total: min(len(g.hits), most)}
	if s.more = len(g.hits) > most; s.more {
		s.hits = g.hits[:most]
		s.next = s.hits[most-1]
	}
	return s
}

// gather gathers hits before a place, or the newest of all if it is 0. Once it has them it may go on to count all, for so long.
// With an error come those found until then.
func (p *plan) gather(conn *sqlite.Conn, before int64, counting time.Duration) (*gathered, error) {
	if before == 0 {
		before = math64max
	}
	g := &gathered{wider: map[string][]int64{}}
	var err error
	if p.match == "" {
		err = g.fitting(conn, p, before)
	} else {
		err = g.matching(conn, p, before, counting)
	}
	if err != nil {
		return g, err
	}
	named, err := p.namedBy(conn)
	if err != nil || len(named) == 0 {
		return g, err
	}
	add := func(hits []int64, without ...string) []int64 {
		for _, seq := range named {
			if seq < before && p.fits(seq, without...) {
				hits = append(hits, seq)
			}
		}
		slices.SortFunc(hits, func(a, b int64) int { return cmp.Compare(b, a) })
		return slices.Compact(hits)
	}
	g.hits = add(g.hits)
	for facet, hits := range g.wider {
		g.wider[facet] = add(hits, facet)
	}
	if p.near != nil {
		for _, seq := range named {
			if p.near.has(seq) && p.fits(seq, Decade, dates) {
				g.near = append(g.near, seq)
			}
		}
		slices.Sort(g.near)
		g.near = slices.Compact(g.near)
	}
	return g, nil
}

// fitting gathers what meets the conditions, where there are no words.
func (g *gathered) fitting(conn *sqlite.Conn, p *plan, before int64) error {
	first := func(without ...string) (out []int64, n int, err error) {
		all, err := p.fitting(conn, without...)
		for seq := range all.newest(before) {
			if out = append(out, seq); len(out) > p.most {
				break
			}
		}
		return out, all.size(), err
	}
	var err error
	g.hits, g.all, err = first()
	for facet := range p.chosen {
		if err == nil {
			g.wider[facet], _, err = first(facet)
		}
	}
	if err == nil && p.near != nil {
		others, err := p.fitting(conn, Decade, dates)
		if err != nil {
			return err
		}
		for seq := range both(others, p.near).newest(before) {
			if g.near = append(g.near, seq); len(g.near) == p.most {
				break
			}
		}
	}
	return err
}

// matching gathers what has the words and meets the conditions.
func (g *gathered) matching(conn *sqlite.Conn, p *plan, before int64, counting time.Duration) error {
	all, full := 0, time.Time{}
	type condition struct {
		name string
		set  set
		date bool
	}
	var conditions []condition // a map takes longer to be gone through, for each hit, than all else
	for name, filter := range p.filters {
		conditions = append(conditions, condition{name, filter, name == Decade || name == dates})
	}
	err := p.each(conn, true, before, func(seq int64) bool {
		failed, by, otherwise := 0, "", false
		for i := range conditions {
			if c := &conditions[i]; !c.set.has(seq) {
				failed, by = failed+1, c.name
				otherwise = otherwise || !c.date
			}
		}
		if !otherwise && p.near != nil && len(g.near) < p.most && p.near.has(seq) {
			g.near = append(g.near, seq)
		}
		if failed == 1 && by != dates && len(g.wider[by]) <= p.most {
			g.wider[by] = append(g.wider[by], seq)
		}
		if failed == 0 {
			all++
			if len(g.hits) <= p.most {
				g.hits = append(g.hits, seq)
			}
			for facet := range p.chosen {
				if len(g.wider[facet]) <= p.most {
					g.wider[facet] = append(g.wider[facet], seq)
				}
			}
		}
		switch {
		case len(g.hits) <= p.most:
			return true
		case full.IsZero():
			full = time.Now()
		}
		if time.Since(full) >= counting {
			all = 0
			return false
		}
		return true
	})
	if err == nil {
		g.all = all
	}
	return err
}

// above is the place before which the stretch stands that ends at a place; 0 if that is the newest one.
func (p *plan) above(conn *sqlite.Conn, place int64) (before int64, err error) {
	n := 0
	count := func(seq int64) bool {
		if p.match == "" || p.fits(seq) {
			n++
		}
		if n > p.most {
			before = seq
		}
		return n <= p.most
	}
	if p.match != "" {
		err = p.each(conn, false, place, count)
		return before, err
	}
	all, err := p.fitting(conn)
	for seq := range all.oldest(place) {
		if !count(seq) {
			break
		}
	}
	return before, err
}

// A hit is a record that was found, with what it is sorted by, and the numbers of its values, by which they are counted.
type hit struct {
	seq           int64
	has           []byte
	dated         bool
	begin, finish int64
	title         collation.Key
	marks         []byte
}

func (h *hit) values() iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for rest := h.has; len(rest) > 0; {
			n, size := binary.Uvarint(rest)
			if size <= 0 || !yield(int64(n)) { // a file that is damaged is found so elsewhere
				return
			}
			rest = rest[size:]
		}
	}
}

// load reads hits, and what they are sorted by.
func (p *plan) load(conn *sqlite.Conn, seqs []int64, sort Sort) ([]hit, error) {
	out := make([]hit, len(seqs))
	for i, seq := range seqs {
		out[i].seq = seq
	}
	at := func(i int) *hit { return &out[i] }
	err := p.kept.read(conn, countedBy, seqs, at)
	ranked := sort == Best && p.match != ""
	if err == nil && (ranked || sort == Title) {
		err = p.kept.read(conn, sortedBy, seqs, at)
	}
	for i := range out {
		switch h := &out[i]; {
		case sort == Early, sort == Late:
			h.begin = dayOfBegin(h.begin)
		case ranked:
			h.title = h.title.Letters()
		}
	}
	return out, err
}

// arrange puts the hits of a stretch in the order that is wanted. It gives what it had to read for that.
func (p *plan) arrange(conn *sqlite.Conn, s *stretch, q *Query) (order []int64, hits []hit, err error) {
	if hits, err = p.load(conn, s.hits, q.Sort); err != nil {
		return nil, nil, err
	}
	switch {
	case q.Sort == Title:
		byTitle(hits, q.Language)
	case q.Sort == Early, q.Sort == Late:
		sign := 1
		if q.Sort == Late {
			sign = -1
		}
		slices.SortFunc(hits, func(a, b hit) int {
			return cmp.Or(-compareBool(a.dated, b.dated), sign*cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.seq, b.seq)))
		})
	case q.Sort == Best && p.match != "":
		order, err = p.namedFirst(conn, p.rank(hits), q.Before)
		return order, hits, err
	}
	order = make([]int64, len(hits))
	for i := range hits {
		order[i] = hits[i].seq
	}
	return order, hits, nil
}

// byTitle puts hits in the order of their titles in a language; those without a title at the end.
func byTitle(hits []hit, language string) {
	for i := range hits {
		hits[i].title = hits[i].title.In(language)
	}
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(compareBool(len(a.title) == 0, len(b.title) == 0), collation.Compare(a.title, b.title), cmp.Compare(a.seq, b.seq))
	})
}

// maxNamed bounds how many records of one name are found by it.
const maxNamed = 100

// namedBy are the records that have the name which the text may be; the newest first.
func (p *plan) namedBy(conn *sqlite.Conn) ([]int64, error) {
	if p.name == "" {
		return nil, nil
	}
	return sorted(conn, "SELECT DISTINCT seq FROM name WHERE hash IN (?, ?) ORDER BY seq DESC LIMIT ?", hashOf(p.name), hashOf(p.typed), maxNamed)
}

// namedFirst puts the records that have the name first: before the newest stretch, and into no other.
func (p *plan) namedFirst(conn *sqlite.Conn, hits []int64, before int64) ([]int64, error) {
	named, err := p.namedBy(conn)
	named = slices.DeleteFunc(named, func(seq int64) bool { return !p.fits(seq) })
	if err != nil || len(named) == 0 {
		return hits, err
	}
	hits = slices.DeleteFunc(hits, func(seq int64) bool { return slices.Contains(named, seq) })
	if before > 0 {
		return hits, nil
	}
	return append(named, hits...), nil
}

func sorted(conn *sqlite.Conn, query string, args ...any) (out []int64, err error) {
	err = rows(conn, query, args, func(r *sqlite.Stmt) { out = append(out, r.ColumnInt64(0)) })
	return out, err
}

func identifiers(conn *sqlite.Conn, page []int64) ([]string, error) {
	out := make([]string, 0, len(page))
	err := docs(conn, "identifier", page, func(r *sqlite.Stmt) { out = append(out, r.ColumnText(0)) })
	return out, err
}

// list are numbers as JSON, for json_each.
func list(numbers []int64) string {
	b, _ := json.Marshal(numbers) // numbers have no errors
	return string(b)
}
