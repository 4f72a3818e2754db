package crosswalk

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// compile compiles a mapping that must be right.
func compile(t testing.TB, src string, opts ...Option) *Mapping {
	t.Helper()
	m, err := Compile("x.map", []byte(src), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestTransforms runs the sample of each transform, which the reference page shows.
func TestTransforms(t *testing.T) {
	for _, tr := range transforms {
		t.Run(tr.name, func(t *testing.T) {
			m := compile(t, "format json\ntitle from a | "+tr.example.call+"\n")
			got, err := m.transform(m.rules[0], tr.example.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tr.example.out, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tr.example.call, diff)
			}
		})
	}
}

// TestSelectors tries selectors and conditions of each family on small originals. A wanted text is the
// values with | between.
func TestSelectors(t *testing.T) {
	const (
		xmlDoc  = `<r xmlns="urn:a" xmlns:b="urn:b" xml:lang="en"><t k="1">one</t><t k="2">two <i>2</i></t><b:t>bee</b:t><g><t xml:lang="sq">deep</t><h><t k="1">deeper</t></h></g><p><q>x</q><q>y</q></p><link b:href="u"/></r>`
		jsonDoc = `{"a":"one","n":7,"ok":true,"none":null,"list":["x","y",{"@value":"z","@language":"fr"}],"o":{"p":{"q":"deep"},"@type":"T"},"people":[{"name":"Ana","role":"author","k.d":"dot"},{"name":"Ben","role":"editor"}]}`
		marcDoc = "=LDR  00000nam a22\n=008  123456s1957\\\\\\\\alb\n=100  1\\$aMeier, Jens,$d1900-$4aut$4edt\n=245  10$6880-01$aTitle :$bsub$n2\n=264  \\1$c1957\n=264  \\4$c©1958\n=650  \\0$aForests$zAlbania$xHistory\n=700  1\\$aHoxha, Ana$4trl\n=700  1\\$aZeqo, B.$tWork\n=880  10$6245-01$aТитул\n"
		csvDoc  = "Title,Date\n\"A, b\",1957\n"
		htmlDoc = `<html lang="de"><body><div id="main" class="x"><h1>Head</h1><a href="/1">one</a><a class="pdf" href="/2.pdf">two</a></div></body></html>`
		dcDoc   = `<dc xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title xml:lang="en">A</dc:title><dc:title xml:lang="sq">B</dc:title><dc:creator>C</dc:creator></dc>`
	)
	for _, c := range []struct{ format, doc, rule, want string }{
		{"xml", xmlDoc, `t`, "one|two 2|bee"},
		{"xml", xmlDoc, `a:t`, "one|two 2"},
		{"xml", xmlDoc, `b:t`, "bee"},
		{"xml", xmlDoc, `t[@k="2"]`, "two 2"},
		{"xml", xmlDoc, `t[not(@k)]`, "bee"},
		{"xml", xmlDoc, `t[@k!="1"]`, "two 2"},
		{"xml", xmlDoc, `t[@k="1" or i]`, "one|two 2"},
		{"xml", xmlDoc, `t[@k and not(i)]`, "one"},
		{"xml", xmlDoc, `t[i="2"]/@k`, "2"},
		{"xml", xmlDoc, `t[2]`, "two 2"},
		{"xml", xmlDoc, `t[last()]`, "bee"},
		{"xml", xmlDoc, `//t`, "one|two 2|bee|deep|deeper"},
		{"xml", xmlDoc, `g//t[@k]`, "deeper"},
		{"xml", xmlDoc, `/r/g/t`, "deep"},
		{"xml", xmlDoc, `/s/g/t`, ""},
		{"xml", xmlDoc, `g/*`, "deep|deeper"},
		{"xml", xmlDoc, `g/h/../t`, "deep"},
		{"xml", xmlDoc, `t/@k`, "1|2"},
		{"xml", xmlDoc, `link/@href`, "u"},
		{"xml", xmlDoc, `link/@b:href`, "u"},
		{"xml", xmlDoc, `link/@a:href`, ""},
		{"xml", xmlDoc, `p`, "x y"},
		{"xml", xmlDoc, `p | parts "+"`, "x+y"},
		{"xml", xmlDoc, `t where @k = "1"`, "one"},
		{"xml", xmlDoc, `t where no @k`, "bee"},
		{"xml", xmlDoc, `t where @k in (2 3) or value = "bee"`, "two 2|bee"},
		{"xml", xmlDoc, `t where not (@k in (2 3) or value has "BEE")`, "one"},
		{"xml", xmlDoc, `g/h/t where ^link/@href = "u"`, "deeper"},
		{"xml", xmlDoc, `g | text "{t}[, {h/t}][, {nothing}]!"`, "deep, deeper!"},
		{"json", jsonDoc, `a`, "one"},
		{"json", jsonDoc, `n ok none`, "7|true"},
		{"json", jsonDoc, `list`, "x|y|z"},
		{"json", jsonDoc, `list[1]`, "y"},
		{"json", jsonDoc, `list[9]`, ""},
		{"json", jsonDoc, `o.p.q`, "deep"},
		{"json", jsonDoc, `o.*.q`, "deep"},
		{"json", jsonDoc, `people.name where role = "editor"`, "Ben"},
		{"json", jsonDoc, `people where role starts "au"`, "Ana"},
		{"json", jsonDoc, `people.name where $.a = "one" and role not in (editor)`, "Ana"},
		{"json", jsonDoc, `people["k.d"]`, "dot"},
		{"json", jsonDoc, `people | text "{name} ({role})"`, "Ana (author)|Ben (editor)"},
		{"marc21", marcDoc, `245$a`, "Title :|Титул"},
		{"marc21", marcDoc, `245$abn`, "Title : sub 2|Титул"},
		{"marc21", marcDoc, `LDR/06`, "a"},
		{"marc21", marcDoc, `LDR/06-07`, "am"},
		{"marc21", marcDoc, `008/06-14 | prefix "|"`, "|s1957"},
		{"marc21", marcDoc, `264_1$c`, "1957"},
		{"marc21", marcDoc, `264.4$c`, "©1958"},
		{"marc21", marcDoc, `264$c`, "1957|©1958"},
		{"marc21", marcDoc, `650$a--vxyz`, "Forests -- Albania -- History"},
		{"marc21", marcDoc, `2..$c`, "1957|©1958"},
		{"marc21", marcDoc, `245$a/0-3`, "Titl|Титу"},
		{"marc21", marcDoc, `100$4`, "aut|edt"},
		{"marc21", marcDoc, `100`, "Meier, Jens, 1900-"},
		{"marc21", marcDoc, `700$a where $4 not in (aut cre) and no $t`, "Hoxha, Ana"},
		{"marc21", marcDoc, `700$a where $t`, "Zeqo, B."},
		{"marc21", marcDoc, `100$a where $4 in table creators`, "Meier, Jens,"},
		{"marc21", marcDoc, `650$a where ind2 = "0" and LDR/06 = "a"`, "Forests"},
		{"marc21", marcDoc, `700 | text "{$a} [({$t})]"`, "Hoxha, Ana|Zeqo, B. (Work)"},
		{"csv", csvDoc, `title`, "A, b"},
		{"csv", csvDoc, `Title where Date = "1957"`, "A, b"},
		{"csv", csvDoc, `other`, ""},
		{"html", htmlDoc, `h1`, "Head"},
		{"html", htmlDoc, `"#main > a"`, "one|two"},
		{"html", htmlDoc, `a@href`, "/1|/2.pdf"},
		{"html", htmlDoc, `a where @class = "pdf"`, "two"},
		{"oai_dc", dcDoc, `title`, "A|B"},
		{"oai_dc", dcDoc, `title where lang = "sq"`, "B"},
		{"oai_dc", dcDoc, `title where lang != "sq" and creator = "C"`, "A"},
		{"oai_dc", dcDoc, `title creator`, "A|B|C"},
		{"oai_dc", dcDoc, `subject | default "none"`, "none"},
		{"oai_dc", dcDoc, `title | keep (X) | upper | default "none" | prefix "x-"`, "x-none"},
		{"oai_dc", dcDoc, `title | keep starting (A X)`, "A"},
		{"oai_dc", dcDoc, `title | leave ending (b X)`, "A"},
		{"oai_dc", dcDoc, `title | first`, "A"},
		{"oai_dc", dcDoc, `title | last`, "B"},
		{"oai_dc", dcDoc, `title creator | join "+"`, "A+B+C"},
		{"json", jsonDoc, `list | codes 1`, "x|y|z"},
		{"json", jsonDoc, `a | text "{missing}"`, ""},
		{"json", jsonDoc, `a | text "[{missing} and ]{value}"`, "one"},
	} {
		t.Run(c.format+" "+c.rule, func(t *testing.T) {
			src := "format " + c.format + "\n"
			if c.format == "xml" {
				src += "namespace a \"urn:a\"\nnamespace b \"urn:b\"\n"
			}
			m := compile(t, src+"title from "+c.rule+"\n")
			res, err := m.Apply(Input{Original: []byte(c.doc)})
			if errors.Is(err, ErrEmpty) {
				res, err = &Result{Record: &dublincore.Record{}}, nil
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(textsOf(res.Record, dublincore.Title), "|"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestLanguageOfText: xml:lang is inherited, and a rule's lang speaks only where the source is silent.
func TestLanguageOfText(t *testing.T) {
	m := compile(t, "format xml\ntitle from a b | lang fr\n")
	res, err := m.Apply(Input{Original: []byte(`<r><a xml:lang="sq">one</a><b>two</b><a lang="ENG">three</a><a xml:lang="de_ch">four</a><a xml:lang="no tag">five</a></r>`)})
	if err != nil {
		t.Fatal(err)
	}
	want := []dublincore.Value{
		{Term: dublincore.Title, Text: "one", Lang: "sq"},
		{Term: dublincore.Title, Text: "three", Lang: "en"},
		{Term: dublincore.Title, Text: "four", Lang: "de-CH"},
		{Term: dublincore.Title, Text: "five"},
		{Term: dublincore.Title, Text: "two", Lang: "fr"},
	}
	if diff := cmp.Diff(want, res.Record.Values); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]dublincore.Note{{Term: dublincore.Title, Kind: dublincore.BadLanguageTag, Text: "no tag"}}, res.Notes); diff != "" {
		t.Error(diff)
	}
}

// TestNotesQuietly: what a rule does not ask to be understood is not held against the source.
func TestNotesQuietly(t *testing.T) {
	for rule, want := range map[string]string{
		"language from a | language":         "not-understood",
		"language from a | language maybe":   "",
		"language from a | language only":    "",
		"language from b | language only":    "normalized",
		"landing from a | url":               "not-understood",
		"title from c | clean | split \";\"": "html-stripped",
		"title from d":                       "duplicate-dropped",
		"title from c | clean | keep (x)":    "",
	} {
		m := compile(t, "format json\n"+rule+"\nsource from a\n")
		res, err := m.Apply(Input{Original: []byte(`{"a":"Klingon talk","b":"German","c":"<b>x</b>; y","d":["x","x"]}`)})
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, n := range res.Notes {
			if n.Kind != dublincore.NotMapped { // of the fields that the rule is not about
				kinds = append(kinds, n.Kind.String())
			}
		}
		if got := strings.Join(kinds, " "); got != want {
			t.Errorf("%s notes %q, want %q: %+v", rule, got, want, res.Notes)
		}
	}
}

func TestElse(t *testing.T) {
	m := compile(t, "format json\ntitle from a\n  else from b | extract \"[0-9]+\"\n  else is none\nsource from b\n")
	for original, want := range map[string]string{
		`{"a":"A","b":"1"}`: "A",
		`{"b":"x 12"}`:      "12",
		`{"b":"x"}`:         "none",
		`{"a":" ","b":"3"}`: "3",
	} {
		res, err := m.Apply(Input{Original: []byte(original)})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(textsOf(res.Record, dublincore.Title), "|"); got != want {
			t.Errorf("%s gives %q, want %q", original, got, want)
		}
	}
}

func TestInclude(t *testing.T) {
	files := fstest.MapFS{"local/more.map": {Data: []byte("format oai_dc\nrights is \"ask\"\n")}}
	m := compile(t, "include oai_dc.map\ninclude local/more.map\nreplace title from title | upper\nreplace title from creator\ndrop subject rights\nrights is \"mine\"\n", WithFiles(files))
	res, err := m.Apply(Input{Original: []byte(`<dc xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>a</dc:title><dc:creator>b</dc:creator><dc:subject>c</dc:subject></dc>`)})
	if err != nil {
		t.Fatal(err)
	}
	want := map[dublincore.Term]string{dublincore.Title: "A|b", dublincore.Creator: "b", dublincore.Subject: "", dublincore.Rights: "mine"}
	for term, text := range want {
		if got := strings.Join(textsOf(res.Record, term), "|"); got != text {
			t.Errorf("%s is %q, want %q", term, got, text)
		}
	}
	if m.Format() != "oai_dc" {
		t.Errorf("format %q", m.Format())
	}
	// A file of one's own with the name of a built-in may build on it.
	own := fstest.MapFS{"oai_dc.map": {Data: []byte("include oai_dc.map\ndrop subject\n")}}
	for _, name := range []string{"oai_dc.map", "/etc/gateway/oai_dc.map"} {
		if _, err := Compile(name, own["oai_dc.map"].Data, WithFiles(own)); err != nil {
			t.Error(err)
		}
	}
}

// TestVersion: the version changes with whatever may change a record, and with nothing else.
func TestVersion(t *testing.T) {
	files := func(more, table string) Option {
		return WithFiles(fstest.MapFS{"more.map": {Data: []byte(more)}, "t.csv": {Data: []byte(table)}})
	}
	const src = "include more.map\ntable t from t.csv\ntitle from a | table t\n"
	base := compile(t, src, files("format json\nsubject from b\n", "k,v\na,b\n")).Version()
	for name, c := range map[string]struct {
		src, more, table string
		same             bool
	}{
		"same":     {src, "format json\nsubject from b\n", "k,v\na,b\n", true},
		"comment":  {"# why\n" + strings.ReplaceAll(src, " | ", "   | ") + "  example a -> b\n", "format json # x\nsubject from b\n", "k,v\na,b\n", true},
		"text":     {src + "format is x\n", "format json\nsubject from b\n", "k,v\na,b\n", false},
		"quotes":   {strings.Replace(src, "from a", `from "a"`, 1), "format json\nsubject from b\n", "k,v\na,b\n", false},
		"included": {src, "format json\nsubject from c\n", "k,v\na,b\n", false},
		"table":    {src, "format json\nsubject from b\n", "k,v\na,c\n", false},
	} {
		got := compile(t, c.src, files(c.more, c.table)).Version()
		if (got == base) != c.same {
			t.Errorf("%s: version %s, of the first %s", name, got, base)
		}
	}
}

func TestContext(t *testing.T) {
	m := compile(t, "format json\ntitle from a\nlanguage from l\n")
	context := []dublincore.Value{
		{Term: dublincore.Language, Text: "sqi", Scheme: "ISO639-3"},
		{Term: dublincore.Title, Text: "A"},
		{Term: dublincore.Publisher, Text: " "},
	}
	res, err := m.Apply(Input{Original: []byte(`{"a":"A","l":"rus"}`), Context: context})
	if err != nil {
		t.Fatal(err)
	}
	want := []dublincore.Value{
		{Term: dublincore.Title, Text: "A"},
		{Term: dublincore.Language, Text: "rus"},
		{Term: dublincore.Language, Text: "sqi", Scheme: "ISO639-3", From: dublincore.Context},
	}
	if diff := cmp.Diff(want, res.Record.Values); diff != "" {
		t.Error(diff)
	}
	// Context alone makes no record: nothing was found.
	if _, err := m.Apply(Input{Original: []byte(`{"x":"A"}`), Context: context}); !errors.Is(err, ErrEmpty) {
		t.Errorf("error %v, want ErrEmpty", err)
	}
}

func TestExplain(t *testing.T) {
	m := compile(t, "format marc21\ntitle from 245$a 246$a | isbd\nlanding from 856$u\n  else is \"https://example.org/\"\n")
	doc := []byte("=LDR  00000nam\n=245  10$aOne /\n=246  3\\$aOne\n=246  3\\$aTwo\n=856  40$uno address\n")
	res, err := m.Explain(Input{Original: doc, Context: []dublincore.Value{{Term: dublincore.Publisher, Text: "P"}}})
	if err != nil {
		t.Fatal(err)
	}
	want := []Trace{
		{Value: 0, Term: dublincore.Title, File: "x.map", Line: 2, Rule: "title from 245$a 246$a | isbd", Source: "245$a at 245", Input: "One /"},
		{Value: 0, Term: dublincore.Title, File: "x.map", Line: 2, Rule: "title from 245$a 246$a | isbd", Source: "246$a at 246", Input: "One", Reason: "the same value is there already"},
		{Value: 1, Term: dublincore.Title, File: "x.map", Line: 2, Rule: "title from 245$a 246$a | isbd", Source: "246$a at 246, number 2", Input: "Two"},
		{Value: -1, Term: dublincore.Landing, File: "x.map", Line: 3, Rule: "landing from 856$u", Source: "856$u at 856", Input: "no address", Reason: "a landing must be an http or https URL"},
		{Value: 2, Term: dublincore.Landing, File: "x.map", Line: 4, Rule: "landing is \"https://example.org/\"", Source: "the rule itself", Input: "https://example.org/"},
		{Value: 3, Term: dublincore.Publisher, File: "context", Source: "the configuration", Input: "P"},
	}
	if diff := cmp.Diff(want, res.Trace); diff != "" {
		t.Error(diff)
	}
	plain, err := m.Apply(Input{Original: doc})
	if err != nil {
		t.Fatal(err)
	}
	if plain.Trace != nil {
		t.Error("Apply traces")
	}
	if diff := cmp.Diff(res.Record.Values[:3], plain.Record.Values); diff != "" {
		t.Errorf("Explain makes another record than Apply: %s", diff)
	}
}

func TestWarnings(t *testing.T) {
	m := compile(t, "format json\ntitle from t\ndate from d\nwarn later_date in t\nwarn missing in d e\nwarn several in d\nwarn repeated in t\n")
	for original, want := range map[string]string{
		`{"t":"A","d":"1957"}`:                                "",
		`{"t":"A"}`:                                           "missing",
		`{"t":"A","d":["1957","1958"]}`:                       "several",
		`{"t":["On it.","on it"],"d":"1957"}`:                 "repeated",
		`{"t":"Of 1957","d":"1957-04"}`:                       "",
		`{"t":"Of 1958","d":"1957-04"}`:                       "later_date",
		`{"t":"Of May 2nd, 1957","d":"1957-04"}`:              "later_date",
		`{"t":"Of 30 April 1957","d":"1957-04"}`:              "",
		`{"t":"Numbers 1 to 19580, p. 2","d":"1957"}`:         "",
		`{"t":"From 1950 to 2 May 1960","d":"1957"}`:          "later_date",
		`{"t":"A plan for 1999","d":["1957","1998-01-01"]}`:   "later_date several",
		`{"t":"A plan for 1999","d":"in the days of plenty"}`: "",
	} {
		res, err := m.Apply(Input{Original: []byte(original)})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, w := range res.Warnings {
			names = append(names, w.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s warns %q, want %q: %+v", original, got, want, res.Warnings)
		}
	}
}

// TestHostile: originals and rules that would cost without end are refused by name.
func TestHostile(t *testing.T) {
	doubling := "format json\ntitle from a" + strings.Repeat(" | replace a aaaaaaaaaaaaaaaa", 8) + "\n"
	rewriting := "format json\ntitle from a" + strings.Repeat(` | rewrite "(.*)" "$1$1$1$1$1$1$1$1"`, 24) + "\n"
	for name, c := range map[string]struct {
		src, original string
		want          error
	}{
		"doubling":     {doubling, `{"a":"aaaaaaaaaaaaaaaaaaaaaaaa"}`, ErrTooLarge},
		"rewriting":    {rewriting, `{"a":"aaaaaaaaaaaaaaaaaaaaaaaa"}`, nil}, // patterns stop at 64 KiB
		"json depth":   {"format json\ntitle from a\n", strings.Repeat("[", 100_000), ErrTooLarge},
		"json rest":    {"format json\ntitle from a\n", `{"a":"b"} x`, ErrMalformed},
		"json list":    {"format json\ntitle from a\n", `[{"a":"b"},{"a":"c"}]`, ErrMalformed},
		"xml depth":    {"format xml\ntitle from a\n", strings.Repeat("<a>", 5000), ErrMalformed},
		"xml entity":   {"format xml\ntitle from a\n", `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><r><a>&b;</a></r>`, ErrMalformed},
		"xml entities": {"format xml\ntitle from a\n", `<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><r><a>&c;</a></r>`, ErrMalformed},
		"xml cut":      {"format xml\ntitle from a\n", `<r><a>x</a>`, ErrMalformed},
		"xml visits":   {"format xml\ntitle from //a[//c]//c\n", "<r>" + strings.Repeat("<a><c>x</c>", 200) + strings.Repeat("<c/>", 30_000) + strings.Repeat("</a>", 200) + "</r>", ErrTooLarge},
		"xml root":     {"format mods\nroot mods\ntitle from a\n", `<r><a>x</a></r>`, ErrMalformed},
		"marc empty":   {"format marc21\ntitle from 245$a\n", ``, ErrMalformed},
		"csv rows":     {"format csv\ntitle from a\n", "a\n1\n2\n", ErrMalformed},
		"html depth":   {"format html\ntitle from a\n", strings.Repeat("<div>", 5000), ErrMalformed},
		"many values":  {"format json\ntitle from a | split \",\"\n", `{"a":"` + numbers(maxValues+10) + `"}`, ErrTooLarge},
		"large":        {"format json\ntitle from a\n", strings.Repeat(" ", maxOriginal+1), ErrTooLarge},
		"nothing":      {"format json\ntitle from a\n", `{}`, ErrEmpty},
		"marc 2709":    {"format marc21\ntitle from 245$a\n", strings.Repeat("0", 100), ErrMalformed},
		"dc no record": {"format oai_dc\ntitle from title\n", `nothing`, ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			m := compile(t, c.src)
			_, err := m.Apply(Input{Original: []byte(c.original)})
			if !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			// The mapping is none the worse for it.
			if c.src == doubling {
				if _, err := m.Apply(Input{Original: []byte(`{"a":"b"}`)}); err != nil {
					t.Errorf("after it: %v", err)
				}
			}
		})
	}
}

func numbers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d,", i)
	}
	return b.String()
}
