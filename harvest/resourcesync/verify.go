package resourcesync

import (
	"crypto/md5" // a check of what came, not a proof of who made it
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// sums are the digests of the specification that are checked.
var sums = map[string]func([]byte) []byte{
	"md5":     func(b []byte) []byte { s := md5.Sum(b); return s[:] },
	"sha-1":   func(b []byte) []byte { s := sha1.Sum(b); return s[:] },
	"sha-256": func(b []byte) []byte { s := sha256.Sum256(b); return s[:] },
}

// verify says in which way bytes are not those that a list speaks of; empty if they are. What a list says of a resource in
// a content coding (encoding) is of other bytes than those that came, so that nothing can be checked.
func verify(body []byte, length int64, hashes string) string {
	if length >= 0 && length != int64(len(body)) {
		return fmt.Sprintf("the list says that it has %d bytes, and it has %d", length, len(body))
	}
	for hash := range strings.FieldsSeq(hashes) {
		name, want, _ := strings.Cut(hash, ":")
		sum := sums[strings.ToLower(name)]
		if sum == nil {
			continue
		}
		if got := hex.EncodeToString(sum(body)); !strings.EqualFold(got, want) {
			return fmt.Sprintf("its %s is %s, and the list says %s", strings.ToLower(name), got, want[:min(len(want), 128)])
		}
	}
	return ""
}

// checks reports whether there is something to check.
func (m *metadata) checks() (length int64, hashes string) {
	if m.encoding != "" {
		return -1, ""
	}
	return m.length, m.hash
}
