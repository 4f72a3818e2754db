package dublincore_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// record has a bit of everything that writing treats specially.
func record() *dublincore.Record {
	r := &dublincore.Record{}
	for _, v := range []dublincore.Value{
		{Term: dublincore.Landing, Text: "https://archive.example.org/d/1", Scheme: "URI"},
		{Term: dublincore.Title, Text: "Notes <of> a talk & more", Lang: "en"},
		{Term: dublincore.Alternative, Text: "Shë\rnime", Lang: "sq"},
		{Term: dublincore.Abstract, Text: "a\u0003b\ufffe\r"},
		{Term: dublincore.Description, Text: "ab"},
		{Term: dublincore.Created, Text: "1957-04", Scheme: "W3CDTF", Original: "April 1957"},
		{Term: dublincore.Issued, Text: "195X", Scheme: "EDTF", Original: "1950s"},
		{Term: dublincore.Date, Text: "1957/1961", Scheme: "EDTF", Original: "1957 to 1961"},
		{Term: dublincore.Modified, Text: "2021-06-16T06:31Z", Scheme: "W3CDTF"},
		{Term: dublincore.Type, Text: "Text", Scheme: "DCMIType"},
		{Term: dublincore.Identifier, Text: "https://doi.org/10.1000/182", Scheme: "URI"},
		{Term: dublincore.Identifier, Text: "two words", Scheme: "URI"},
		{Term: dublincore.Language, Text: "sqi", Scheme: "ISO639-3"},
		{Term: dublincore.Spatial, Text: "Tirana", Lang: "not a tag"},
		{Term: dublincore.Coverage, Text: " Tirana"},
		{Term: dublincore.Audience, Text: "researchers"},
		{Term: dublincore.RightsHolder, Text: "The archive"},
		{Term: dublincore.License, Text: "http://rightsstatements.org/vocab/CNE/1.0/", Scheme: "URI"},
		{Term: dublincore.Subject, Text: "Diplomacy", Scheme: "LCSH", Lang: "en"},
		{Term: dublincore.Thumbnail, Text: "https://archive.example.org/t/1"},
		{Term: dublincore.Publisher, Text: " \u0001 "},
	} {
		r.Add(v)
	}
	return r
}

