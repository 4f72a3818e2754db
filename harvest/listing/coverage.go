package listing

import (
	"fmt"
	"slices"
)

// maxRanges bounds what a coverage remembers; it is part of the cursor.
const maxRanges = 500

// A coverage remembers which rows the saved pages had, so that it can tell whether the pages together are the whole
// listing. Pages with the same total are taken for pages of one listing.
type coverage struct {
	Lists []covered `json:"lists,omitempty"`
	// Lost says that a page had no count, or that there was too much to remember.
	Lost bool `json:"lost,omitempty"`
}

// covered has the ranges of rows, from and to, of a listing with Total rows. They are sorted and don't touch.
type covered struct {
	Total  int      `json:"n"`
	Ranges [][2]int `json:"r"`
}

// with returns a coverage that knows one page more. c may be nil, and stays as it is, because the cursor that it came
// from may be asked for again.
func (c *coverage) with(count Count) *coverage {
	out := &coverage{}
	if c != nil {
		out.Lost = c.Lost
		for _, l := range c.Lists {
			out.Lists = append(out.Lists, covered{l.Total, slices.Clone(l.Ranges)})
		}
	}
	out.add(count)
	return out
}

func (c *coverage) add(count Count) {
	if count.To == 0 {
		c.Lost = true
		return
	}
	i := slices.IndexFunc(c.Lists, func(l covered) bool { return l.Total == count.Total })
	if i < 0 {
		i = len(c.Lists)
		c.Lists = append(c.Lists, covered{Total: count.Total})
	}
	c.Lists[i].add(count.From, count.To)
	n := 0
	for _, l := range c.Lists {
		n += len(l.Ranges)
	}
	if n > maxRanges {
		*c = coverage{Lost: true}
	}
}

func (l *covered) add(from, to int) {
	l.Ranges = append(l.Ranges, [2]int{from, to})
	slices.SortFunc(l.Ranges, func(a, b [2]int) int { return a[0] - b[0] })
	merged := l.Ranges[:1]
	for _, r := range l.Ranges[1:] {
		if last := &merged[len(merged)-1]; r[0] <= last[1]+1 {
			last[1] = max(last[1], r[1])
		} else {
			merged = append(merged, r)
		}
	}
	l.Ranges = merged
}

// missing names the first rows that a listing announces and no page has. It is empty if no rows are missing, or if a
// page without a count may have them.
func (c *coverage) missing() string {
	if c.Lost {
		return ""
	}
	for _, l := range c.Lists {
		next := 1
		for _, r := range l.Ranges {
			if r[0] > next {
				return fmt.Sprintf("%d to %d of %d", next, r[0]-1, l.Total)
			}
			next = r[1] + 1
		}
		if next <= l.Total {
			return fmt.Sprintf("%d to %d of %d", next, l.Total, l.Total)
		}
	}
	return ""
}
