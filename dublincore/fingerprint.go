package dublincore

import (
	"crypto/sha256"
	"encoding/binary"
)

// fingerprintForm names the layout of the bytes below. Another layout must have another name: otherwise a fingerprint
// of the old layout could be equal to one of the new, and a changed record be taken for unchanged.
const fingerprintForm = "sheaf dublincore 1\n"

// Fingerprint is the SHA-256 of what the record says: of the term, text, language and scheme of every value. The
// order of the values under a term counts. The order of the terms, originals, authorities and notes do not.
func (r *Record) Fingerprint() [32]byte {
	buf := make([]byte, 0, 2048)
	buf = append(buf, fingerprintForm...)
	for _, v := range r.canonical() {
		// The number of a term changes when another is added before it. Its name stays.
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
