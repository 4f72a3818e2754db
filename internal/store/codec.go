package store

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// A short record has little to repeat, so content is compressed against a dictionary of what
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

// maxTogether is the size of an original up to which it is compressed together with the Dublin Core
// made of it. The two have much in common, so they take half the time and half the room together;
// a larger original would hold up who reads the Dublin Core alone.
const maxTogether = 64 << 10

// packContent compresses Dublin Core and original into body; a large original on its own.
func (c *codec) packContent(dc, original []byte) (body, large []byte) {
	if len(dc) == 0 && len(original) == 0 {
		return []byte{}, []byte{}
	}
	together := make([]byte, 0, len(dc)+min(len(original), maxTogether)+binary.MaxVarintLen64)
	together = binary.AppendUvarint(together, uint64(len(dc)))
	together = append(together, dc...)
	if len(original) <= maxTogether {
		return c.pack(append(together, original...)), []byte{}
	}
	return c.pack(together), c.pack(original)
}

// unpackContent gives the Dublin Core, and the original unless it is a large one, which lies apart.
func (c *codec) unpackContent(body []byte) (dc, original []byte, err error) {
	b, err := c.unpack(body)
	if err != nil || len(b) == 0 {
		return nil, nil, err
	}
	n, w := binary.Uvarint(b)
	if w <= 0 || n > uint64(len(b)-w) {
		return nil, nil, errors.New("decompress content: its parts do not fit its length; restore a backup")
	}
	end := w + int(n)
	return b[w:end:end], b[end:], nil
}
