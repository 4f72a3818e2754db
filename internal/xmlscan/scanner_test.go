package xmlscan_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// tokens writes the tokens of a document as text: {space}name a=v for starts, /name, "text".
func tokens(data []byte, lim xmlscan.Limits) ([]string, error) {
	s := xmlscan.New(data, lim)
	var out []string
	for {
		kind, err := s.Next()
		if err != nil {
			return out, err
		}
		switch kind {
		case xmlscan.EOF:
			return out, nil
		case xmlscan.Start:
			t := expanded(s.Name())
			for _, a := range s.Attrs() {
				t += fmt.Sprintf(" %s=%q", expanded(a.Name), a.Value)
			}
			out = append(out, t)
		case xmlscan.End:
			out = append(out, "/"+expanded(s.Name()))
		case xmlscan.Text:
			out = append(out, fmt.Sprintf("%q", s.Text()))
		}
	}
}

func expanded(n xmlscan.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return "{" + n.Space + "}" + n.Local
}

func TestTokens(t *testing.T) {
	for name, c := range map[string]struct {
		doc  string
		want []string
	}{
		"empty element":       {`<a/>`, []string{"a", "/a"}},
		"space in tags":       {"<a\n b = '1' ></a\t>", []string{`a b="1"`, "/a"}},
		"declaration, BOM":    {"\xef\xbb\xbf<?xml version='1.0' encoding=\"utf-8\" standalone='yes' ?>\n<a/>\n", []string{"a", "/a"}},
		"comments and PIs":    {"<!-- x --><?p q?><a>1<!-- - -->2<?r?>3</a><!--z-->", []string{"a", `"1"`, `"2"`, `"3"`, "/a"}},
		"references":          {`<a b="&lt;&#x41;&#10;&quot;">&amp;&#65;&gt;&apos;&#x1F600;</a>`, []string{`a b="<A\n\""`, `"&A>'😀"`, "/a"}},
		"CDATA":               {"<a>x<![CDATA[<&]]]]><![CDATA[>]]><![CDATA[]]></a>", []string{"a", `"x"`, `"<&]]"`, `">"`, "/a"}},
		"line ends":           {"<a b='1\r\n2\t3\n4\r5'>1\r\n2\r3\n<![CDATA[\r\n\r]]></a>", []string{`a b="1 2 3 4 5"`, `"1\n2\n3\n"`, `"\n\n"`, "/a"}},
		"default namespace":   {`<a xmlns="u"><b xmlns=""/><c d="1"/></a>`, []string{"{u}a", "b", "/b", "{u}c d=\"1\"", "/{u}c", "/{u}a"}},
		"prefixes":            {`<p:a xmlns:p="u" p:x="1" y="2"><p:a xmlns:p="v"/></p:a>`, []string{`{u}a {u}x="1" y="2"`, "{v}a", "/{v}a", "/{u}a"}},
		"xml prefix":          {`<a xml:lang="sq"/>`, []string{`a {http://www.w3.org/XML/1998/namespace}lang="sq"`, "/a"}},
		"other alphabets":     {"<été ő='東京'>日本</été>", []string{`été ő="東京"`, `"日本"`, "/été"}},
		"brackets in text":    {"<a>]] ]> ></a>", []string{"a", `"]] ]> >"`, "/a"}},
		"quotes in values":    {`<a b="'" c='"'/>`, []string{`a b="'" c="\""`, "/a"}},
		"declared afterwards": {`<a p:b="1" xmlns:p="u"/>`, []string{`a {u}b="1"`, "/a"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := tokens([]byte(c.doc), xmlscan.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	for name, c := range map[string]struct{ doc, want string }{
		"document type":          {"<!DOCTYPE a><a/>", "line 1, column 1: a document type"},
		"unknown entity":         {"<a>\n é&bogus;</a>", "line 2, column 3: &bogus; stands for"},
		"forbidden reference":    {"<a>&#x3;</a>", "&#x3;"},
		"surrogate reference":    {"<a>&#xD800;</a>", "&#xD800;"},
		"U+FFFE":                 {"<a>\uFFFE</a>", "U+FFFE"},
		"U+FFFF behind U+FFFD":   {"<a>\uFFFD\uFFFF</a>", "U+FFFF"},
		"control character":      {"<a>x\x03</a>", "column 5: U+0003"},
		"control in comment":     {"<a><!--\x03--></a>", "U+0003"},
		"control in CDATA":       {"<a><![CDATA[\x03]]></a>", "U+0003"},
		"control in value":       {"<a b='\x03'/>", "U+0003"},
		"not UTF-8":              {"<a>\xe9t\xe9</a>", "byte 0xe9 is not UTF-8"},
		"not UTF-8 in value":     {"<a b='\xe9'/>", "byte 0xe9"},
		"bare ampersand":         {"<a>AT & T</a>", "written &amp;"},
		"mismatch":               {"<a><b></a></b>", "<b> is closed by </a>"},
		"longer end":             {"<a></ab>", "<a> is closed by </ab>"},
		"second root":            {"<a/><b/>", "second root"},
		"text after":             {"<a/>x", "after the end"},
		"text before":            {"x<a/>", "before the root"},
		"CDATA outside":          {"<![CDATA[ ]]><a/>", "outside the root"},
		"attribute twice":        {"<a b='1' b='2'/>", "twice"},
		"same expanded name":     {"<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", "are the same"},
		"undeclared prefix":      {"<p:a/>", "p is not declared"},
		"undeclared attr prefix": {"<a p:b=''/>", "p is not declared"},
		"prefix of nothing":      {"<a xmlns:p=''/>", "declared as nothing"},
		"xml elsewhere":          {"<a xmlns:xml='u'/>", "declared anew"},
		"prefix declared twice":  {"<a xmlns:p='u' xmlns:p='v'/>", "declared twice"},
		"< in value":             {"<a b='<'/>", "written &lt;"},
		"no quotes":              {"<a b=1/>", "not in quotes"},
		"no value":               {"<a b/>", "no value"},
		"no space":               {"<a b='1'c='2'/>", "white space is missing"},
		"]]> in text":            {"<a>]]></a>", "]]>"},
		"-- in comment":          {"<a><!-- -- --></a>", "inside a comment"},
		"declaration inside":     {"<a><?xml version='1.0'?></a>", "inside the document"},
		"declaration late":       {" <?xml version='1.0'?><a/>", "inside the document"},
		"version 1.1":            {"<?xml version='1.1'?><a/>", "version"},
		"other encoding":         {"<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "ISO-8859-1"},
		"two colons":             {"<a:b:c/>", "a name can't have"},
		"colon at start":         {"<:a/>", "a name can't have"},
		"colon at end":           {"<a:/>", "a name can't have"},
		"name with digit":        {"<1/>", "a name can't have"},
		"end without start":      {"</a>", "without a start tag"},
		"nothing":                {"", "there is no element"},
		"only a comment":         {"<!-- -->", "there is no element"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := tokens([]byte(c.doc), xmlscan.Limits{})
			if err == nil {
				t.Fatalf("accepted as %q", got)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%q does not say %q", err, c.want)
			}
		})
	}
}

// A document cut anywhere is truncated, not malformed: a harvester asks again for the one, and
// reports the other.
func TestTruncatedEverywhere(t *testing.T) {
	doc := "<?xml version='1.0'?><!-- c --><p:a xmlns:p='u' x='é&amp;'>té&#65;xt<![CDATA[c]]><b/><?pi x?></p:a>"
	for n := range len(doc) {
		_, err := tokens([]byte(doc[:n]), xmlscan.Limits{})
		var syntax *xmlscan.SyntaxError
		if !errors.As(err, &syntax) || !syntax.Truncated {
			t.Errorf("cut to %q: %v", doc[:n], err)
		}
	}
}

func TestLimits(t *testing.T) {
	lim := xmlscan.Limits{Depth: 3, Attrs: 2, NameLen: 8, Namespaces: 3}
	for name, c := range map[string]struct {
		doc string
		ok  bool
	}{
		"depth held":      {"<a><a><a/></a><a/></a>", true},
		"too deep":        {"<a><a><a><a/></a></a></a>", false},
		"attributes held": {"<a b='' c=''/>", true},
		"too many":        {"<a b='' c='' d=''/>", false},
		"name held":       {"<abcdefgh/>", true},
		"name too long":   {"<abcdefghi/>", false},
		"endless name":    {"<abcdefghi", false},
		"namespaces held": {"<a xmlns='u' xmlns:p='u'><b/></a>", true},
		"too many spaces": {"<a xmlns='u' xmlns:p='u'><a xmlns='v'/></a>", false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tokens([]byte(c.doc), lim)
			var syntax *xmlscan.SyntaxError
			if c.ok && err != nil {
				t.Error(err)
			}
			if !c.ok && (!errors.As(err, &syntax) || !syntax.Limit) {
				t.Errorf("got %v, want an error about a limit", err)
			}
		})
	}
}

func TestDeclarations(t *testing.T) {
	for declaration, ok := range map[string]bool{
		`<?xml version="1.0"?>`: true,
		`<?xml version = '1.0' encoding = "Utf-8" standalone = 'no' ?>`: true,
		`<?xml version="1.0" standalone="yes"?>`:                        true,
		`<?xml version="1.0" encoding="us-ascii"?>`:                     true,
		`<?xml?>`:                                             false,
		`<?xml encoding="UTF-8"?>`:                            false,
		`<?xml version="1.0"encoding="UTF-8"?>`:               false,
		`<?xml version="1.0" encoding="UTF-16"?>`:             false,
		`<?xml version="1.0" standalone="maybe"?>`:            false,
		`<?xml version="1.0" encoding=UTF-8?>`:                false,
		`<?xml version="1.0" encoding?>`:                      false,
		`<?xml version="1.0" encoding="UTF-8?>`:               false,
		`<?xml version="1.0" standalone="no" version="1.0"?>`: false,
		`<?XML version="1.0"?>`:                               false,
		`<?p:q x?>`:                                           false,
		`<?p"q?>`:                                             false,
		`<?xml-stylesheet href="x"?>`:                         true,
	} {
		if _, err := tokens([]byte(declaration+"<a/>"), xmlscan.Limits{}); (err == nil) != ok {
			t.Errorf("%s: %v", declaration, err)
		}
	}
}

func TestNamesAndAttributes(t *testing.T) {
	s := xmlscan.New([]byte(`<p:a xmlns:p="u" xmlns="v" p:b="1" b="&#x4a;&#x4A;"><c/></p:a>`), xmlscan.Limits{})
	s.Next()
	if s.Kind() != xmlscan.Start || string(s.Local()) != "a" || s.Space() != "u" || !s.Is("u", "a") || s.Is("v", "a") || s.Is("u", "b") {
		t.Errorf("%v %v", s.Kind(), s.Name())
	}
	for _, c := range []struct {
		space, local, want string
		ok                 bool
	}{{"u", "b", "1", true}, {"", "b", "JJ", true}, {"v", "b", "", false}, {"", "xmlns", "", false}} {
		if got, ok := s.Attr(c.space, c.local); string(got) != c.want || ok != c.ok {
			t.Errorf("{%s}%s: %q %v", c.space, c.local, got, ok)
		}
	}
	if s.Next(); s.Name() != (xmlscan.Name{Space: "v", Local: "c"}) || len(s.Attrs()) > 0 {
		t.Errorf("%v %v", s.Name(), s.Attrs())
	}
}

func TestErrorStays(t *testing.T) {
	s := xmlscan.New([]byte("<a></b><c/>"), xmlscan.Limits{})
	var first error
	for first == nil {
		_, first = s.Next()
	}
	if _, again := s.Next(); again != first {
		t.Errorf("first %v, then %v", first, again)
	}
}

func TestNoAllocations(t *testing.T) {
	doc := page(50)
	s := xmlscan.New(doc, xmlscan.Limits{})
	read := func() {
		s.Reset(doc)
		for {
			kind, err := s.Next()
			if err != nil {
				t.Fatal(err)
			}
			if kind == xmlscan.EOF {
				return
			}
			if kind == xmlscan.Start {
				s.Name()
				s.Attrs()
			}
		}
	}
	read()
	// The XML declaration costs a few; the page has 2,000 tokens.
	if n := testing.AllocsPerRun(10, read); n > 4 {
		t.Errorf("%v allocations for a page", n)
	}
}

// page is a typical page of n records.
func page(n int) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><ListRecords>`)
	for i := range n {
		fmt.Fprintf(&b, `
  <record>
    <header><identifier>oai:example.org:%d</identifier><datestamp>2024-05-01T00:00:00Z</datestamp><setSpec>col_1</setSpec></header>
    <metadata>
      <oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/" xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd">
        <dc:title>Letters &amp; notebooks, volume %d</dc:title>
        <dc:creator>Përmeti, Anna</dc:creator>
        <dc:description>A collection of letters that were written between the wars, with a list of the persons named in them and an index of places, bound in two volumes.</dc:description>
        <dc:date>1957-04</dc:date><dc:type>Text</dc:type><dc:language>sqi</dc:language>
        <dc:identifier>https://example.org/items/%d</dc:identifier>
      </oai_dc:dc>
    </metadata>
  </record>`, i, i, i)
	}
	b.WriteString("</ListRecords></OAI-PMH>")
	return []byte(b.String())
}

func BenchmarkNext(b *testing.B) {
	doc := page(200)
	s := xmlscan.New(doc, xmlscan.Limits{})
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		s.Reset(doc)
		for {
			kind, err := s.Next()
			if err != nil {
				b.Fatal(err)
			}
			if kind == xmlscan.EOF {
				break
			}
		}
	}
}

func BenchmarkCanonical(b *testing.B) {
	doc := page(200)
	c := xmlscan.NewCanonicalizer(xmlscan.Limits{})
	var dst []byte
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if dst, err = c.Append(dst[:0], doc); err != nil {
			b.Fatal(err)
		}
	}
}
