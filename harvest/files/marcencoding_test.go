package files_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
	"github.com/sheaf-gateway/sheaf/harvest/files"
)

// written is a file of records whose leaders say that they are Unicode, with titles in an encoding of one byte a character.
func written(t *testing.T, in *charmap.Charmap, titles ...string) []byte {
	t.Helper()
	var out []byte
	for i, title := range titles {
		rec := record(string(rune('a'+i)), strings.Repeat("#", len([]rune(title))))
		text, err := in.NewEncoder().String(title)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, strings.Replace(string(rec), strings.Repeat("#", len(text)), text, 1)...)
	}
	return out
}

// TestMARCEncoding: records that are not what they claim go to quarantine with the remedy, and come through once it is named;
// what is kept of them can be read by those who know nothing of it.
func TestMARCEncoding(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.mrc")
	write(t, path, written(t, charmap.ISO8859_1, "Les misérables", "Plain"), 0)
	in := func(encoding string) *files.Source {
		return source(t, files.Config{From: []string{path}, Encoding: encoding})
	}
	page, err := in("").Page(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if r := page.Items[0].Rejected; r == nil || !strings.Contains(r.Detail, "encoding: says which it is") || page.Items[0].Key != "a" {
		t.Errorf("it is not rejected with its remedy: %+v", page.Items[0])
	}
	if page.Items[1].Rejected != nil {
		t.Errorf("a record in ASCII is rejected: %+v", page.Items[1])
	}
	plain := page.Items[1].Original
	next := page.Next
	if page, err = in("ISO-8859-1").Page(t.Context(), next); err != nil || len(page.Items) != 2 {
		t.Fatalf("with another encoding the file is not read again: %+v, %v", page, err)
	}
	rec, err := marc.Parse(page.Items[0].Original)
	if err != nil || strings.TrimSpace(rec.Field("245").Subfield('a')) != "Les misérables" {
		t.Errorf("it is read as %v, %v", rec, err)
	}
	if string(page.Items[1].Original) != string(plain) {
		t.Error("a record in ASCII is kept otherwise")
	}
	gives(t, "the same encoding again", walk(t, page.Next, func() *files.Source { return in("ISO-8859-1") }))
	for name, want := range map[string]string{"utf-8": "known by themselves", "utf-16": "known are auto, marc-8, cp1252", "ebcdic": "is not known"} {
		if err := files.CheckEncoding(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", "auto", "MARC-8", "latin1"} {
		if err := files.CheckEncoding(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLikelyEncoding: which encoding is proposed for records that are not what they claim, by their words.
func TestLikelyEncoding(t *testing.T) {
	real := func(name string) []byte {
		content, err := os.ReadFile(filepath.Join(corpus(t), "mrc", name))
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"French":                    {written(t, charmap.ISO8859_1, "Théâtre général de la région", "Le café de la Gare à Évian", "Ça, l'été"), "windows-1252"},
		"carons, read as MARC-8":    {written(t, charmap.ISO8859_1, "général", "année", "même", "préjugé"), "windows-1252"},
		"German":                    {written(t, charmap.Windows1252, "Das „Mädchen“ und die Bäume", "Über Straßen"), "windows-1252"},
		"Russian":                   {written(t, charmap.Windows1251, "Основы гидравлики", "Письма (том 2)"), "windows-1251"},
		"Czech, which is not tried": {written(t, charmap.Windows1250, "Příliš žluťoučký kůň"), ""},
		"ASCII":                     {export("Title", "a"), ""},
		"UTF-8":                     {export("Les misérables", "a"), ""},
		"MARC-8 that claims UTF-8":  {real("marc4j--pride-and-prejudice-with-many-errors.mrc"), "marc-8"},
		"Cyrillic in the wild":      {real("pymarc--1251.dat"), "windows-1251"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.mrc")
			write(t, path, c.file, 0)
			look, err := source(t, files.Config{From: []string{path}}).Probe(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if look.Encoding != c.want || (len(look.Words) > 0) != (c.want != "") {
				t.Errorf("%q by %q, want %q", look.Encoding, look.Words, c.want)
			}
		})
	}
}
