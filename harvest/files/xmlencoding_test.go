package files

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// wide writes text in UTF-16.
func wide(text string, bom, little bool) string {
	if bom {
		text = "\ufeff" + text
	}
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		high, low := byte(u>>8), byte(u)
		if little {
			high, low = low, high
		}
		b.WriteByte(high)
		b.WriteByte(low)
	}
	return b.String()
}

// TestXMLEncodings: XML is read in the encoding that it declares, and no letter is made up or lost in silence.
func TestXMLEncodings(t *testing.T) {
	const rows = `<rows><row id="1">M` + "%" + `ller</row></rows>`
	with := func(declared, letter string) string {
		return `<?xml version="1.0" encoding="` + declared + `"?>` + strings.Replace(rows, "%", letter, 1)
	}
	good := []string{`1: row <row id="1">Müller</row>`}
	for name, tc := range map[string]struct {
		content, encoding string
		want              []string
	}{
		"UTF-8":                            {with("UTF-8", "ü"), "", good},
		"Latin 1":                          {with("ISO-8859-1", "\xfc"), "", good},
		"Windows":                          {with("windows-1252", "\xfc\x80"), "", []string{`1: row <row id="1">Mü€ller</row>`}},
		"Windows' letters, called Latin 1": {with("iso-8859-1", "\xfc\x80"), "", []string{`1: row <row id="1">Mü€ller</row>`}},
		"Cyrillic":                         {with("KOI8-R", "\xc0"), "", []string{`1: row <row id="1">Mюller</row>`}},
		"UTF-8 that was Latin 1 once":      {with("ISO-8859-1", "ü"), "", good},
		"UTF-16, little":                   {wide(with("UTF-16", "ü"), true, true), "", good},
		"UTF-16, big":                      {wide(with("UTF-16", "ü"), true, false), "", good},
		"UTF-16 without a mark":            {wide(with("UTF-16LE", "ü"), false, true), "", good},
		"UTF-16 without a declaration":     {wide(strings.Replace(rows, "%", "ü", 1), true, true), "", good},
		"in quotes of the other kind":      {strings.ReplaceAll(with("ISO-8859-1", "\xfc"), `"`, "'"), "", []string{`1: row <row id='1'>Müller</row>`}},
		"none declared, one named":         {strings.Replace(rows, "%", "\xfc", 1), "windows-1252", good},
		"one that nobody knows": {with("X-ODD", "\xfc"), "", []string{
			"file:f rejected: malformed: the file says that it is in the encoding x-odd, which is not known; save it in UTF-8 (short)"}},
		"half a letter": {with("Shift_JIS", "\xfd\xfd"), "", []string{
			"file:f#1 rejected: malformed: characters of the record are lost, so the file is not in the encoding that it declares; save it in UTF-8"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := told(t, &Documents{Key: "@id", Records: "row", Encoding: tc.encoding}, tc.content)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestXMLEncodingKept: what nobody can read is kept with its bytes.
func TestXMLEncodingKept(t *testing.T) {
	s, err := New(Config{From: []string{"-"}, Form: &Documents{Key: "@id"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	const content = `<?xml version="1.0" encoding="X-ODD"?><a id="1">` + "\xfc</a>"
	for m, err := range s.read("f", strings.NewReader(content), int64(len(content))) {
		if err != nil || m.item.Rejected == nil || string(m.item.Original) != content {
			t.Errorf("%+v, %v", m.item, err)
		}
	}
}

// TestOLE: Microsoft's old container is called what it is.
func TestOLE(t *testing.T) {
	old := oleStart + strings.Repeat("\x00", 70_000)
	for content, want := range map[string]string{
		old + "W\x00o\x00r\x00k\x00b\x00o\x00o\x00k\x00":     "an old kind (.xls)",
		old[:65_530] + oleName + strings.Repeat("\x00", 100): "protected by a password; save it without one",
		old + oleName: "protected by a password; save it without one",
		old + oleName[:len(oleName)-2] + "X" + strings.Repeat("-", 9): "an old kind (.xls)",
	} {
		if got := strings.Join(told(t, &Documents{Key: "id"}, content), "\n"); !strings.Contains(got, want) || !strings.Contains(got, "rejected") {
			t.Errorf("%q is not said: %s", want, got)
		}
	}
}

// FuzzXMLEncoding: whatever a file says of itself, what is read is UTF-8 or a scanner refuses it.
func FuzzXMLEncoding(f *testing.F) {
	f.Add([]byte(`<?xml version="1.0" encoding="ISO-8859-1"?><a>` + "\xfc</a>"))
	f.Add([]byte(wide(`<?xml version='1.0' encoding='UTF-16'?><a/>`, true, false)))
	f.Fuzz(func(t *testing.T, body []byte) {
		out, changed, err := asUTF8(body, encodings["latin1"])
		if err != nil {
			return
		}
		if changed && !utf8.Valid(out) {
			t.Errorf("%q became %q", body, out)
		}
		scan := xmlscan.New(out, xmlscan.Limits{})
		for range 100 {
			if kind, err := scan.Next(); err != nil || kind == xmlscan.EOF {
				return
			}
		}
	})
}
