package xmlscan_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
	"pgregory.net/rapid"
)

func TestElement(t *testing.T) {
	for name, c := range map[string]struct{ doc, want string }{
		"nothing needed":       {`<r><m><a b="1">x</a></m></r>`, `<a b="1">x</a>`},
		"unused left out":      {`<r xmlns="o" xmlns:x="y"><m><p:a xmlns:p="u"/></m></r>`, `<p:a xmlns:p="u"/>`},
		"prefix of the root":   {`<r xmlns:p="u"><m><p:a/></m></r>`, `<p:a xmlns:p="u"/>`},
		"prefix inside":        {`<r xmlns:p="u"><m><a><p:b/></a></m></r>`, `<a xmlns:p="u"><p:b/></a>`},
		"prefix of attributes": {`<r xmlns:p="u"><m><a p:b="1"/></m></r>`, `<a xmlns:p="u" p:b="1"/>`},
		"prefix in a value":    {`<r xmlns:p="u"><m><a b="p:c"/></m></r>`, `<a xmlns:p="u" b="p:c"/>`},
		"default inside":       {`<r xmlns="o"><m><p:a xmlns:p="u"><b/></p:a></m></r>`, `<p:a xmlns="o" xmlns:p="u"><b/></p:a>`},
		"default undone":       {`<r xmlns="o"><m xmlns=""><a/></m></r>`, `<a/>`},
		"redeclared nearer":    {`<r xmlns:p="u"><m xmlns:p="v"><p:a/></m></r>`, `<p:a xmlns:p="v"/>`},
		"redeclared on itself": {`<r xmlns:p="u"><m><p:a xmlns:p="v"/></m></r>`, `<p:a xmlns:p="v"/>`},
		"redeclared inside":    {`<r xmlns:p="u"><m><a><b xmlns:p="v"><p:c/></b><p:d/></a></m></r>`, `<a xmlns:p="u"><b xmlns:p="v"><p:c/></b><p:d/></a>`},
		"escaped":              {`<r xmlns:p="u&amp;'&quot;"><m><p:a/></m></r>`, `<p:a xmlns:p="u&amp;'&quot;"/>`},
		"bytes kept":           {"<r><m><a  b='1'\n>&#65;<!--c--><![CDATA[d]]></a ></m></r>", "<a  b='1'\n>&#65;<!--c--><![CDATA[d]]></a >"},
	} {
		t.Run(name, func(t *testing.T) {
			s := xmlscan.New([]byte(c.doc), xmlscan.Limits{})
			for range 3 { // r, m, and the element in it
				if _, err := s.Next(); err != nil {
					t.Fatal(err)
				}
			}
			got, err := s.Element(nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Error(diff)
			}
			if kind, err := s.Next(); kind != xmlscan.End || err != nil || s.Name().Local != "m" {
				t.Errorf("then %v %v %v, not the end of m", kind, s.Name(), err)
			}
		})
	}
}

func TestSkipAndAppendText(t *testing.T) {
	s := xmlscan.New([]byte(`<a><b>1<c>2</c><b/></b><d>3<!--x-->4<![CDATA[5]]><e>6</e></d></a>`), xmlscan.Limits{})
	s.Next()
	s.Next()
	if err := s.Skip(); err != nil || s.Name().Local != "b" || s.Depth() != 1 {
		t.Fatal(err, s.Name(), s.Depth())
	}
	s.Next()
	got, err := s.AppendText([]byte("0"))
	if err != nil || string(got) != "03456" || s.Name().Local != "d" {
		t.Errorf("%q, %v, at %v", got, err, s.Name())
	}
}

