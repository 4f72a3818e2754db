package sqlite

import (
	_ "embed"
	"fmt"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
)

// A short record has little to repeat, so originals are compressed against a dictionary of what
// records of all sources have in common. Each frame names its dictionary; a new release may add one,
// and the ones in the database go on being read.
//
//go:embed dictionary1.txt
var dictionary1 []byte

const dictionaryID = 1

// maxContent bounds what one compressed value may hold: more than any page that a source may send.
const maxContent = 128 << 20

type codec struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

func newCodec(dictionaries map[uint32][]byte) (*codec, error) {
	enc, err := zstd.NewWriter(nil,
		zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderDictRaw(dictionaryID, dictionaries[dictionaryID]),
		zstd.WithEncoderConcurrency(2),
		zstd.WithWindowSize(1<<17),
		zstd.WithEncoderCRC(false), // SQLite pages and the fingerprint stand for the bytes
	)
	if err != nil {
		return nil, fmt.Errorf("set up compression: %w", err)
	}
	opts := []zstd.DOption{zstd.WithDecoderConcurrency(4), zstd.WithDecoderMaxMemory(maxContent)}
	for id, b := range dictionaries {
		opts = append(opts, zstd.WithDecoderDictRaw(id, b))
	}
	dec, err := zstd.NewReader(nil, opts...)
	if err != nil {
		return nil, fmt.Errorf("set up decompression: %w", err)
	}
	return &codec{enc, dec}, nil
}

// pack compresses b; nothing stays nothing.
func (c *codec) pack(b []byte) []byte {
	if len(b) == 0 {
		return []byte{}
	}
	return c.enc.EncodeAll(b, make([]byte, 0, len(b)/2+64))
}

func (c *codec) unpack(b []byte) ([]byte, error) {
	if len(b) == 0 {
		return nil, nil
	}
	out, err := c.dec.DecodeAll(b, nil)
	if err != nil {
		return nil, fmt.Errorf("decompress content: %w", err)
	}
	return out, nil
}

// packRecord compresses Dublin Core. It is read by everybody who reads the log, and written anew by every
// remap, so it lies apart from the original, in a form that costs a tenth of what the original's does.
func packRecord(dc []byte) []byte {
	if len(dc) == 0 {
		return []byte{}
	}
	return s2.Encode(nil, dc)
}

func unpackRecord(b []byte) ([]byte, error) {
	if len(b) == 0 {
		return nil, nil
	}
	n, err := s2.DecodedLen(b)
	if err == nil && n > maxContent {
		err = s2.ErrTooLarge
	}
	if err != nil {
		return nil, fmt.Errorf("decompress content: %w; restore a backup", err)
	}
	dc, err := s2.Decode(nil, b)
	if err != nil {
		return nil, fmt.Errorf("decompress content: %w; restore a backup", err)
	}
	return dc, nil
}
