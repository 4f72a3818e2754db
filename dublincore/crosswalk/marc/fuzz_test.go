package marc_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
)

// seeds are streams in every form, whole and broken.
func seeds(f *testing.F) {
	f.Add([]byte("=LDR  00000nam a22\n=245  10$aTitle :$bsub\n"))
	f.Add([]byte(`<collection xmlns="` + marc.Namespace + `"><record><leader>x</leader><datafield tag="245" ind1="1" ind2="0"><subfield code="a">One &amp; two</subfield></datafield></record><record/></collection>`))
	f.Add(iso2709("00000nam  2200000   4500", "001", "1", "245", "10\x1faTitel \xe8u\x1fb\x1b(N@\x1b(B"))
	for _, name := range []string{"pymarc--bad_records.mrc", "pymarc--utf8_errors.dat", "marc-perl--cjk1.marc"} {
		if data, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "corpus", "mrc", name)); err == nil {
			f.Add(data)
		}
	}
}

// FuzzParse: whatever the bytes, reading ends, what is read is text, and what is written of it is read alike.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		rec, err := marc.Parse(data)
		if err != nil {
			if !errors.Is(err, marc.ErrMalformed) && !errors.Is(err, marc.ErrTooLarge) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		for _, f := range rec.Fields {
			if len(f.Tag) != 3 || !utf8.ValidString(f.Tag) || !utf8.ValidString(f.Data) {
				t.Errorf("field %q is no text: %q", f.Tag, f.Data)
			}
			for _, s := range f.Subfields {
				if !utf8.ValidString(s.Text) {
					t.Errorf("subfield %s$%c is no text: %q", f.Tag, s.Code, s.Text)
				}
			}
		}
		checkForms(t, rec)
	})
}

// FuzzSplit: whatever the stream, splitting ends, does not depend on how the stream comes, and keeps the bytes of
// each record for a look at them.
func FuzzSplit(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var whole [][]byte
		for part, err := range marc.Split(bytes.NewReader(data)) {
			whole = append(whole, kept(part, err))
		}
		i := 0
		for part, err := range marc.Split(iotest.OneByteReader(bytes.NewReader(data))) {
			if i == len(whole) || !bytes.Equal(whole[i], kept(part, err)) {
				t.Fatalf("record %d byte by byte: %q, %v", i, part, err)
			}
			i++
		}
		if i != len(whole) {
			t.Errorf("byte by byte %d records, want %d", i, len(whole))
		}
	})
}

// kept are the bytes of a record, or those that its error keeps.
func kept(part []byte, err error) []byte {
	var broken *marc.RecordError
	if errors.As(err, &broken) {
		return append([]byte("!"), broken.Data...)
	}
	return bytes.Clone(part)
}

// FuzzDecodeMARC8: whatever the bytes, what is made of them is text in NFC, and reading it ends.
func FuzzDecodeMARC8(f *testing.F) {
	for _, s := range []string{"Frash\xe8eri", "\xebi\xeca", "\x1b(NtIRANA\x1b(B!", "\x1b$1!0! !0!\x1b(B", "\x1b$)1\xa1\xb0\xa1a", "\x1b(2A`b", "\x1b(3cJGH\x1b)4\xa1", "\x1bga\x1bs\x1bb2"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := marc.DecodeMARC8(text)
		if err == nil && (!utf8.ValidString(got) || !norm.NFC.IsNormalString(got)) {
			t.Errorf("%q became %q", text, got)
		}
	})
}
