package quality

import (
	"cmp"
	"slices"
)

// counters is how many values a frequent can tell apart.
const counters = 2048

// A frequent finds the values that are met most, in bounded memory (Misra and Gries, 1982). While there
// are no more than counters different values every count is exact; then a count is low by at most lost,
// and lost is at most the number of all values divided by counters+1.
type frequent struct {
	met  map[uint64]*counter
	lost int64
}

// A counter is how often a value was met, what it was, and where, for some.
type counter struct {
	count int64
	text  string
	where []sample // sorted by hash
}

// add counts the value text, met in the record of f as the value shown.
func (q *frequent) add(f *facts, text, shown string) {
	hash := hashText(text)
	if c, ok := q.met[hash]; ok {
		c.count++
		if len(c.where) < maxSamples || f.hash <= c.where[maxSamples-1].hash {
			c.where = insert(c.where, f.sample(shown))
		}
		return
	}
	if q.met == nil {
		q.met = make(map[uint64]*counter)
	}
	if len(q.met) == counters {
		q.forget(1)
		return
	}
	q.met[hash] = &counter{count: 1, text: clip(text), where: []sample{f.sample(shown)}}
}

// forget lowers all counts by n and drops those that are then nothing.
func (q *frequent) forget(n int64) {
	q.lost += n
	for hash, c := range q.met {
		if c.count -= n; c.count <= 0 {
			delete(q.met, hash)
		}
	}
}

func (q *frequent) merge(p *frequent) {
	if q.met == nil {
		q.met = make(map[uint64]*counter)
	}
	q.lost += p.lost
	for hash, c := range p.met {
		mine, ok := q.met[hash]
		if !ok {
			q.met[hash] = &counter{c.count, c.text, slices.Clone(c.where)}
			continue
		}
		mine.count += c.count
		for _, s := range c.where {
			mine.where = insert(mine.where, s)
		}
	}
	if len(q.met) > counters {
		counts := make([]int64, 0, len(q.met))
		for _, c := range q.met {
			counts = append(counts, c.count)
		}
		slices.Sort(counts)
		q.forget(counts[len(counts)-counters-1])
	}
}

// atLeast are the values with a count of n or more, the most frequent first.
func (q *frequent) atLeast(n int64) []*counter {
	var found []*counter
	for _, c := range q.met {
		if c.count >= n {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b *counter) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.text, b.text))
	})
	return found
}
