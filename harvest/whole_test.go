package harvest_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// However long a stream is, and whatever was guessed, all of it comes, or its beginning and an error.
func TestReadWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := bytes.Repeat([]byte("0123456789abcdef-"), rapid.IntRange(0, 700_000).Draw(t, "size"))
		most := rapid.Int64Range(1, 12<<20).Draw(t, "most")
		about := rapid.SampledFrom([]int64{-1, 0, 1, int64(len(text)) - 1, int64(len(text)), int64(len(text)) + 1, 5 << 20, 1 << 40}).Draw(t, "about")
		var in io.Reader = bytes.NewReader(text)
		if rapid.Bool().Draw(t, "slow") {
			in = iotest.HalfReader(in)
		}
		got, err := harvest.ReadWhole(in, about, most)
		want := text[:min(int64(len(text)), most)]
		if long := int64(len(text)) > most; long != errors.Is(err, harvest.ErrTooLong) || !long && err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes of %d, at most %d, guessed %d: %d, %v", len(got), len(text), most, about, len(want), err)
		}
	})
}

func TestReadWholeFails(t *testing.T) {
	broken := errors.New("broken")
	got, err := harvest.ReadWhole(io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(broken)), 0, 100)
	if string(got) != "abc" || !errors.Is(err, broken) {
		t.Errorf("%q, %v", got, err)
	}
}
