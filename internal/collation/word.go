package collation

import "bytes"

// A Place says how one text stands in another.
type Place int

// The places, the better ones later.
const (
	Nowhere Place = iota
	Inside        // within a word
	Begins        // as the beginning of a word
	Whole         // as a word, or as several
)

// Letters is the key without what only some languages want.
func (k Key) Letters() Key { return k[:k.signs()] }

// Find says how a word, or several, stand in a text: the best place there is. Both keys are without what only some languages
// want ([Key.Letters]).
func (k Key) Find(word Key) (best Place) {
	if len(word) == 0 || !bytes.Contains(k, word) { // most texts are told here
		return Nowhere
	}
	for at, before := 0, byte(0); at < len(k); at += size(k[at]) { // from code to code: bytes in the middle of one mean nothing
		if !bytes.HasPrefix(k[at:], word) {
			before = k[at]
			continue
		}
		end, place := at+len(word), Inside
		if at == 0 || parts(before, k[at]) {
			place = Begins
			if end == len(k) || parts(k[end], word.lastCode()) {
				return Whole
			}
		}
		best, before = max(best, place), k[at]
	}
	return best
}

// lastCode is the first byte of the last code.
func (k Key) lastCode() (code byte) {
	for at := 0; at < len(k); at += size(k[at]) {
		code = k[at]
	}
	return code
}

// parts says whether two signs, by the first bytes of their codes, are of two words: one is no letter or digit, because the
// codes of all others come before that of 0, or one is Latin and the other of a script behind it.
func parts(a, b byte) bool {
	return a < code('0') || b < code('0') || (a >= last) != (b >= last)
}
