package oaipmh

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// A token is what a resumptionToken holds: the request, and the place in its list. The handler needs nothing else to
// go on, so it keeps nothing, and no token expires.
//
// On the wire it is base64url without padding of
//
//	version (1) | verb | flags | cursor | size+1 | [from] | [until] | [seen] | prefix | set | after | MAC
//
// where the numbers are varints, strings are led by their length, from, until and seen are Unix
// seconds, and the MAC is the first 16 bytes of HMAC-SHA256 over what precedes it.
type token struct {
	verb        string
	prefix, set string
	from, until time.Time
	after       string // Query.After, or the last set
	cursor      int64  // elements already given
	size        int64  // of the whole list; negative if it is not known
	// seen is the latest Head of the answers so far (Query.Seen); zero in tokens of before there was one.
	seen time.Time
}

const (
	tokenVersion = 1
	macSize      = 16
	flagFrom     = 1
	flagUntil    = 2
	flagSeen     = 4
	// maxToken bounds what is decoded. A position is a few bytes, a setSpec can be long.
	maxToken = 8 << 10
)

// tokenVerbs are the verbs that have tokens, by the number that stands for them.
var tokenVerbs = [...]string{verbListRecords, verbListIdentifiers, verbSets}

// keys sign and verify tokens. The first signs and all verify, so that keys can be replaced.
type keys [][]byte

// minKey is the least number of bytes of a key.
const minKey = 16

func checkKeys(given [][]byte) (keys, error) {
	if len(given) == 0 {
		return nil, errors.New("oaipmh: no key for resumption tokens: give Options.Keys at least one secret of 16 bytes that survives restarts")
	}
	ks := make(keys, len(given))
	for i, k := range given {
		if len(k) < minKey {
			return nil, fmt.Errorf("oaipmh: key %d for resumption tokens has %d bytes; give it at least %d", i, len(k), minKey)
		}
		ks[i] = append([]byte(nil), k...)
	}
	return ks, nil
}

var base64url = base64.RawURLEncoding.Strict()

var inBase64url = alphabet("-_")

// seal makes the text of a token.
func (k keys) seal(t token) string {
	b := make([]byte, 0, 64+len(t.prefix)+len(t.set)+len(t.after))
	b = append(b, tokenVersion)
	for i, v := range tokenVerbs {
		if v == t.verb {
			b = append(b, byte(i))
		}
	}
	var flags byte
	if !t.from.IsZero() {
		flags |= flagFrom
	}
	if !t.until.IsZero() {
		flags |= flagUntil
	}
	if !t.seen.IsZero() {
		flags |= flagSeen
	}
	b = append(b, flags)
	b = binary.AppendUvarint(b, uint64(t.cursor))
	b = binary.AppendUvarint(b, uint64(max(t.size, -1)+1))
	if flags&flagFrom != 0 {
		b = binary.AppendVarint(b, t.from.Unix())
	}
	if flags&flagUntil != 0 {
		b = binary.AppendVarint(b, t.until.Unix())
	}
	if flags&flagSeen != 0 {
		b = binary.AppendVarint(b, t.seen.Unix())
	}
	for _, s := range []string{t.prefix, t.set, t.after} {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	b = appendMAC(b, k[0], b)
	return base64url.EncodeToString(b)
}

func appendMAC(dst, key, message []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte("oaipmh resumptionToken\x00"))
	m.Write(message)
	var sum [sha256.Size]byte
	return append(dst, m.Sum(sum[:0])[:macSize]...)
}

// open reads a token that seal made with one of the keys. For anything else ok is false.
func (k keys) open(s string) (t token, ok bool) {
	// The decoder of encoding/base64 skips line ends, so the alphabet is checked first.
	if len(s) > maxToken || !allIn(s, &inBase64url) {
		return t, false
	}
	b, err := base64url.DecodeString(s)
	if err != nil || len(b) <= macSize || b[0] != tokenVersion {
		return t, false
	}
	message, mac := b[:len(b)-macSize], b[len(b)-macSize:]
	for _, key := range k {
		if hmac.Equal(mac, appendMAC(nil, key, message)) {
			return readToken(message[1:])
		}
	}
	return t, false
}

// readToken reads the signed part after the version. The signature was right, so what it refuses was made by another
// release, which has changed the form without changing the version.
func readToken(b []byte) (t token, ok bool) {
	r := tokenReader{rest: b}
	verb, flags := r.byte(), r.byte()
	t.cursor = int64(r.uvarint())
	t.size = int64(r.uvarint()) - 1
	if flags&flagFrom != 0 {
		t.from = time.Unix(r.varint(), 0).UTC()
	}
	if flags&flagUntil != 0 {
		t.until = time.Unix(r.varint(), 0).UTC()
	}
	if flags&flagSeen != 0 {
		t.seen = time.Unix(r.varint(), 0).UTC()
	}
	t.prefix, t.set, t.after = r.string(), r.string(), r.string()
	if r.failed || len(r.rest) != 0 || int(verb) >= len(tokenVerbs) || flags > flagFrom|flagUntil|flagSeen || t.cursor < 0 {
		return token{}, false
	}
	t.verb = tokenVerbs[verb]
	return t, true
}

// A tokenReader reads a token's fields; after a failure it gives zeros.
type tokenReader struct {
	rest   []byte
	failed bool
}

func (r *tokenReader) take(n int) []byte {
	if n > len(r.rest) {
		r.failed = true
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *tokenReader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *tokenReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.failed = true
		return 0
	}
	r.take(n)
	return v
}

func (r *tokenReader) varint() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.failed = true
		return 0
	}
	r.take(n)
	return v
}

func (r *tokenReader) string() string {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.failed = true
		return ""
	}
	return string(r.take(int(n)))
}
