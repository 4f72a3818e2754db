package search

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/collation"
)

// Titles stand on shelves, as books do: each shelf has those from one title to the next shelf's, in the order of a language.
// Which records are on a shelf is in the table has, so that all hits are in the order of their titles at some five bytes a
// record, where an index of the titles would take as much as they do. A shelf that is full is divided.

// A shelf is one of those of a language.
type shelf struct {
	number int64
	first  spot // by its title and its place in the log: where the shelf begins
	size   int  // how many records are on it
}

// shelves are those of a language, in order.
type shelves []shelf

const (
	shelfSize = 1000 // records on a shelf, at most; the titles on it are read to show one of them
	divided   = 4    // shelves that a full one is divided into, at least
	// untitled is the number of a shelf for what has no title, in every language. It is greater than that of any other.
	untitled = 1<<(63-placeBits-aheadBits) - 1
)

// shelfValue is what the records of a shelf have in the table has.
func shelfValue(number int64) int64 { return -100_000 - number }

// compareTitles puts what has no title behind.
func compareTitles(a, b spot) int {
	return cmp.Or(compareBool(len(a.title) == 0, len(b.title) == 0), collation.Compare(a.title, b.title), cmp.Compare(a.seq, b.seq))
}

// of is the number of the shelf of a title; the first one begins with the first title that there can be.
func (s shelves) of(title collation.Key, seq int64) int64 {
	if len(title) == 0 {
		return untitled
	}
	at, is := slices.BinarySearchFunc(s, spot{seq: seq, title: title}, func(s shelf, t spot) int {
		return cmp.Or(collation.Compare(s.first.title, t.title), cmp.Compare(s.first.seq, t.seq))
	})
	if !is {
		at--
	}
	return s[at].number
}

// firstShelves makes the first shelf of each language, which has everything.
func firstShelves() string {
	var made []string
	for i, language := range collation.Languages {
		made = append(made, fmt.Sprintf("(%d, '%s', x'', 0, 0)", i+1, language))
	}
	return "INSERT INTO shelf (number, language, first, seq, size) VALUES " + strings.Join(made, ", ")
}

// shelvesOf reads the shelves of a language.
func shelvesOf(conn *sqlite.Conn, language string) (out shelves, err error) {
	err = rows(conn, "SELECT number, first, seq, size FROM shelf WHERE language = +?", []any{language}, func(r *sqlite.Stmt) {
		out = append(out, shelf{number: r.ColumnInt64(0), first: spot{seq: r.ColumnInt64(2), title: blob(r, 1)}, size: int(r.ColumnInt64(3))})
	})
	slices.SortFunc(out, func(a, b shelf) int { // the first one has no title, and comes first
		return cmp.Or(collation.Compare(a.first.title, b.first.title), cmp.Compare(a.first.seq, b.first.seq))
	})
	return out, err
}

// shelvesFor are the numbers in the table has under which a title stands: one for each language that has an order of its own.
func (x *Index) shelvesFor(title collation.Key, seq int64) ([]int64, error) {
	if x.shelves == nil {
		all := map[string]shelves{}
		for _, language := range collation.Languages {
			s, err := shelvesOf(x.writer, language)
			if err != nil {
				return nil, err
			}
			all[language] = s
		}
		x.shelves = all
	}
	if len(title) == 0 {
		return []int64{shelfValue(untitled)}, nil
	}
	var out []int64
	for _, language := range collation.Languages {
		out = append(out, shelfValue(x.shelves[language].of(title.In(language), seq)))
	}
	return out, nil
}

