package search

import (
	"encoding/binary"
	"sync"

	"zombiezen.com/go/sqlite"
)

// What hits are counted and sorted by is kept in memory: a search reads up to ten thousand rows, for each facet of which something
// is chosen once more, and SQLite drops the pages that it has in memory with every commit of somebody else. A row is never
// changed, because a record that changes gets another place. So what was read of places that the index has reached stays right
// whatever is committed: rows that are gone since are not asked for any more.

const (
	keptPlaces = 1024     // places of the log that are kept together
	keptBytes  = 32 << 20 // kept of all, at most
	// keptWorth is how many rows of some places must have been asked for, at once or one after the other, so that all of them are
	// read: to read them all takes as long as to read so many one by one.
	keptWorth = keptPlaces / 16
)

// The columns that are read together.
type keptColumns int

const (
	countedBy keptColumns = iota // dates and values of facets
	sortedBy                     // the title and marks
)

var namesOf = [...]string{countedBy: "begin, finish, has", sortedBy: "title, marks"}

// A keep is the rows that are kept.
type keep struct {
	places      int64 // keptPlaces, bytes is keptBytes and worth is keptWorth, but for tests
	bytes       int
	worth       int
	missed      map[keptAt]int // rows that were asked for, of what is not kept
	mu          sync.Mutex
	chunks      map[keptAt]*keptChunk
	size, clock int
	// found are the records that have the words of a query, by the query as FTS5 has it (see matches.go). foundBytes is matchesBytes
	// and foundWorth is matchesWorth, but for tests.
	found                  map[string]*matches
	foundBytes, foundWorth int
}

// mostMissed bounds missed.
const mostMissed = 100_000

type keptAt struct {
	columns keptColumns
	chunk   int64 // a place divided by how many are kept together
}

// A keptChunk is the rows of some places, one behind the other; where a place has none, it has no bytes.
type keptChunk struct {
	ends []uint32
	rows []byte
	used int // when it was used last, by the clock
}

func (c *keptChunk) size() int { return 4*len(c.ends) + len(c.rows) }

func (c *keptChunk) row(at int64) []byte {
	begin := uint32(0)
	if at > 0 {
		begin = c.ends[at-1]
	}
	return c.rows[begin:c.ends[at]:c.ends[at]]
}

func newKeep(places int64, bytes, worth int) *keep {
	return &keep{places: places, bytes: bytes, worth: worth, missed: map[keptAt]int{}, chunks: map[keptAt]*keptChunk{},
		found: map[string]*matches{}, foundBytes: matchesBytes, foundWorth: matchesWorth}
}

// emptied is another one of that kind.
func (k *keep) emptied() *keep {
	out := newKeep(k.places, k.bytes, k.worth)
	out.foundBytes, out.foundWorth = k.foundBytes, k.foundWorth
	return out
}

// kept are the rows that are kept, for one who reads an index that has reached a place.
type kept struct {
	*keep
	upto int64
}

// read reads rows, each into the hit at its index.
func (k kept) read(conn *sqlite.Conn, columns keptColumns, seqs []int64, into func(i int) *hit) error {
	for first, last := 0, 0; first < len(seqs); first = last {
		number := seqs[first] / k.places
		for last = first; last < len(seqs) && seqs[last]/k.places == number; last++ {
		}
		chunk, err := k.chunk(conn, keptAt{columns, number}, last-first)
		if err != nil {
			return err
		}
		var others []int64
		var at []int
		for i := first; i < last; i++ {
			var row []byte
			if chunk != nil {
				row = chunk.row(seqs[i] % k.places)
			}
			if len(row) == 0 { // it may be gone for others who read
				others, at = append(others, seqs[i]), append(at, i)
				continue
			}
			into(i).unpack(columns, row)
		}
		if len(others) == 0 {
			continue
		}
		if err := docs(conn, "seq, "+namesOf[columns], others, func(r *sqlite.Stmt) {
			for others[0] != r.ColumnInt64(0) {
				others, at = others[1:], at[1:]
			}
			into(at[0]).unpack(columns, packedRow(columns, nil, r))
		}); err != nil {
			return err
		}
	}
	return nil
}

