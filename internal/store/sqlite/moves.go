package sqlite

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// moves tell whether a stretch of the log is still what a reader found there. Whatever happens to a
// record takes its row away and puts one at the end, and so it is with departures: a stretch changes
// only by what leaves it. The writer notes where that was, by blocks of seqs; blocks share places,
// which can make a stretch look changed, and never unchanged.
//
// A reader takes note of the number of the last commit (since) before it takes its snapshot, and asks
// later whether a commit with a higher one has touched what it read. The writer notes what a commit
// touched when the commit is durable, and before the head's datestamp that came with it is handed out:
// so who reads that datestamp first, and asks then, knows that what it holds lacks nothing that is
// older (promise 2).
type moves struct {
	commits atomic.Int64 // how many commits are noted
	grown   atomic.Int64 // the last one that changed the log at all
	all     atomic.Int64 // the last one that touched everything
	blocks  [moveBlocks]atomic.Int64
	block   int64 // seqs in a block; moveBlock if zero

	// What the transaction under way touches; the writer's. If it is rolled back, it is noted all the
	// same with the next one: no harm is done.
	pending    []int64
	everything bool
	leaping    store.Leap

	leaps atomic.Pointer[[]passed] // in order of their places
}

// A passed leap, with how many seqs it and those before it left out.
type passed struct {
	store.Leap
	out int64
}

const (
	moveBlock  = 128     // seqs
	moveBlocks = 1 << 15 // places
	// mostBlocks bounds what asking costs: a page of a small set may stretch over the whole log.
	mostBlocks = 1 << 10
)

// touch notes that the row at a seq is not what it was. Only the writer calls it.
func (m *moves) touch(seq int64) { m.pending = append(m.pending, m.dense(seq)) }

// touchAll notes that no row is what it was. Only the writer calls it.
func (m *moves) touchAll() { m.everything = true }

// noted makes known what a commit has touched. Grew says that it has given out a seq.
func (m *moves) noted(grew bool) {
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

// loadLeaps reads what the log left out before it was opened.
func (m *moves) loadLeaps(conn *sqlite.Conn) error {
	m.leaps.Store(&[]passed{})
	return each(conn, "SELECT after, upto FROM leap ORDER BY after", nil, func(r *sqlite.Stmt) error {
		m.pass(store.Leap{After: r.ColumnInt64(0), Upto: r.ColumnInt64(1)})
		return nil
	})
}

// leapt makes a leap known when the head has come to seq, beyond it.
func (m *moves) leapt(seq int64) {
	if m.leaping.Upto != 0 && seq >= m.leaping.Upto {
		m.pass(m.leaping)
		m.leaping = store.Leap{}
	}
}

func (m *moves) pass(l store.Leap) {
	have, out := *m.leaps.Load(), int64(0)
	if n := len(have); n > 0 {
		out = have[n-1].out
	}
	next := append(have[:len(have):len(have)], passed{l, out + l.Upto - l.After})
	m.leaps.Store(&next)
}

// dense is the seq as if no leap had left any out. Blocks are of such, or a stretch over a leap would be of too
// many of them.
func (m *moves) dense(seq int64) int64 {
	leaps := *m.leaps.Load()
	n, _ := slices.BinarySearchFunc(leaps, seq, func(p passed, seq int64) int { return cmp.Compare(p.Upto, seq) })
	if n == 0 {
		return seq
	}
	return seq - leaps[n-1].out
}

func (m *moves) size() int64 { return cmp.Or(m.block, moveBlock) }

// unmoved says whether the log has not changed since.
func (m *moves) unmoved(since int64) bool { return m.grown.Load() <= since }

// untouched says whether nothing has left the stretch of seqs since.
func (m *moves) untouched(since, after, upTo int64) bool {
	if m.unmoved(since) {
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

// fresh makes the function that tells whether a page of a list is still right (see oaipmh.Listing). A
// page may show more than the rows of its stretch: with an open end what comes behind it, at the start
// of a list its size, and in the list of a format the state that a departed record is in now. A page that
// does not end the list is right as long as the refused record, the one after it, is there too: when that
// has moved beyond the list's until, or has left a silent set, there may be nothing to go on with.
func (s *Repository) fresh(since int64, in *listRange, continued bool, refused int64, departed bool) func(context.Context) (time.Time, bool) {
	apart := continued && refused != 0 && (in.format.everyone() || in.key == 0 && !departed)
	after := in.after
	return func(ctx context.Context) (time.Time, bool) {
		head := s.now(ctx) // first: see moves
		if head.Unix() < s.shown.Load() {
			// A snapshot has shown what is committed and not noted yet: no later answer has an older date.
			return head, false
		}
		if apart {
			return head, s.moves.untouched(since, after, refused)
		}
		return head, s.moves.unmoved(since)
	}
}
