package dublincore

import (
	"crypto/sha256"
	"encoding/binary"
)

// fingerprintForm names the byte layout below; another layout must have another name, or an upgrade
// could mistake changed records for unchanged ones.
const fingerprintForm = "sheaf dublincore 1\n"

// Fingerprint is the SHA-256 of what the record says: every value's term, text, language and scheme.
// The order of the values under a term counts, the order of the terms does not; originals,
// authorities and notes don't.
func (r *Record) Fingerprint() [32]byte {
	buf := make([]byte, 0, 2048)
	buf = append(buf, fingerprintForm...)
	for _, v := range r.canonical() {
		// By name: the numbers of the terms change when one is added between.
		buf = appendCounted(buf, v.Term.String())
		buf = appendCounted(buf, v.Text)
		buf = appendCounted(buf, v.Lang)
		buf = appendCounted(buf, v.Scheme)
	}
	return sha256.Sum256(buf)
}

// appendCounted writes s with its length before it, so that no two lists of strings give the same bytes.
func appendCounted(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}