func TestNamespaces(t *testing.T) {
	s := xmlscan.New([]byte(`<a xmlns="u" xmlns:p="v"><b xmlns="" xmlns:q="w"><c/></b></a>`), xmlscan.Limits{})
	for range 3 {
		s.Next()
	}
	got := map[string]string{}
	s.Namespaces(func(prefix, uri string) bool { got[prefix] = uri; return true })
	if diff := cmp.Diff(map[string]string{"p": "v", "q": "w"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestOffsets(t *testing.T) {
	doc := `<a> <b/>x</a>`
	s := xmlscan.New([]byte(doc), xmlscan.Limits{})
	var got []string
	for {
		kind, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		if kind == xmlscan.EOF {
			break
		}
		got = append(got, doc[s.Offset():s.EndOffset()])
	}
	if diff := cmp.Diff([]string{"<a>", " ", "<b/>", "", "x", "</a>"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestCanonicalSameAndDifferent(t *testing.T) {
	for name, c := range map[string]struct {
		a, b string
		same bool
	}{
		"prefixes":            {`<p:a xmlns:p="u" p:x="1"/>`, `<a xmlns="u" xmlns:q="u" q:x="1"/>`, true},
		"attribute order":     {`<a c="1" b="2"/>`, `<a b="2" c="1"/>`, true},
		"space between":       {"<a>\n <b/> <c>x</c>\n</a>", "<a><b/><c>x</c></a>", true},
		"CDATA, references":   {"<a><![CDATA[&]]>b</a>", "<a>&amp;&#98;</a>", true},
		"comments":            {"<a>x<!-- y -->z</a>", "<a>xz</a>", true},
		"declared, not used":  {`<a xmlns:p="u"/>`, `<a/>`, true},
		"text":                {"<a>x</a>", "<a>y</a>", false},
		"space in a leaf":     {"<a> </a>", "<a/>", false},
		"space at a text":     {"<a>x </a>", "<a>x</a>", false},
		"namespace":           {`<a xmlns="u"/>`, `<a xmlns="v"/>`, false},
		"attribute or child":  {`<a b="c"/>`, `<a><b>c</b></a>`, false},
		"order of elements":   {`<a><b/><c/></a>`, `<a><c/><b/></a>`, false},
		"namespace of attr":   {`<a xmlns:p="u" p:b="1"/>`, `<a b="1"/>`, false},
		"where the text ends": {`<a><b>x</b>y</a>`, `<a><b>xy</b></a>`, false},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := xmlscan.AppendCanonical(nil, []byte(c.a))
			if err != nil {
				t.Fatal(err)
			}
			b, err := xmlscan.AppendCanonical(nil, []byte(c.b))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Equal(a, b) != c.same {
				t.Errorf("%q and %q", a, b)
			}
		})
	}
}

// Any tree, written in two ways that mean the same, has one form.
func TestCanonicalOfGeneratedTrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one, two := tree(t, 3)
		a, err := xmlscan.AppendCanonical(nil, []byte(one))
		if err != nil {
			t.Fatalf("%s: %v", one, err)
		}
		b, err := xmlscan.AppendCanonical(nil, []byte(two))
		if err != nil {
			t.Fatalf("%s: %v", two, err)
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s\n%s\n%q\n%q", one, two, a, b)
		}
	})
}

// tree draws an element, written in two ways.
func tree(t *rapid.T, depth int) (one, two string) {
	name := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name")
	space := rapid.SampledFrom([]string{"u", "v"}).Draw(t, "space")
	x, y := rapid.StringMatching(`[a-z<&é ]{0,4}`).Draw(t, "x"), rapid.StringMatching(`[a-z]{0,4}`).Draw(t, "y")
	esc := func(s string) string { return escaper.Replace(s) }
	one = fmt.Sprintf(`<%s xmlns="%s" x="%s" y="%s">`, name, space, esc(x), y)
	two = fmt.Sprintf(`<q:%s y='%s'  x='%s' xmlns:q='%s' >`, name, y, esc(x), space)
	if depth > 0 && rapid.Bool().Draw(t, "has children") {
		for range rapid.IntRange(1, 3).Draw(t, "children") {
			c1, c2 := tree(t, depth-1)
			one, two = one+c1, two+"\n <!-- c -->"+c2
		}
		two += "\n"
	} else if x != "" {
		one, two = one+esc(x), two+"<![CDATA["+x+"]]>"
	}
	return one + "</" + name + ">", two + "</q:" + name + ">"
}

var escaper = strings.NewReplacer("<", "&lt;", "&", "&#38;")
