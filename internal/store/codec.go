package store

import (
	_ "embed"
	"fmt"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
)

// Dictionary is the one that originals are written with. A short record has little to repeat, so originals are compressed against a dictionary of what
// records of all sources have in common. Each frame names its dictionary; a new release may add one,
// and the ones in the database go on being read.
//
//go:embed dictionary1.txt
var Dictionary []byte

// DictionaryID is the id of [Dictionary] in the frames that are written with it.
const DictionaryID = 1

// maxContent bounds what one compressed value may hold: more than any page that a source may send.
const maxContent = 128 << 20

// A Codec compresses the originals of records. Several goroutines may use it at once.
type Codec struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

// NewCodec makes a codec that writes with the newest dictionary and reads with all of those given, by their
// ids.
func NewCodec(dictionaries map[uint32][]byte) (*Codec, error) {
	enc, err := zstd.NewWriter(nil,
		zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderDictRaw(DictionaryID, dictionaries[DictionaryID]),
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
	return &Codec{enc, dec}, nil
}

// Pack compresses b; nothing stays nothing.
func (c *Codec) Pack(b []byte) []byte {
	if len(b) == 0 {
		return []byte{}
	}
	return c.enc.EncodeAll(b, make([]byte, 0, len(b)/2+64))
}

// Unpack is the opposite of Pack.
func (c *Codec) Unpack(b []byte) ([]byte, error) {
	if len(b) == 0 {
		return nil, nil
	}
	out, err := c.dec.DecodeAll(b, nil)
	if err != nil {
		return nil, fmt.Errorf("decompress content: %w", err)
	}
	return out, nil
}

// PackRecord compresses Dublin Core. That is read by everybody who reads the log, and written anew by every
// remap, so it lies apart from the original, in a form that costs a tenth of what the original's does.
func PackRecord(dc []byte) []byte {
	if len(dc) == 0 {
		return []byte{}
	}
	return s2.Encode(nil, dc)
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
		return nil, fmt.Errorf("decompress content: %w; restore a backup", err)
	}
	dc, err := s2.Decode(nil, b)
	if err != nil {
		return nil, fmt.Errorf("decompress content: %w; restore a backup", err)
	}
	return dc, nil
}