func TestAppendOAIDC(t *testing.T) {
	want := strings.Join([]string{
		`<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"` +
			` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"` +
			` xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd">`,
		`<dc:title xml:lang="en">Notes &lt;of&gt; a talk &amp; more</dc:title>`,
		`<dc:title xml:lang="sq">Shë&#xD;nime</dc:title>`,
		`<dc:subject xml:lang="en">Diplomacy</dc:subject>`,
		`<dc:description>ab</dc:description>`,
		`<dc:date>1957/1961</dc:date>`,
		`<dc:date>1957-04</dc:date>`,
		`<dc:date>1950s</dc:date>`,
		`<dc:date>2021-06-16T06:31Z</dc:date>`,
		`<dc:type>Text</dc:type>`,
		`<dc:identifier>https://doi.org/10.1000/182</dc:identifier>`,
		`<dc:identifier>two words</dc:identifier>`,
		`<dc:identifier>https://archive.example.org/d/1</dc:identifier>`,
		`<dc:language>sqi</dc:language>`,
		`<dc:coverage>Tirana</dc:coverage>`,
		`<dc:rights>http://rightsstatements.org/vocab/CNE/1.0/</dc:rights>`,
		`<dc:rights>The archive</dc:rights>`,
		`</oai_dc:dc>`,
	}, "\n")
	got := strings.ReplaceAll(string(record().AppendOAIDC(nil)), "><", ">\n<")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAppendOAIQDC(t *testing.T) {
	got := string(record().AppendOAIQDC(nil))
	for _, want := range []string{
		`<dcterms:created xsi:type="dcterms:W3CDTF">1957-04</dcterms:created>`,
		`<dcterms:issued>1950s</dcterms:issued>`,
		`<dc:date>1957/1961</dc:date>`,
		`<dcterms:modified>2021-06-16T06:31Z</dcterms:modified>`,
		`<dc:type xsi:type="dcterms:DCMIType">Text</dc:type>`,
		`<dc:identifier xsi:type="dcterms:URI">https://archive.example.org/d/1</dc:identifier>`,
		`<dc:identifier>two words</dc:identifier>`,
		`<dc:language xsi:type="dcterms:ISO639-2">sqi</dc:language>`,
		`<dcterms:alternative xml:lang="sq">Shë&#xD;nime</dcterms:alternative>`,
		`<dc:subject xsi:type="dcterms:LCSH">Diplomacy</dc:subject>`,
		`<dcterms:audience>researchers</dcterms:audience>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if strings.Contains(got, "/t/1") {
		t.Error("a thumbnail is no DCMI term, but was written")
	}
}

// TestAppendOAIQDCNotURIs: what the schemas don't take for a URI is written, but not called one.
func TestAppendOAIQDCNotURIs(t *testing.T) {
	for text, want := range map[string]bool{
		"https://example.org/a?b#c": true, "http://example.org:8080/": true, "http://a@example.org:80/": true, "urn:isbn:1": true,
		"http://example.org/a#b#c": false, "http://example.org:99999999999/": false, "http://a:b/": false, "http://a:": false, "http://a@b:c:1/": false,
		"http://[::1]/": false, "no scheme": false,
	} {
		r := &dublincore.Record{}
		r.Add(dublincore.Value{Term: dublincore.Identifier, Text: text, Scheme: "URI"})
		got := string(r.AppendOAIQDC(nil))
		if typed := strings.Contains(got, "xsi:type"); typed != want || !strings.Contains(got, text) {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// TestXMLIsValid holds generated records to the schemas, with a validator that isn't ours.
func TestXMLIsValid(t *testing.T) {
	if _, err := exec.LookPath("xmllint"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("install libxml2-utils: CI validates against the schemas")
		}
		t.Skip("no xmllint: install libxml2-utils")
	}
	for form, write := range map[string]func(*dublincore.Record, []byte) []byte{
		"oai-all.xsd": (*dublincore.Record).AppendOAIDC,
		"oai-qdc.xsd": (*dublincore.Record).AppendOAIQDC,
	} {
		t.Run(form, func(t *testing.T) {
			schema := shared(t, "xsd/"+form)
			dir := t.TempDir()
			args := []string{"--nonet", "--noout", "--schema", schema}
			name := filepath.Join(dir, "all.xml")
			if err := os.WriteFile(name, write(record(), nil), 0o600); err != nil {
				t.Fatal(err)
			}
			args = append(args, name)
			for i := range 60 {
				name := filepath.Join(dir, string(rune('a'+i/26))+string(rune('a'+i%26))+".xml")
				if err := os.WriteFile(name, write(records().Example(i), nil), 0o600); err != nil {
					t.Fatal(err)
				}
				args = append(args, name)
			}
			cmd := exec.CommandContext(t.Context(), "xmllint", args...)
			cmd.Env = append(os.Environ(), "XML_CATALOG_FILES="+shared(t, "xsd/catalog.xml"))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func parseOAIDC(t *testing.T, data string) *dublincore.Record {
	t.Helper()
	r, err := dublincore.ParseOAIDC([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const dcOpen = `<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">`

func TestParseOAIDC(t *testing.T) {
	title := func(text string) []dublincore.Value {
		return []dublincore.Value{{Term: dublincore.Title, Text: text}}
	}
	tests := []struct {
		name, data string
		want       []dublincore.Value
		notes      []dublincore.NoteKind
	}{
		{"plain", dcOpen + `<dc:title>A</dc:title></oai_dc:dc>`, title("A"), nil},
		{"white space around", dcOpen + "\n<dc:title>\n A \n</dc:title>\n</oai_dc:dc>", title("A"), nil},
		{"language", dcOpen + `<dc:title xml:lang="sq">A</dc:title></oai_dc:dc>`,
			[]dublincore.Value{{Term: dublincore.Title, Text: "A", Lang: "sq"}}, nil},
		{"bad language", dcOpen + `<dc:title xml:lang="Albanian (Tosk)">A</dc:title></oai_dc:dc>`, title("A"),
			[]dublincore.NoteKind{dublincore.BadLanguageTag}},
		{"CDATA in two", dcOpen + `<dc:title><![CDATA[A]]><![CDATA[<b>]]></dc:title></oai_dc:dc>`, title("A<b>"), nil},
		{"entities", dcOpen + `<dc:title>A &amp; B &#xE9;</dc:title></oai_dc:dc>`, title("A & B é"), nil},
		{"decomposed", dcOpen + "<dc:title>e\u0301</dc:title></oai_dc:dc>", title("é"),
			[]dublincore.NoteKind{dublincore.Recomposed}},
		{"no namespace", `<dc><title>A</title></dc>`, title("A"), []dublincore.NoteKind{dublincore.WrongNamespace}},
		{"wrong namespace", `<dc xmlns="https://purl.org/dc/elements/1.1/"><title>A</title></dc>`, title("A"),
			[]dublincore.NoteKind{dublincore.WrongNamespace}},
		{"wrong case", dcOpen + `<dc:Title>A</dc:Title></oai_dc:dc>`, title("A"), []dublincore.NoteKind{dublincore.Repaired}},
		{"refinement", dcOpen + `<dc:isPartOf>A</dc:isPartOf></oai_dc:dc>`,
			[]dublincore.Value{{Term: dublincore.IsPartOf, Text: "A"}}, nil},
		{"foreign child", dcOpen + `<dc:title>A</dc:title><x><title>B</title></x></oai_dc:dc>`, title("A"),
			[]dublincore.NoteKind{dublincore.UnknownElement}},
		{"not a term of XML", dcOpen + `<dc:landing>A</dc:landing></oai_dc:dc>`, []dublincore.Value{},
			[]dublincore.NoteKind{dublincore.UnknownElement}},
		{"markup inside", dcOpen + `<dc:title>H<sub>2</sub>O</dc:title></oai_dc:dc>`, title("H2O"),
			[]dublincore.NoteKind{dublincore.NestedMarkup}},
		{"stray text", dcOpen + `oops<dc:title>A</dc:title></oai_dc:dc>`, title("A"), []dublincore.NoteKind{dublincore.StrayText}},
		{"twice", dcOpen + `<dc:title>A</dc:title><dc:title> A</dc:title></oai_dc:dc>`, title("A"),
			[]dublincore.NoteKind{dublincore.DuplicateDropped}},
		{"empty", dcOpen + `<dc:title/><dc:title> </dc:title></oai_dc:dc>`, []dublincore.Value{},
			[]dublincore.NoteKind{dublincore.EmptyDropped, dublincore.EmptyDropped}},
		{"wrapped", `<metadata>` + dcOpen + `<dc:title>A</dc:title></oai_dc:dc></metadata>`, title("A"), nil},
		{"declaration and comment", `<?xml version="1.0"?><!-- x -->` + dcOpen + `<dc:title>A<!-- y --></dc:title></oai_dc:dc>`,
			title("A"), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := parseOAIDC(t, test.data)
			if diff := cmp.Diff(test.want, r.Values); diff != "" {
				t.Error(diff)
			}
			var kinds []dublincore.NoteKind
			for _, n := range r.Notes {
				kinds = append(kinds, n.Kind)
			}
			if diff := cmp.Diff(test.notes, kinds); diff != "" {
				t.Error("notes:", diff)
			}
		})
	}
}

func TestParseOAIDCRefuses(t *testing.T) {
	for name, data := range map[string]string{
		"empty":      "",
		"text":       "PHP Notice: undefined index",
		"cut off":    dcOpen + `<dc:title>A</dc:title>`,
		"unbalanced": dcOpen + `<dc:title>A</dc:creator></oai_dc:dc>`,
		"entity":     dcOpen + `<dc:title>&nbsp;</dc:title></oai_dc:dc>`,
		"bad UTF-8":  dcOpen + "<dc:title>\xff</dc:title></oai_dc:dc>",
		"control":    dcOpen + "<dc:title>\x03</dc:title></oai_dc:dc>",
		"deep":       strings.Repeat("<dc>", 65) + strings.Repeat("</dc>", 65),
		"many":       "<dc>" + strings.Repeat("<title>A</title>", 50_001) + "</dc>",
		"big":        "<dc>" + strings.Repeat(" ", 16<<20) + "</dc>",
	} {
		t.Run(name, func(t *testing.T) {
			if r, err := dublincore.ParseOAIDC([]byte(data)); err == nil {
				t.Errorf("read as %v", r.Values)
			}
		})
	}
}

func TestParseQDC(t *testing.T) {
	data := `<qdc:qualifieddc xmlns:qdc="http://dspace.org/qualifieddc/" xmlns:dc="http://purl.org/dc/elements/1.1/"
	 xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xml:lang="en">
	<dc:title>A</dc:title>
	<dcterms:issued xsi:type="dcterms:W3CDTF">1957-04</dcterms:issued>
	<dc:identifier type="uri" xml:lang="">http://hdl.handle.net/1/2</dc:identifier>
	<dc:subject type="local" xml:lang="fi">virtsa</dc:subject>
	<recordID>1</recordID>
	</qdc:qualifieddc>`
	r, err := dublincore.ParseQDC([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	want := []dublincore.Value{
		{Term: dublincore.Title, Text: "A", Lang: "en"},
		{Term: dublincore.Issued, Text: "1957-04", Lang: "en", Scheme: "W3CDTF"},
		{Term: dublincore.Identifier, Text: "http://hdl.handle.net/1/2", Scheme: "URI"},
		{Term: dublincore.Subject, Text: "virtsa", Lang: "fi"},
	}
	if diff := cmp.Diff(want, r.Values); diff != "" {
		t.Error(diff)
	}
}

// TestParseQDCCorpus reads real records and counts what comes out.
func TestParseQDCCorpus(t *testing.T) {
	for name, want := range map[string]int{"RecordManager--qdc1.xml": 28, "guidelines-literature-repositories--mocksample.xml": 2} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(shared(t, "corpus/qdc/"+name))
			if err != nil {
				t.Fatal(err)
			}
			r, err := dublincore.ParseQDC(data)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Values) != want {
				t.Errorf("%d values, want %d: %v", len(r.Values), want, r.Values)
			}
		})
	}
}

