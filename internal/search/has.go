package search

import (
	"cmp"
	"maps"
	"slices"

	"zombiezen.com/go/sqlite"
)

// The table has says which records have a value: for each value and block of places one row, so that a value that every
// record has takes a bit of each. Beside the values of facets, whose numbers are positive, there are:
const (
	everyRecord = 0  // what every record has
	manyYears   = -1 // what a record has whose date may be one of more years than mostYears, or is open
)

// yearValue is what a record has whose date may be of a year.
func yearValue(year int) int64 { return int64(year) - 20_000 }

const (
	mostYears           = 20
	firstYear, lastYear = -9999, 9999
)

// membersOf are the numbers under which a record stands in the table has.
func membersOf(values []int64, dated bool, begin, finish int64) []int64 {
	out := append([]int64{everyRecord}, values...)
	if !dated {
		return out
	}
	from, to := yearOf(begin), yearOf(finish)
	if from < firstYear || to > lastYear || to-from >= mostYears {
		return append(out, manyYears)
	}
	for year := from; year <= to; year++ {
		out = append(out, yearValue(year))
	}
	return out
}

// A shift is what a batch changes in the table has: each row is read and written once.
type shift map[hasRow]map[uint16]bool // true: it has it from now on

type hasRow struct{ value, block int64 }

func (s shift) note(values []int64, seq int64, has bool) {
	for _, value := range values {
		row := hasRow{value, seq >> blockBits}
		if s[row] == nil {
			s[row] = map[uint16]bool{}
		}
		s[row][uint16(seq)] = has
	}
}

// write writes the rows; grown is by how many records more, or fewer, have a value.
func (s shift) write(conn *sqlite.Conn) (grown map[int64]int, err error) {
	grown = map[int64]int{}
	order := slices.SortedFunc(maps.Keys(s), func(a, b hasRow) int { return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(a.block, b.block)) })
	b := new(block) // one for all rows: it is larger than most of what is written of it
	for _, row := range order {
		clear(b[:])
		there := false
		if err := rows(conn, "SELECT seqs FROM has WHERE value = ? AND block = ?", []any{row.value, row.block}, func(r *sqlite.Stmt) {
			there = true
			had := blob(r, 0)
			b.unpack(had)
			grown[row.value] -= sizeOf(had)
		}); err != nil {
			return nil, err
		}
		for at, has := range s[row] {
			b.put(at, has)
		}
		packed := b.packed()
		grown[row.value] += sizeOf(packed)
		switch {
		case packed == nil:
			err = do(conn, "DELETE FROM has WHERE value = ? AND block = ?", row.value, row.block)
		case there:
			err = do(conn, "UPDATE has SET seqs = ? WHERE value = ? AND block = ?", packed, row.value, row.block)
		default:
			err = do(conn, "INSERT INTO has (value, block, seqs) VALUES (?, ?, ?)", row.value, row.block, packed)
		}
		if err != nil {
			return nil, err
		}
	}
	return grown, nil
}

// read adds the records that have one of the values from first to last.
func (s set) read(conn *sqlite.Conn, first, last int64) error {
	return rows(conn, "SELECT block, seqs FROM has WHERE value BETWEEN ? AND ?", []any{first, last}, func(r *sqlite.Stmt) {
		n := r.ColumnInt64(0)
		if s[n] == nil {
			s[n] = new(block)
		}
		s[n].unpack(blob(r, 1))
	})
}

// having are the records that have a value, in the order of the log; those of some, unless among is nil.
func having(conn *sqlite.Conn, value int64, among set) (out []int64, err error) {
	err = rows(conn, "SELECT block, seqs FROM has WHERE value = +? ORDER BY block", []any{value}, func(r *sqlite.Stmt) {
		n := r.ColumnInt64(0)
		some := among[n]
		if among != nil && some == nil {
			return
		}
		for at := range packedPlaces(blob(r, 1)) {
			if some == nil || some.has(at) {
				out = append(out, n<<blockBits|int64(at))
			}
		}
	})
	return out, err
}

// sharers are the newest records that have a value, without one of them.
func sharers(conn *sqlite.Conn, value, without int64, limit int) (out []int64, err error) {
	err = until(conn, "SELECT block, seqs FROM has WHERE value = ? ORDER BY block DESC", []any{value}, func(r *sqlite.Stmt) bool {
		b := new(block)
		b.unpack(blob(r, 1))
		for seq := range (set{r.ColumnInt64(0): b}).newest(math64max) {
			if seq != without {
				out = append(out, seq)
			}
			if len(out) == limit {
				return false
			}
		}
		return true
	})
	return out, err
}