// shelve takes note of how many records more, or fewer, have come to be on shelves, and divides those that are full. Those on
// which nothing is left go, and their titles belong to the shelf before.
func (x *Index) shelve(grown map[int64]int) error {
	for _, language := range slices.Sorted(maps.Keys(x.shelves)) {
		for at := 0; at < len(x.shelves[language]); at++ {
			s := &x.shelves[language][at]
			more := grown[shelfValue(s.number)]
			if more == 0 {
				continue
			}
			s.size += more
			var err error
			switch {
			case s.size > x.shelfSize:
				err = x.divide(language, at)
			case s.size == 0 && at > 0:
				err = do(x.writer, "DELETE FROM shelf WHERE number = ?", s.number)
				x.shelves[language] = slices.Delete(x.shelves[language], at, at+1)
				at--
			default:
				err = do(x.writer, "UPDATE shelf SET size = ? WHERE number = ?", s.size, s.number)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// divide makes several shelves of one.
func (x *Index) divide(language string, at int) error {
	full := &x.shelves[language][at]
	titles, err := titlesOn(x.writer, full.number, nil, language)
	if err != nil {
		return err
	}
	number := int64(0)
	if err := rows(x.writer, "SELECT max(number) FROM shelf", nil, func(r *sqlite.Stmt) { number = r.ColumnInt64(0) }); err != nil {
		return err
	}
	var made shelves
	moved := shift{}
	parts := max(divided, (len(titles)+x.shelfSize-1)/x.shelfSize) // a batch may have brought more than some shelves hold
	for part := 1; part < parts; part++ {
		number++
		from, to := part*len(titles)/parts, (part+1)*len(titles)/parts
		s := shelf{number: number, first: between(titles[from-1], titles[from]), size: to - from}
		for _, t := range titles[from:to] {
			moved.note([]int64{shelfValue(full.number)}, t.seq, false)
			moved.note([]int64{shelfValue(number)}, t.seq, true)
		}
		if err := do(x.writer, "INSERT INTO shelf (number, language, first, seq, size) VALUES (?, ?, ?, ?, ?)", number, language, []byte(s.first.title), s.first.seq, s.size); err != nil {
			return err
		}
		made = append(made, s)
	}
	full.size = len(titles) / parts
	if err := do(x.writer, "UPDATE shelf SET size = ? WHERE number = ?", full.size, full.number); err != nil {
		return err
	}
	x.shelves[language] = slices.Insert(x.shelves[language], at+1, made...)
	_, err = moved.write(x.writer)
	return err
}

// titlesOn are the titles on a shelf, in order; those of some records, unless among is nil.
func titlesOn(conn *sqlite.Conn, number int64, among set, language string) (out []spot, err error) {
	in, err := having(conn, shelfValue(number), among)
	if err != nil {
		return nil, err
	}
	err = docs(conn, "seq, title", in, func(r *sqlite.Stmt) {
		out = append(out, spot{seq: r.ColumnInt64(0), title: collation.Key(blob(r, 1)).In(language)})
	})
	slices.SortFunc(out, compareTitles)
	return out, err
}

// relabel lets no shelf begin with a title that was taken down, or the beginning of it, unless others begin so.
func (x *Index) relabel(title collation.Key) error {
	for language, all := range x.shelves {
		in := title.In(language)
		for at := 1; at < len(all); at++ {
			if !bytes.HasPrefix(in, all[at].first.title) {
				continue
			}
			before, err := titlesOn(x.writer, all[at-1].number, nil, language)
			if err != nil {
				return err
			}
			behind, err := titlesOn(x.writer, all[at].number, nil, language)
			if err != nil {
				return err
			}
			last := spot{}
			if len(before) > 0 {
				last = before[len(before)-1]
			}
			all[at].first = between(last, behind[0])
			if err := do(x.writer, "UPDATE shelf SET first = ?, seq = ? WHERE number = ?", []byte(all[at].first.title), all[at].first.seq, all[at].number); err != nil {
				return err
			}
		}
	}
	return nil
}

// between is where a shelf begins whose first title follows another one: the shortest beginning of it that stands behind that
// one; of equal titles, the place in the log decides.
func between(before, first spot) spot {
	if bytes.Equal(before.title, first.title) {
		return first
	}
	n := 0
	for n < len(before.title) && before.title[n] == first.title[n] {
		n++
	}
	return spot{title: first.title[:n+1]}
}