// TestXMLRoundTrip: what is written in qualified Dublin Core is read back, as far as XML can hold it.
func TestXMLRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := records().Draw(t, "record")
		first, err := dublincore.ParseQDC(r.AppendOAIQDC(nil))
		if err != nil {
			t.Fatal(err)
		}
		second, err := dublincore.ParseQDC(first.AppendOAIQDC(nil))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first.Values, second.Values, cmpopts.EquateEmpty()); diff != "" {
			t.Error("read, written and read again:", diff)
		}
		simple, err := dublincore.ParseOAIDC(r.AppendOAIDC(nil))
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range simple.Values {
			if v.Term.Element() != v.Term {
				t.Errorf("%v in oai_dc", v.Term)
			}
		}
		again, err := dublincore.ParseOAIDC(simple.AppendOAIDC(nil))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(simple.AppendOAIDC(nil), again.AppendOAIDC(nil)) {
			t.Error("oai_dc written again differs")
		}
	})
}

func FuzzParseOAIDC(f *testing.F) {
	f.Add([]byte(dcOpen + `<dc:title xml:lang="en">A<b>c</b></dc:title>x<y/></oai_dc:dc>`))
	f.Add(record().AppendOAIDC(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := dublincore.ParseOAIDC(data)
		if err != nil {
			return
		}
		again, err := dublincore.ParseOAIDC(r.AppendOAIDC(nil))
		if err != nil {
			t.Fatalf("what was written can't be read: %v", err)
		}
		if len(again.Values) > len(r.Values) {
			t.Errorf("%d values became %d", len(r.Values), len(again.Values))
		}
	})
}

func FuzzParseQDC(f *testing.F) {
	f.Add(record().AppendOAIQDC(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := dublincore.ParseQDC(data)
		if err != nil {
			return
		}
		if _, err := dublincore.ParseQDC(r.AppendOAIQDC(nil)); err != nil {
			t.Fatalf("what was written can't be read: %v", err)
		}
	})
}

func BenchmarkParseOAIDC(b *testing.B) {
	data := benchRecord().AppendOAIDC(nil)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := dublincore.ParseOAIDC(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendOAIDC(b *testing.B) {
	r := benchRecord()
	dst := r.AppendOAIDC(nil)
	b.SetBytes(int64(len(dst)))
	b.ReportAllocs()
	for b.Loop() {
		dst = r.AppendOAIDC(dst[:0])
	}
}

// benchRecord is about as large as a usual record: 1.3 KB of oai_dc.
func benchRecord() *dublincore.Record {
	r := record()
	r.AddText(dublincore.Creator, "Hoxha, Enver")
	r.AddText(dublincore.Creator, "Khrushchev, Nikita")
	r.Add(dublincore.Value{Term: dublincore.Description, Lang: "en",
		Text: strings.Repeat("The talk turned to the harvest, and to what the neighbours say. ", 5)})
	return r
}
