package quality

import (
	"encoding/binary"
	"math"
	"slices"
)

// minima is how many of the smallest hashes are kept of a set; twice as many are gathered before the
// greater half is thrown away, so sets below 2*minima are counted exactly.
const minima = 2048

// A distinct counts different values by their hashes: the k-th smallest of n evenly scattered numbers
// tells n. It doesn't matter in which order, nor how often, values are added, so that two can be merged.
type distinct struct {
	hashes map[uint64]struct{}
	// ceiling is the greatest hash that still matters; zero while all do.
	ceiling uint64
}

func (d *distinct) add(hash uint64) {
	if d.ceiling != 0 && hash > d.ceiling {
		return
	}
	if d.hashes == nil {
		d.hashes = make(map[uint64]struct{})
	}
	d.hashes[hash] = struct{}{}
	if len(d.hashes) >= 2*minima {
		d.shrink()
	}
}

// shrink keeps the smallest hashes.
func (d *distinct) shrink() {
	sorted := d.sorted()
	for _, h := range sorted[minima:] {
		delete(d.hashes, h)
	}
	d.ceiling = sorted[minima-1]
}

func (d *distinct) sorted() []uint64 {
	all := make([]uint64, 0, len(d.hashes))
	for h := range d.hashes {
		all = append(all, h)
	}
	slices.Sort(all)
	return all
}

func (d *distinct) merge(e *distinct) {
	if e.ceiling != 0 && (d.ceiling == 0 || e.ceiling < d.ceiling) {
		d.ceiling = e.ceiling
		for h := range d.hashes {
			if h > d.ceiling {
				delete(d.hashes, h)
			}
		}
	}
	for h := range e.hashes {
		d.add(h)
	}
}

// count is how many different values there were.
func (d *distinct) count() int64 {
	if d.ceiling == 0 {
		return int64(len(d.hashes))
	}
	greatest := d.sorted()[minima-1]
	return int64(math.Round((minima - 1) / (float64(greatest) / math.MaxUint64)))
}

// hashText is a hash of s. It is the same in every process, so that reports on the same records are equal. It does not
// resist a search for collisions: a source that did so would spoil only the report on itself.
func hashText(s string) uint64 {
	const prime = 0x9e3779b97f4a7c15
	h := uint64(len(s)) * prime
	for len(s) >= 8 {
		h = mix(h ^ binary.LittleEndian.Uint64([]byte(s[:8])))
		s = s[8:]
	}
	var last uint64
	for i := range len(s) {
		last = last<<8 | uint64(s[i])
	}
	return mix(mix(h^last) + prime)
}

// mix spreads each bit of x over all (the finaliser of MurmurHash3).
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}
