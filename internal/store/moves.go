package store

import (
	"cmp"
	"slices"
	"sync/atomic"
)

// Moves tell whether a stretch of the log is still what a reader found there. Whatever happens to a
// record takes its row away and puts one at the end, and so it is with departures: a stretch changes
// only by what leaves it. The writer notes where that was, by blocks of seqs; blocks share places,
// which can make a stretch look changed, and never unchanged.
//
// A reader takes note of the number of the last commit ([Moves.Commits]) before it takes its snapshot, and
// asks later whether a commit with a higher one has touched what it read. The writer notes what a commit
// touched when the commit is durable, and before the head's datestamp that came with it is handed out. So a
// caller that reads that datestamp before it asks can serve what it holds: everything older than that
// datestamp is in it (promise 2).
//
// They are what one process knows of the commits since it opened the log. Where another process commits too,
// its commits must be noted as well: as having touched everything, where it is not known what they touched.
type Moves struct {
	commits atomic.Int64 // how many commits are noted
	grown   atomic.Int64 // the last one that changed the log at all
	all     atomic.Int64 // the last one that touched everything
	blocks  [moveBlocks]atomic.Int64
	// Block is how many seqs are in a block; 128 if zero. It is set before the first commit.
	Block int64

	// What the transaction under way touches; the writer's. If it is rolled back, it is noted all the
	// same with the next one: no harm is done.
	pending    []int64
	everything bool
	leaping    Leap

	leaps atomic.Pointer[[]passed] // in order of their places
}

// A passed leap, with how many seqs it and those before it left out.
type passed struct {
	Leap
	out int64
}

const (
	moveBlock  = 128     // seqs
	moveBlocks = 1 << 15 // places
	// mostBlocks bounds what asking costs: a page of a small set may stretch over the whole log.
	mostBlocks = 1 << 10
)

// Touch notes that the row at a seq is not what it was. Only the writer calls it.
func (m *Moves) Touch(seq int64) { m.pending = append(m.pending, m.dense(seq)) }

// TouchAll notes that no row is what it was. Only the writer calls it.
func (m *Moves) TouchAll() { m.everything = true }

// Noted makes known what a commit has touched. Grew says that it has given out a seq.
func (m *Moves) Noted(grew bool) {
	if !grew && !m.everything && len(m.pending) == 0 {
		return
	}
	n := m.commits.Load() + 1
	m.grown.Store(n)
	if m.everything {
		m.all.Store(n)
	}
	for _, seq := range m.pending {
		m.blocks[seq/m.size()%moveBlocks].Store(n)
	}
	m.pending, m.everything = m.pending[:0], false
	m.commits.Store(n)
}

// Leap notes that the transaction under way leaps. Only the writer calls it.
func (m *Moves) Leap(l Leap) { m.leaping = l }

// Leapt makes the leap known when the head has come to seq, beyond it. Only the writer calls it.
func (m *Moves) Leapt(seq int64) {
	if m.leaping.Upto != 0 && seq >= m.leaping.Upto {
		m.Pass(m.leaping)
		m.leaping = Leap{}
	}
}

// Pass makes known that seqs were left out. Only the writer calls it, in order of their places.
func (m *Moves) Pass(l Leap) {
	have, out := m.passed(), int64(0)
	if n := len(have); n > 0 {
		out = have[n-1].out
	}
	next := append(have[:len(have):len(have)], passed{l, out + l.Upto - l.After})
	m.leaps.Store(&next)
}

func (m *Moves) passed() []passed {
	if p := m.leaps.Load(); p != nil {
		return *p
	}
	return nil
}

// dense is the number that a seq would have if no leap had left seqs out. Blocks are made of these numbers, because a
// stretch that spans a leap would have too many blocks otherwise.
func (m *Moves) dense(seq int64) int64 {
	leaps := m.passed()
	n, _ := slices.BinarySearchFunc(leaps, seq, func(p passed, seq int64) int { return cmp.Compare(p.Upto, seq) })
	if n == 0 {
		return seq
	}
	return seq - leaps[n-1].out
}

// Commits is how many commits are noted.
func (m *Moves) Commits() int64 { return m.commits.Load() }

func (m *Moves) size() int64 { return cmp.Or(m.Block, moveBlock) }

// Unmoved says whether the log has not changed since.
func (m *Moves) Unmoved(since int64) bool { return m.grown.Load() <= since }

// Untouched says whether nothing has left the stretch of seqs since.
func (m *Moves) Untouched(since, after, upTo int64) bool {
	if m.Unmoved(since) {
		return true
	}
	first, last := m.dense(after+1)/m.size(), m.dense(upTo)/m.size()
	if m.all.Load() > since || last-first >= mostBlocks {
		return false
	}
	for b := first; b <= last; b++ {
		if m.blocks[b%moveBlocks].Load() > since {
			return false
		}
	}
	return true
}
