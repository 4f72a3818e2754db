package pipeline

import (
	"crypto/sha256"
	"encoding/binary"
)

// A Hash identifies content. Equal hashes are taken for equal content.
type Hash [32]byte

// A Hasher makes one hash of several parts, such that no two lists of parts are taken for each other.
// The zero Hasher is ready for use, and is so again after Sum.
type Hasher struct{ joined []byte }

// Text adds a text.
func (h *Hasher) Text(s string) {
	h.Number(uint64(len(s)))
	h.joined = append(h.joined, s...)
}

// Bytes adds a text as bytes.
func (h *Hasher) Bytes(p []byte) {
	h.Number(uint64(len(p)))
	h.joined = append(h.joined, p...)
}

// List adds a list of texts as one part.
func (h *Hasher) List(texts []string) {
	h.Number(uint64(len(texts)))
	for _, s := range texts {
		h.Text(s)
	}
}

// Number adds a number.
func (h *Hasher) Number(n uint64) { h.joined = binary.AppendUvarint(h.joined, n) }

// Flag adds a yes or a no.
func (h *Hasher) Flag(yes bool) {
	if yes {
		h.joined = append(h.joined, 1)
	} else {
		h.joined = append(h.joined, 0)
	}
}

// Sum is the hash of all parts; the next part begins another.
func (h *Hasher) Sum() Hash {
	sum := sha256.Sum256(h.joined)
	h.joined = h.joined[:0]
	return sum
}

// Size is how many bytes the Hasher holds on to.
func (h *Hasher) Size() int { return cap(h.joined) }
