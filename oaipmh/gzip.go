package oaipmh

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math/bits"
	"sync"

	"github.com/klauspost/compress/flate"
)

// A gzip member (RFC 1952) is made here of three parts: a stored block, the deflated elements up to a byte boundary,
// and another stored block (RFC 1951, sections 3.2.3 and 3.2.4). So the elements of a page, which are nearly all of
// it, can be kept compressed, while the date before them and the resumptionToken after them are new each time. The
// checksum of the whole is computed from those of the parts.

// deflated is a part of an answer that was compressed before.
type deflated struct {
	bytes  []byte // ends on a byte boundary, and not with the last block
	length int    // of the plain bytes
	crc    uint32 // of the plain bytes
	shift  uint32 // what appending that many bytes does to the checksum before them; see crcShift
}

// A deflater is a compressor with its output, kept for the next answer.
type deflater struct {
	out    bytes.Buffer
	w      *flate.Writer
	member []byte // room for what is made of it
}

var deflaters = sync.Pool{New: func() any {
	d := new(deflater)
	// Level 1 shrinks metadata to an eighth. A higher level would cost more time than the repository takes.
	d.w, _ = flate.NewWriter(&d.out, flate.BestSpeed)
	return d
}}

// deflate compresses into memory, so it can't fail. Its output is valid until the next call.
func (d *deflater) deflate(plain []byte) deflated {
	d.out.Reset()
	d.w.Reset(&d.out)
	_, _ = d.w.Write(plain)
	_ = d.w.Flush()
	return deflated{bytes: d.out.Bytes(), length: len(plain), crc: crc32.ChecksumIEEE(plain), shift: crcShift(len(plain))}
}

func (d *deflater) release() {
	if d.out.Cap()+cap(d.member) <= maxKept {
		deflaters.Put(d)
	}
}

// gzipHeader says: deflate, no flags, no time, fastest, no operating system.
const gzipHeader = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"

// appendGzip appends a gzip member of the parts.
func appendGzip(dst, before []byte, middle *deflated, after []byte) []byte {
	dst = append(dst, gzipHeader...)
	dst = appendStored(dst, before, false)
	dst = append(dst, middle.bytes...)
	dst = appendStored(dst, after, true)
	crc := crcMultiply(middle.shift, crc32.ChecksumIEEE(before)) ^ middle.crc
	crc = crc32.Update(crc, crc32.IEEETable, after)
	dst = binary.LittleEndian.AppendUint32(dst, crc)
	return binary.LittleEndian.AppendUint32(dst, uint32(len(before)+middle.length+len(after)))
}

// appendStored appends uncompressed blocks at a byte boundary. If last, there is at least one, so that the end is
// marked.
func appendStored(dst, b []byte, last bool) []byte {
	const most = 1<<16 - 1
	for len(b) > 0 || last {
		n := min(len(b), most)
		header := byte(0)
		if last && n == len(b) {
			header, last = 1, false
		}
		dst = append(dst, header, byte(n), byte(n>>8), ^byte(n), ^byte(n>>8))
		dst = append(dst, b[:n]...)
		b = b[n:]
	}
	return dst
}

// The checksum of two parts in a row is the checksum of the first, times x to the power of the number of bits in
// the second, plus the checksum of the second. All of these are polynomials over GF(2) modulo that of CRC-32, with
// the highest power in the lowest bit.

// crcPowers are x to 2^i.
var crcPowers = func() (p [32]uint32) {
	p[0] = 1 << 30
	for i := 1; i < len(p); i++ {
		p[i] = crcMultiply(p[i-1], p[i-1])
	}
	return p
}()

// crcShift is x to the number of bits in n bytes.
func crcShift(n int) uint32 {
	power := uint32(1) << 31
	for rest := uint64(n) << 3; rest != 0; rest &= rest - 1 {
		// x to 2^32 is x to 2^0 again: the powers repeat after 2^32-1.
		power = crcMultiply(power, crcPowers[bits.TrailingZeros64(rest)%len(crcPowers)])
	}
	return power
}

func crcMultiply(a, b uint32) (product uint32) {
	for ; a != 0; a <<= 1 {
		if a&(1<<31) != 0 {
			product ^= b
		}
		if b&1 != 0 {
			b = b>>1 ^ crc32.IEEE
		} else {
			b >>= 1
		}
	}
	return product
}
