package store

import (
	"bytes"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"
)

func codec(t testing.TB) *Codec {
	t.Helper()
	c, err := NewCodec(map[uint32][]byte{DictionaryID: Dictionary})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What is packed is read as it was, whatever it is, and as programs of before packed it.
func TestPack(t *testing.T) {
	c := codec(t)
	before, err := zstd.NewWriter(nil, zstd.WithEncoderDictRaw(DictionaryID, Dictionary), zstd.WithEncoderCRC(false))
	if err != nil {
		t.Fatal(err)
	}
	part := rapid.OneOf(rapid.SliceOfN(rapid.Byte(), 0, 300), rapid.Just(Dictionary[:200]), rapid.Just([]byte(strings.Repeat("<dc:title>", 9000))))
	rapid.Check(t, func(t *rapid.T) {
		b := bytes.Join(rapid.SliceOfN(part, 0, 5).Draw(t, "parts"), nil)
		packed := c.Pack(b)
		for _, p := range [][]byte{packed, before.EncodeAll(b, nil)} {
			if got, err := c.Unpack(p); err != nil || !bytes.Equal(got, b) {
				t.Fatalf("%d bytes are read as %d: %v", len(b), len(got), err)
			}
		}
		if len(packed) == 0 {
			return
		}
		at := rapid.IntRange(0, len(packed)-1).Draw(t, "at")
		_, _ = c.Unpack(packed[:at]) // an error or nothing, but no panic
		packed[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		_, _ = c.Unpack(packed)
	})
	if p := c.Pack([]byte(`<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">`)); len(p) > 60 {
		t.Errorf("the dictionary is not used: %d bytes", len(p))
	}
}

func TestUnknownDictionary(t *testing.T) {
	c := codec(t)
	p := c.Pack([]byte("something"))
	p[0] = 9
	if _, err := c.Unpack(p); err == nil || !strings.Contains(err.Error(), "dictionary 9") {
		t.Error(err)
	}
	if _, err := NewCodec(map[uint32][]byte{DictionaryID: Dictionary, zstdMagic: Dictionary}); err == nil {
		t.Error("an id that can't be told from zstd")
	}
}
