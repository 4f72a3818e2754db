package search

import (
	"slices"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/collation"
)

// A titleOrder is the order of hits by their titles, as a language puts them. Its parts are the shelves, and behind them what
// has no title.
type titleOrder struct {
	conn     *sqlite.Conn
	all      set
	language string
	shelves  shelves
	place    int64
	there    spot // the record at the place, if it is there still
}

// The place of a title has, above the place in the log, how many hits stand before it on its shelf, and the number of the shelf.
// They are asked if the record has changed or is gone, so that a page goes on where it was; if that shelf is gone too, with the
// first hit.
const (
	aheadBits = 13
	aheadMost = 1<<aheadBits - 1
)

func titlePlace(shelf int64, ahead int, seq int64) int64 {
	return shelf<<(placeBits+aheadBits) | int64(min(ahead, aheadMost))<<placeBits | seq
}

func orderByTitle(conn *sqlite.Conn, all set, language string, place int64) (order, error) {
	o := &titleOrder{conn: conn, all: all, language: language, place: place}
	err := eachDoc(conn, "seq, title", []int64{seqAt(place)}, func(r *sqlite.Stmt) {
		o.there = spot{seq: r.ColumnInt64(0), title: collation.Key(blob(r, 1)).In(language)}
	})
	if err != nil {
		return nil, err
	}
	if o.shelves, err = shelvesOf(conn, language); err != nil {
		return nil, err
	}
	if on := shelfAt(place); o.there.seq == 0 && on != untitled && !slices.ContainsFunc(o.shelves, func(s shelf) bool { return s.number == on }) {
		o.place = 0
	}
	return o, nil
}

func shelfAt(place int64) int64 { return place >> (placeBits + aheadBits) }

func (o *titleOrder) parts() ([]int, int) {
	numbers := make([]int, 0, len(o.shelves)+1)
	for _, s := range o.shelves {
		numbers = append(numbers, int(s.number))
	}
	numbers = append(numbers, untitled)
	if o.there.seq != 0 {
		return numbers, slices.Index(numbers, int(o.shelves.of(o.there.title, o.there.seq)))
	}
	return numbers, max(0, slices.Index(numbers, int(shelfAt(o.place))))
}

func (o *titleOrder) members(part int) ([]int64, error) {
	return having(o.conn, shelfValue(int64(part)), o.all)
}

func (o *titleOrder) around(hits []spot) (before, upto int) {
	seq := seqAt(o.place)
	switch {
	case o.there.seq != 0:
		before, is := slices.BinarySearchFunc(hits, o.there, compareTitles)
		if is {
			return before, before + 1
		}
		return before, before
	case shelfAt(o.place) == untitled: // they are in the order of the log
		before, _ := slices.BinarySearchFunc(hits, spot{seq: seq}, compareTitles)
		return before, before
	}
	ahead := min(int(o.place>>placeBits&aheadMost), len(hits))
	return ahead, ahead
}

func (o *titleOrder) read(part int) (out []spot, err error) {
	if out, err = titlesOn(o.conn, int64(part), o.all, o.language); err != nil {
		return nil, err
	}
	for i := range out {
		out[i].place = titlePlace(int64(part), i, out[i].seq)
	}
	return out, nil
}
