package oaipmh

import (
	"bytes"
	"compress/gzip"
	"io"
	"testing"

	"pgregory.net/rapid"
)

// TestGzipMembers puts members together of parts of all lengths, and has the standard library read them,
// which checks the length and the checksum.
func TestGzipMembers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := func(name string) []byte {
			unit := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, name)
			return bytes.Repeat(unit, rapid.IntRange(0, 500).Draw(t, name+" times"))
		}
		before, middle, after := part("before"), part("middle"), part("after")
		d := deflaters.Get().(*deflater)
		defer d.release()
		zipped := d.deflate(middle)
		b := appendGzip(nil, before, &zipped, after)
		r, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		r.Multistream(false)
		got, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if want := bytes.Join([][]byte{before, middle, after}, nil); !bytes.Equal(got, want) {
			t.Fatalf("%d bytes came out, %d went in", len(got), len(want))
		}
	})
}
