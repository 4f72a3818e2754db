package search

import (
	"encoding/binary"
	"iter"
	"maps"
	"math/bits"
	"slices"
)

// A set is one of records, by their places in the log: a bit for each place, in blocks.
type set map[int64]*block

const (
	blockBits = 16
	inBlock   = 1 << blockBits // places
)

type block [inBlock / 64]uint64

func (s set) has(seq int64) bool {
	b := s[seq>>blockBits]
	return b != nil && b.has(uint16(seq))
}

func (s set) add(seq int64) {
	b := s[seq>>blockBits]
	if b == nil {
		b = new(block)
		s[seq>>blockBits] = b
	}
	b.put(uint16(seq), true)
}

func (s set) size() (n int) {
	for _, b := range s {
		n += b.size()
	}
	return n
}

// both are the records that are in two sets. It makes a new one.
func both(a, b set) set {
	out := set{}
	for n, x := range a {
		y := b[n]
		if y == nil {
			continue
		}
		z := new(block)
		for i := range z {
			z[i] = x[i] & y[i]
		}
		out[n] = z
	}
	return out
}

// newest are the places before one, the last one first.
func (s set) newest(before int64) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for _, n := range slices.Backward(slices.Sorted(maps.Keys(s))) {
			first := n << blockBits
			if first >= before {
				continue
			}
			for i, word := range slices.Backward(s[n][:]) {
				for word != 0 {
					bit := 63 - bits.LeadingZeros64(word)
					word &^= 1 << bit
					if seq := first + int64(i)*64 + int64(bit); seq < before && !yield(seq) {
						return
					}
				}
			}
		}
	}
}

// oldest are the places from one on, in their order.
func (s set) oldest(from int64) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for _, n := range slices.Sorted(maps.Keys(s)) {
			first := n << blockBits
			if first+inBlock <= from {
				continue
			}
			for i, word := range s[n] {
				for ; word != 0; word &= word - 1 {
					if seq := first + int64(i)*64 + int64(bits.TrailingZeros64(word)); seq >= from && !yield(seq) {
						return
					}
				}
			}
		}
	}
}

func (b *block) has(at uint16) bool { return b[at/64]>>(at%64)&1 != 0 }

func (b *block) put(at uint16, in bool) {
	if in {
		b[at/64] |= 1 << (at % 64)
	} else {
		b[at/64] &^= 1 << (at % 64)
	}
}

func (b *block) size() (n int) {
	for _, word := range b {
		n += bits.OnesCount64(word)
	}
	return n
}

// packed is a block as it is stored: the numbers of its bits, two bytes each, or all of its bits if that is shorter. It is nil
// if there is none.
func (b *block) packed() []byte {
	n := b.size()
	switch {
	case n == 0:
		return nil
	case 2*n >= inBlock/8:
		out := make([]byte, 0, inBlock/8)
		for _, word := range b {
			out = binary.LittleEndian.AppendUint64(out, word)
		}
		return out
	}
	out := make([]byte, 0, 2*n)
	for i, word := range b {
		for ; word != 0; word &= word - 1 {
			out = binary.LittleEndian.AppendUint16(out, uint16(i*64+bits.TrailingZeros64(word)))
		}
	}
	return out
}

// sizeOf is how many places are in a packed block.
func sizeOf(packed []byte) int {
	if len(packed) < inBlock/8 {
		return len(packed) / 2
	}
	b := new(block)
	b.unpack(packed)
	return b.size()
}

// packedPlaces are the numbers of the bits of a packed block, in order.
func packedPlaces(packed []byte) iter.Seq[uint16] {
	return func(yield func(uint16) bool) {
		if len(packed) < inBlock/8 {
			for ; len(packed) >= 2 && yield(binary.LittleEndian.Uint16(packed)); packed = packed[2:] {
			}
			return
		}
		for i := 0; len(packed) >= 8; i, packed = i+64, packed[8:] {
			for word := binary.LittleEndian.Uint64(packed); word != 0; word &= word - 1 {
				if !yield(uint16(i + bits.TrailingZeros64(word))) {
					return
				}
			}
		}
	}
}

// unpack adds what is in a packed block.
func (b *block) unpack(packed []byte) {
	if len(packed) == inBlock/8 {
		for i := range b {
			b[i] |= binary.LittleEndian.Uint64(packed[8*i:])
		}
		return
	}
	for ; len(packed) >= 2; packed = packed[2:] {
		b.put(binary.LittleEndian.Uint16(packed), true)
	}
}
