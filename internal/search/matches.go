package search

import "zombiezen.com/go/sqlite"

// A reader turns the pages of a search, chooses facets and sorts: the same words are looked for again and again. So which records
// have the words is kept, if many do: to walk through them in FTS5 is most of what a search for a common word costs. A record gets
// another place with each change, so that what was found stays right whatever is committed: of it those are left that are there
// still, and only the places behind it are looked at.

const (
	// matchesBytes is how much is kept of that, at most; matchesWorth is how many records must have the words.
	matchesBytes = 16 << 20
	matchesWorth = 1000
)

// matches are the records from a place to another that have the words of a query: all of them, as of when upto was the last place
// in the index.
type matches struct {
	hits       set
	from, upto int64
	used       int
}

func (m *matches) size() int { return len(m.hits) * inBlock / 8 }

// matches are those that are kept of a query, for one who reads; nil if there are none.
func (k kept) matches(match string) *matches {
	k.mu.Lock()
	defer k.mu.Unlock()
	m := k.found[match]
	if m == nil || m.upto > k.upto { // what was there at an earlier moment may be missing in it
		return nil
	}
	k.clock++
	m.used = k.clock
	return m
}

// putMatches keeps what was found, and lets go of what was not used for the longest time, if it is too much.
func (k kept) putMatches(match string, m *matches) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if before := k.found[match]; before != nil && before.upto > m.upto {
		return
	}
	k.clock++
	m.used = k.clock
	k.found[match] = m
	for size := k.foundSize(); size > k.foundBytes; size = k.foundSize() {
		oldest := match
		for other, m := range k.found {
			if m.used < k.found[oldest].used {
				oldest = other
			}
		}
		delete(k.found, oldest)
	}
}

func (k *keep) foundSize() (n int) {
	for _, m := range k.found {
		n += m.size()
	}
	return n
}

// each gives the places of the records that have the words, before or from a place on, the nearest to it first, until yield
// has enough.
func (p *plan) each(conn *sqlite.Conn, backwards bool, place int64, yield func(seq int64) (more bool)) error {
	m := p.kept.matches(p.match)
	if m == nil {
		m = &matches{hits: set{}, from: p.kept.upto + 1, upto: p.kept.upto}
	}
	there := set{}
	if len(m.hits) > 0 {
		if err := there.read(conn, everyRecord, everyRecord); err != nil {
			return err
		}
	}
	there = both(m.hits, there)
	if !backwards {
		return p.upwards(conn, m, there, place, yield)
	}
	// Behind what is kept, in it, and before it.
	next, more := &matches{hits: there, from: m.from, upto: p.kept.upto}, true
	found := set{}
	take := func(seq int64) bool {
		found.add(seq)
		more = yield(seq)
		return more
	}
	if place > m.upto+1 && m.upto < p.kept.upto {
		if err := p.between(conn, m.upto+1, place, true, take); err != nil || !more {
			return err
		}
	}
	for seq := range there.newest(min(place, m.upto+1)) {
		if more = yield(seq); !more {
			break
		}
	}
	var err error
	if more && m.from > 0 {
		err = p.between(conn, 0, min(place, m.from), true, func(seq int64) bool {
			next.from = seq
			return take(seq)
		})
		if err == nil && more {
			next.from = 0
		}
	}
	if place < math64max || next.from == m.from && next.upto == m.upto {
		return err
	}
	for n, b := range found {
		if next.hits[n] == nil {
			next.hits[n] = b
			continue
		}
		for i := range b {
			next.hits[n][i] |= b[i]
		}
	}
	if next.hits.size() >= p.kept.foundWorth {
		p.kept.putMatches(p.match, next)
	}
	return err
}

// upwards is each from a place on.
func (p *plan) upwards(conn *sqlite.Conn, m *matches, there set, place int64, yield func(seq int64) (more bool)) error {
	if m.from > place {
		return p.between(conn, place, math64max, false, yield)
	}
	for seq := range there.oldest(place) {
		if !yield(seq) {
			return nil
		}
	}
	return p.between(conn, max(place, m.upto+1), math64max, false, yield)
}

// between gives the places from one to before another, as the index of words has them.
func (p *plan) between(conn *sqlite.Conn, from, before int64, backwards bool, yield func(seq int64) (more bool)) error {
	query := "SELECT rowid FROM words WHERE words MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid"
	if backwards {
		query += " DESC"
	}
	return until(conn, query, []any{p.match, from, before}, func(r *sqlite.Stmt) bool { return yield(r.ColumnInt64(0)) })
}
