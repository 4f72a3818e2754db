package crosswalk

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
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