// chunk are the rows of a chunk; nil if they are not kept, and so few of them are wanted that they are read one by one.
func (k kept) chunk(conn *sqlite.Conn, at keptAt, wanted int) (*keptChunk, error) {
	if (at.chunk+1)*k.places > k.upto+1 { // there will be others
		return nil, nil
	}
	if c := k.known(at); c != nil || !k.worthy(at, wanted) {
		return c, nil
	}
	c, next := &keptChunk{ends: make([]uint32, k.places)}, int64(0)
	first := at.chunk * k.places
	if err := rows(conn, "SELECT seq, "+namesOf[at.columns]+" FROM doc WHERE seq >= ? AND seq < ?", []any{first, first + k.places}, func(r *sqlite.Stmt) {
		for ; next < r.ColumnInt64(0)-first; next++ {
			c.ends[next] = uint32(len(c.rows))
		}
		c.rows = packedRow(at.columns, c.rows, r)
	}); err != nil {
		return nil, err
	}
	for ; next < k.places; next++ {
		c.ends[next] = uint32(len(c.rows))
	}
	k.put(at, c)
	return c, nil
}

func (k *keep) known(at keptAt) *keptChunk {
	k.mu.Lock()
	defer k.mu.Unlock()
	c := k.chunks[at]
	if c != nil {
		k.clock++
		c.used = k.clock
	}
	return c
}

// worthy says whether so many of a chunk's rows have been asked for that all of them are to be read.
func (k *keep) worthy(at keptAt, wanted int) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.missed[at] += wanted; k.missed[at] < k.worth {
		if len(k.missed) > mostMissed {
			clear(k.missed)
		}
		return false
	}
	delete(k.missed, at)
	return true
}

// put keeps a chunk, and lets go of those that were not used for the longest time, if there are too many.
func (k *keep) put(at keptAt, c *keptChunk) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.chunks[at] != nil { // another one was faster
		return
	}
	for k.size+c.size() > k.bytes && len(k.chunks) > 0 {
		oldest, unused := keptAt{}, 0
		for other, c := range k.chunks {
			if unused == 0 || c.used < unused {
				oldest, unused = other, c.used
			}
		}
		k.size -= k.chunks[oldest].size()
		delete(k.chunks, oldest)
	}
	k.clock++
	c.used = k.clock
	k.chunks[at] = c
	k.size += c.size()
}

// packedRow appends a row as it is kept: of countedBy whether it has a date, the days of it, and the numbers of its values; of
// sortedBy the length of the title counted from 1, the title, and the marks. So it has at least one byte. The columns stand behind
// the one of the place.
func packedRow(columns keptColumns, to []byte, r *sqlite.Stmt) []byte {
	if columns == sortedBy {
		to = binary.AppendUvarint(to, uint64(r.ColumnLen(1)+1))
		return appendColumn(appendColumn(to, r, 1), r, 2)
	}
	if r.ColumnIsNull(1) {
		to = append(to, 0)
	} else {
		to = binary.AppendVarint(binary.AppendVarint(append(to, 1), r.ColumnInt64(1)), r.ColumnInt64(2))
	}
	return appendColumn(to, r, 3)
}

func appendColumn(to []byte, r *sqlite.Stmt, column int) []byte {
	n := r.ColumnLen(column)
	to = append(to, make([]byte, n)...)
	r.ColumnBytes(column, to[len(to)-n:])
	return to
}

// unpack reads a row as it is kept.
func (h *hit) unpack(columns keptColumns, row []byte) {
	if columns == sortedBy {
		n, size := binary.Uvarint(row)
		end := size + int(n) - 1
		h.title, h.marks = row[size:end:end], row[end:]
		return
	}
	h.dated, row = row[0] == 1, row[1:]
	if h.dated {
		var size int
		h.begin, size = binary.Varint(row)
		row = row[size:]
		h.finish, size = binary.Varint(row)
		row = row[size:]
	}
	h.has = row
}
