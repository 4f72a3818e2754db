package store

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
)

// Dictionary is the one that originals are written with. A short record has little to repeat, so originals are compressed against a dictionary of what
// records of all sources have in common. Each packed original names its dictionary; a new release may add one,
// and the ones in the database go on being read.
//
//go:embed dictionary1.txt
var Dictionary []byte

// DictionaryID is the id of [Dictionary] in what is written with it.
const DictionaryID = 1

// maxDictionaryID bounds the ids. An original begins with its dictionary's; what begins with the byte behind them is a
// frame of zstd, as programs of before schema version 5 wrote them.
const maxDictionaryID = zstdMagic - 1

const zstdMagic = 0x28

// maxContent bounds what one compressed value may hold: more than any page that a source may send.
const maxContent = 128 << 20

// A Codec compresses the originals of records, with s2: zstd would take a quarter less room, and five times as long, most
// of it for setting up its tables for each record anew. Several goroutines may use a codec at once.
type Codec struct {
	with   *s2.Dict
	read   map[byte]*s2.Dict
	before *zstd.Decoder
}

// NewCodec makes a codec that writes with the newest dictionary and reads with all of those given, by their
// ids.
func NewCodec(dictionaries map[uint32][]byte) (*Codec, error) {
	c := &Codec{read: make(map[byte]*s2.Dict)}
	opts := []zstd.DOption{zstd.WithDecoderConcurrency(4), zstd.WithDecoderMaxMemory(maxContent)}
	for id, b := range dictionaries {
		d := s2.MakeDict(b, nil)
		if d == nil || id == 0 || id > maxDictionaryID {
			return nil, fmt.Errorf("set up compression: dictionary %d of %d bytes can't be used", id, len(b))
		}
		c.read[byte(id)] = d
		opts = append(opts, zstd.WithDecoderDictRaw(id, b))
	}
	if c.with = c.read[DictionaryID]; c.with == nil {
		return nil, errors.New("set up compression: the dictionary is missing")
	}
	var err error
	if c.before, err = zstd.NewReader(nil, opts...); err != nil {
		return nil, fmt.Errorf("set up decompression: %w", err)
	}
	return c, nil
}

// Pack compresses b; nothing stays nothing.
func (c *Codec) Pack(b []byte) []byte {
	if len(b) == 0 {
		return []byte{}
	}
	return inScratch(1+s2.MaxEncodedLen(len(b)), func(out []byte) int {
		out[0] = DictionaryID
		return 1 + len(c.with.Encode(out[1:], b))
	})
}

// scratch is where bytes are packed, for which there must be more room than they take in the end.
var scratch = sync.Pool{New: func() any { return new([]byte) }}

// inScratch returns what pack writes into at most so many bytes, as long as it says.
func inScratch(most int, pack func([]byte) int) []byte {
	b := scratch.Get().(*[]byte)
	defer scratch.Put(b)
	if *b = slices.Grow((*b)[:0], most); cap(*b) > maxScratch {
		defer func() { *b = nil }()
	}
	return bytes.Clone((*b)[:pack((*b)[:most])])
}

// maxScratch bounds what is kept of it.
const maxScratch = 1 << 20

// Unpack is the opposite of Pack.
func (c *Codec) Unpack(b []byte) ([]byte, error) {
	switch {
	case len(b) == 0:
		return nil, nil
	case b[0] == zstdMagic:
		out, err := c.before.DecodeAll(b, nil)
		return out, decompressed(err)
	}
	d, ok := c.read[b[0]]
	if !ok {
		return nil, fmt.Errorf("decompress content: there is no dictionary %d; use the program that wrote it", b[0])
	}
	n, err := s2.DecodedLen(b[1:])
	if err == nil && n > maxContent {
		err = s2.ErrTooLarge
	}
	if err != nil {
		return nil, decompressed(err)
	}
	out, err := d.Decode(make([]byte, n), b[1:])
	return out, decompressed(err)
}

func decompressed(err error) error {
	if err != nil {
		return fmt.Errorf("decompress content: %w; restore a backup", err)
	}
	return nil
}

// PackRecord compresses Dublin Core. That is read by everybody who reads the log, and written anew by every
// remap, so it lies apart from the original, in a form that costs a tenth of what the original's does.
func PackRecord(dc []byte) []byte {
	if len(dc) == 0 {
		return []byte{}
	}
	return inScratch(s2.MaxEncodedLen(len(dc)), func(out []byte) int { return len(s2.Encode(out, dc)) })
}

// UnpackRecord is the opposite of PackRecord.
func UnpackRecord(b []byte) ([]byte, error) {
	if len(b) == 0 {
		return nil, nil
	}
	n, err := s2.DecodedLen(b)
	if err == nil && n > maxContent {
		err = s2.ErrTooLarge
	}
	if err != nil {
		return nil, decompressed(err)
	}
	dc, err := s2.Decode(nil, b)
	return dc, decompressed(err)
}
