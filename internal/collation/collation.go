// Package collation makes sort keys of texts: compared byte by byte, they are in the order in which readers look for them.
//
// The order is that of the Unicode collation algorithm with the root table of CLDR, by letters alone: case and accents count for
// nothing, other scripts stand behind the Latin one. German and French readers expect just that (of German, the order of
// dictionaries). Albanian ones do not: ç, ë and the nine letters that are written with two signs have places of their own.
//
// A key of the root is short enough to be stored: the letters a to z, digits and the space, of which most texts are made, take one byte
// each. What another language wants is worked out of it ([Key.In]), so that it need not be stored for each language.
package collation

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// A Key stands for a text when texts are put in order. It is the code of each sign, a zero, and the places of those letters that
// are others in Albanian.
type Key []byte

// short are the signs that have a code of one byte: twice their place here, counted from 1. The next code stands for what
// comes between a sign and the next one, and is followed by its weight. So do the codes from last.
const (
	short = " 0123456789abcdefghijklmnopqrstuvwxyz"
	last  = 0x80
	far   = 0xff // for weights that have three bytes
)

// maxKey bounds the codes of a key, in bytes: a place among them is one byte. maxText bounds the text that is looked at.
const (
	maxKey  = 200
	maxText = 4 * maxKey
)

// A collator is not for use at the same time.
type collator struct {
	*collate.Collator
	buffer collate.Buffer
	codes  []uint16     // the weights of short, in their order
	known  map[rune]Key // of common signs
}

// common is where scripts with many signs begin.
const common = 0x2000

var collators = sync.Pool{New: func() any {
	c := &collator{Collator: collate.New(language.Und, collate.Loose), known: map[rune]Key{}}
	for _, r := range short {
		c.codes = append(c.codes, uint16(c.weights(string(r))[0]))
	}
	return c
}}

// weights are the primary weights of a text.
func (c *collator) weights(text string) (out []uint32) {
	defer c.buffer.Reset()
	for key := c.KeyFromString(&c.buffer, text); len(key) > 1; {
		switch {
		case key[0] < 0x80:
			out, key = append(out, uint32(key[0])<<8|uint32(key[1])), key[2:]
		case len(key) > 2:
			out, key = append(out, uint32(key[0]&0x7f)<<16|uint32(key[1])<<8|uint32(key[2])), key[3:]
		default:
			return out
		}
	}
	return out
}

// Of is the key of a text. What stands before its first letter or digit does not count.
func Of(text string) Key {
	text = strings.TrimLeftFunc(norm.NFC.String(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "")
	}
	c := collators.Get().(*collator)
	defer collators.Put(c)
	var key, marks Key
	for _, r := range text {
		if len(key) >= maxKey {
			break
		}
		if strings.ContainsRune("ëËçÇ", r) {
			marks = append(marks, byte(len(key)))
		}
		key = append(key, c.sign(r)...)
	}
	if len(marks) > 0 {
		key = append(append(key, 0), marks...)
	}
	return key
}

// sign are the codes of a sign.
func (c *collator) sign(r rune) (out Key) {
	if k, known := c.known[r]; known {
		return k
	}
	for _, w := range c.weights(string(r)) {
		out = c.append(out, w)
	}
	if r < common {
		c.known[r] = out
	}
	return out
}

// append appends the code of a weight.
func (c *collator) append(key Key, w uint32) Key {
	if w == 0 {
		return key
	}
	if w >= 0x7f00 {
		return append(key, far, byte(w>>16), byte(w>>8), byte(w))
	}
	at, is := slices.BinarySearch(c.codes, uint16(w))
	switch {
	case is:
		return append(key, byte(2*at+2))
	case at == len(c.codes):
		return append(key, last|byte(w>>8), byte(w))
	}
	return append(key, byte(2*at+1), byte(w>>8), byte(w))
}

// Compare puts keys in order.
func Compare(a, b Key) int { return bytes.Compare(a, b) }

// code is the code of one of the short signs.
func code(sign byte) byte { return byte(2*strings.IndexByte(short, sign) + 2) }

// twice are the second signs of the Albanian letters that are written with two, by their first ones.
var twice = map[byte]byte{
	code('d'): code('h'), code('g'): code('j'), code('l'): code('l'), code('n'): code('j'), code('r'): code('r'),
	code('s'): code('h'), code('t'): code('h'), code('x'): code('h'), code('z'): code('h'),
}

// albanian is the tag of the one language of the pages that has an order of its own.
const albanian = "sq"

// Languages are the tags of the orders that there are; that of the root has none.
var Languages = []string{"", albanian}

// Tailored is the one of [Languages] whose order a language has, by its tag.
func Tailored(tag string) string {
	if tag != albanian {
		return ""
	}
	return tag
}

// In is the key in a language, by its tag. Languages that have the order of the root have its key.
func (k Key) In(tag string) Key {
	if Tailored(tag) == "" {
		return k
	}
	signs := k.signs()
	marks := k[min(signs+1, len(k)):]
	out := make(Key, 0, len(k)+8)
	for at := 0; at < signs; {
		c, size := k[at], size(k[at])
		second, first := twice[c]
		switch {
		case bytes.IndexByte(marks, byte(at)) >= 0: // ç, ë
			out = append(out, c+1, 0xff, 0xff)
		case first && at+1 < signs && k[at+1] == second:
			out, size = append(out, c+1, 0xff, 0xff), 2
		default:
			out = append(out, k[at:min(at+size, signs)]...)
		}
		at += size
	}
	return out
}

// signs is how many bytes the codes of the signs take.
func (k Key) signs() int {
	at := 0
	for at < len(k) && k[at] != 0 {
		at += size(k[at])
	}
	return min(at, len(k))
}

// size is how many bytes a code takes that begins with this one.
func size(first byte) int {
	switch {
	case first == far:
		return 4
	case first >= last:
		return 2
	case first%2 == 1:
		return 3
	}
	return 1
}
