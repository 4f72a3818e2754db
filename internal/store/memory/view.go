package memory

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A view is one snapshot of the log (see [store.View]): nothing is written while there is one.
type view struct{ *Log }

func (v view) Head() *pipeline.Head {
	head := v.head
	return &head
}

func (v view) Earliest() (time.Time, error) {
	if began := v.head.Began; !began.IsZero() && began.Before(v.began) {
		return began, nil
	}
	return v.began, nil
}

func (v view) Sample() (identifier string, err error) {
	looked, found := 0, false
	look := func(it *item) bool {
		if found = it.Deleted == pipeline.Live; identifier == "" || found {
			identifier = it.Identifier
		}
		looked++
		return !found && looked < 100
	}
	v.behind(0, look)
	if !found {
		looked = 0
		v.before(math.MaxInt64, look)
	}
	return identifier, nil
}

func (v view) Size() (int64, error) { return int64(len(v.items)), nil }

func (v view) List(kind store.ListKind, name string) (store.Listed, error) {
	for _, l := range v.lists {
		if l.Kind == kind && l.Name == name {
			return *l, nil
		}
	}
	return store.Listed{}, nil
}

func (v view) Lists(kind store.ListKind, after string, f func(*store.List) bool) error {
	var found []store.List
	for _, l := range v.lists {
		if l.Kind == kind && l.Name > after {
			found = append(found, l.List)
		}
	}
	slices.SortFunc(found, func(a, b store.List) int { return strings.Compare(a.Name, b.Name) })
	for i := range found {
		if !f(&found[i]) {
			break
		}
	}
	return nil
}

func (v view) Silent(spec string) (bool, error) { return v.silent[spec], nil }

func (v view) Gateway(number int) (*pipeline.Gateway, error) {
	if number >= len(v.gateways) {
		return nil, nil
	}
	return &v.gateways[number], nil
}

func (v view) LastBefore(datestamp int64) (int64, error) {
	if datestamp <= v.head.Began.Unix() {
		return 0, nil
	}
	for _, s := range v.seconds {
		if s.datestamp >= datestamp {
			return s.seq - 1, nil
		}
	}
	return math.MaxInt64, nil
}

// Lost is never so: nobody can put a log in memory back to an earlier state.
func (v view) Lost(int64) (bool, error) { return false, nil }

func (v view) Row(identifier string, _ bool) (*store.Row, error) {
	it := v.items[v.named[identifier]]
	if it == nil {
		return nil, nil
	}
	row := v.row(it)
	row.Formats, row.Native = it.Formats, it.Native // a tombstone has those that its record had
	return row, nil
}

func (v view) row(it *item) *store.Row {
	row := &store.Row{
		Seq: it.Seq, Datestamp: v.head.Shown(it.Seq, it.Datestamp), Identifier: it.Identifier, Deleted: it.Deleted != pipeline.Live,
		Sets: strings.Fields(it.Sets), Item: it.Item,
	}
	if !row.Deleted {
		row.Provenance, row.Rights, row.Formats, row.OAIDC = []byte(it.Provenance), []byte(it.Rights), it.Formats, it.OAIDC
	}
	return row
}

func (v view) Departure(identifier string, list int64) (*store.Row, error) {
	it := v.items[v.named[identifier]]
	if it == nil {
		return nil, nil
	}
	d, has := v.departures[departed{list, it.Item}]
	if !has {
		return nil, nil
	}
	return v.left(it, d, it.Sets), nil
}

// left is the row of one that has left a list.
func (v view) left(it *item, d departure, sets string) *store.Row {
	return &store.Row{Seq: d.seq, Datestamp: v.head.Shown(d.seq, d.datestamp), Identifier: it.Identifier, Deleted: true, Sets: strings.Fields(sets), Item: it.Item}
}

// Rows walks the log, and gives what is in the list, with those who have left it at their places.
func (v view) Rows(in *store.Range, f func(*store.Row) (bool, error)) (err error) {
	gone := v.gone(in)
	more := true
	give := func(row *store.Row) bool {
		if more, err = f(row); err != nil {
			more = false
		}
		return more
	}
	v.behind(in.After, func(it *item) bool {
		if it.Seq > in.Upto {
			return false
		}
		for len(gone) > 0 && gone[0].Seq <= it.Seq {
			if !give(gone[0]) {
				return false
			}
			gone = gone[1:]
		}
		return !v.has(in, it) || give(v.row(it))
	})
	for i := 0; more && i < len(gone); i++ {
		give(gone[i])
	}
	return err
}

// has says whether the record is in the list now.
func (v view) has(in *store.Range, it *item) bool {
	return (in.SetKey == 0 || it.in(in.Set)) && hasFormat(in, it)
}

func hasFormat(in *store.Range, it *item) bool {
	switch {
	case in.Everyone():
		return true
	case in.Made != "":
		return it.Formats.Has(in.Made)
	}
	return it.Native == in.Format
}

// gone are those who have left the list, in order of the places where they did. One who has left both the set and
// the format has left with the first of the two.
func (v view) gone(in *store.Range) (out []*store.Row) {
	within := func(d departure) bool { return d.seq > in.After && d.seq <= in.Upto }
	for at, d := range v.departures {
		it := v.items[at.item]
		fromSet, hasLeftSet := v.departures[departed{in.SetKey, at.item}]
		fromFormat, hasLostFormat := v.departures[departed{in.Format, at.item}]
		switch {
		case !within(d):
		case in.SetKey != 0 && at.list == in.SetKey:
			leftFirst := hasLostFormat && fromFormat.seq >= d.seq
			if !in.Silent && (in.Everyone() || leftFirst || hasFormat(in, it)) {
				out = append(out, v.left(it, d, in.Set))
			}
		case in.Everyone() || at.list != in.Format:
		case in.SetKey == 0:
			out = append(out, v.left(it, d, it.Sets))
		default:
			lostFirst := !in.Silent && hasLeftSet && fromSet.seq > d.seq
			if lostFirst || it.in(in.Set) {
				out = append(out, v.left(it, d, in.Set))
			}
		}
	}
	slices.SortFunc(out, func(a, b *store.Row) int { return cmp.Compare(a.Seq, b.Seq) })
	return out
}

func (v view) DC(item int64) ([]byte, error) { return v.items[item].DC, nil }

func (v view) Original(item int64) ([]byte, error) { return v.items[item].Original, nil }
