package crosswalk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// FuzzCompile: whatever stands in a mapping, compiling ends, with Errors that name the file or with a
// mapping that can be applied.
func FuzzCompile(f *testing.F) {
	for _, name := range BuiltinNames() {
		src, err := BuiltinSource(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(src), "x")
	}
	for _, tr := range transforms {
		f.Add("format json\ntitle from a | "+tr.example.call, `{"a":"`+strings.Join(tr.example.in, " ")+`"}`)
	}
	for _, s := range selectorForms {
		f.Add("format "+s.format+"\ntitle from "+s.form, s.original)
	}
	f.Fuzz(func(t *testing.T, src, original string) {
		m, err := Compile("f.map", []byte(src))
		if err != nil {
			var all Errors
			if !errors.As(err, &all) || len(all) == 0 || all[0].Msg == "" || all[0].File == "" {
				t.Fatalf("error %#v", err)
			}
			return
		}
		res, err := m.Explain(Input{Original: []byte(original)})
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrEmpty) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		for _, v := range res.Record.Values {
			if v.Text == "" || !utf8.ValidString(v.Text) || v.Text != strings.TrimSpace(v.Text) {
				t.Errorf("value %+v", v)
			}
		}
	})
}

// FuzzMARC: whatever the bytes, reading ends, and what is read is text.
func FuzzMARC(f *testing.F) {
	f.Add([]byte("=LDR  00000nam a22\n=245  10$aTitle :$bsub\n"))
	f.Add([]byte(benchMARCXML))
	f.Add(iso2709("00000nam  2200000   4500", "001", "1", "245", "10\x1faTitel \xe8u\x1fb\x1b(N@\x1b(B"))
	if root := filepath.Join("..", "..", "..", "shared", "corpus", "mrc"); exists(root) {
		for _, name := range []string{"pymarc--bad_records.mrc", "pymarc--utf8_errors.dat", "marc-perl--cjk1.marc"} {
			if data, err := os.ReadFile(filepath.Join(root, name)); err == nil {
				f.Add(data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m := &marcRecord{scanner: xmlscan.New(nil, xmlscan.Limits{Depth: 32})}
		if err := m.read(data); err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTooLarge) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		for _, f := range m.fields {
			if !utf8.ValidString(f.data) {
				t.Errorf("field %s is no text: %q", f.tag, f.data)
			}
			for _, s := range f.subs {
				if !utf8.ValidString(s.text) {
					t.Errorf("subfield %s$%c is no text: %q", f.tag, s.code, s.text)
				}
			}
		}
	})
}

// FuzzMARC8: whatever the bytes, what is made of them is text in NFC, and reading it ends.
func FuzzMARC8(f *testing.F) {
	for _, s := range []string{"Frash\xe8eri", "\xebi\xeca", "\x1b(NtIRANA\x1b(B!", "\x1b$1!0! !0!\x1b(B", "\x1b$)1\xa1\xb0\xa1a", "\x1b(2A`b", "\x1b(3cJGH\x1b)4\xa1", "\x1bga\x1bs\x1bb2"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := appendMARC8([]byte("x"), text)
		if err == nil && (!utf8.Valid(got) || got[0] != 'x' || !norm.NFC.IsNormal(got[1:])) {
			t.Errorf("%q became %q", text, got)
		}
	})
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
