package pipeline

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"sync"
	"time"
)

// A Digest is the sum mod 2²⁵⁶ (big-endian) of the SHA-256 of each live record. It does not depend on
// the order in which records come, so it is kept up to date with each commit, and anybody who has
// copied the log up to the same cursor can compute it from the copy.
type Digest [32]byte

// Add adds a record: SHA-256 over identifier, newline, datestamp as YYYY-MM-DDThh:mm:ssZ, newline, and
// the bytes of the oai_dc element.
func (d *Digest) Add(identifier string, datestamp time.Time, oaiDC []byte) {
	d.combine(recordHash(identifier, datestamp, oaiDC), bits.Add64)
}

// Sub takes a record away that was added before.
func (d *Digest) Sub(identifier string, datestamp time.Time, oaiDC []byte) {
	d.combine(recordHash(identifier, datestamp, oaiDC), bits.Sub64)
}

// Merge adds all the records of another digest, which must not be in this one.
func (d *Digest) Merge(other Digest) { d.combine(other, bits.Add64) }

func (d *Digest) combine(h [32]byte, op func(x, y, carry uint64) (uint64, uint64)) {
	var carry uint64
	for i := 24; i >= 0; i -= 8 {
		var v uint64
		v, carry = op(binary.BigEndian.Uint64(d[i:]), binary.BigEndian.Uint64(h[i:]), carry)
		binary.BigEndian.PutUint64(d[i:], v)
	}
}

func recordHash(identifier string, datestamp time.Time, oaiDC []byte) [32]byte {
	b := hashed.Get().(*[]byte)
	defer hashed.Put(b)
	*b = append((*b)[:0], identifier...)
	*b = append(*b, '\n')
	*b = datestamp.UTC().AppendFormat(*b, "2006-01-02T15:04:05Z")
	*b = append(*b, '\n')
	h := sha256.New()
	h.Write(*b)
	h.Write(oaiDC)
	*b = h.Sum((*b)[:0])
	return [32]byte(*b)
}

func identifierHash(identifier string) [32]byte { return sha256.Sum256([]byte(identifier)) }

// hashed are buffers for what stands before the oai_dc element.
var hashed = sync.Pool{New: func() any { return new([]byte) }}
