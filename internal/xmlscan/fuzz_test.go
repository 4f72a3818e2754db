package xmlscan_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// FuzzAgainstStandardLibrary holds the scanner to encoding/xml: what the scanner accepts, encoding/xml
// accepts with the same tokens. Known differences, all on purpose:
//   - names: the scanner follows the fifth edition of XML 1.0, encoding/xml the fourth, so characters above
//     ASCII in names may be refused there;
//   - attribute values: the scanner makes literal white space a space (section 3.3.3);
//   - US-ASCII as a declared encoding is refused there.
func FuzzAgainstStandardLibrary(f *testing.F) {
	f.Add(page(2))
	for _, seed := range []string{
		`<a xmlns="u" xmlns:p='v' p:b=" &#10; " c="'"><p:d/>x<![CDATA[]]]]>&amp;<!-- - --></a>`,
		"\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?><?p?>\r\n<été>\r\n\r]]</été>",
		`<a xml:lang="x"><?p q?><b/></a >`, "<a>&#xD;</a>", "<a b='\r\n'/>",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := coalesced(data)
		if err != nil {
			var syntax *xmlscan.SyntaxError
			if !errors.As(err, &syntax) || syntax.Offset > len(data) || syntax.Line < 1 || syntax.Column < 1 {
				t.Fatalf("error without a proper place: %#v", err)
			}
			return
		}
		want, err := standard(data)
		if err != nil {
			if strings.Contains(err.Error(), "invalid XML name") ||
				strings.Contains(strings.ToUpper(string(data)), "US-ASCII") {
				return
			}
			t.Fatalf("accepted %q, but encoding/xml says %v", data, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q: tokens differ (- encoding/xml, + xmlscan):\n%s", data, diff)
		}
	})
}

// coalesced gives the scanner's tokens with neighbouring texts joined.
func coalesced(data []byte) ([]string, error) {
	s := xmlscan.New(data, xmlscan.Limits{})
	var c collector
	for {
		kind, err := s.Next()
		if err != nil {
			return nil, err
		}
		switch kind {
		case xmlscan.EOF:
			return c.out, nil
		case xmlscan.Start:
			t := expanded(s.Name())
			for _, a := range s.Attrs() {
				t += fmt.Sprintf(" %s=%q", expanded(a.Name), a.Value)
			}
			c.tag(t)
		case xmlscan.End:
			c.tag("/" + expanded(s.Name()))
		case xmlscan.Text:
			c.text = append(c.text, s.Text()...)
		}
	}
}

// standard gives the tokens of encoding/xml in the same form.
func standard(data []byte) ([]string, error) {
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	var c collector
	depth := 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			return c.out, nil
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			t := expanded(xmlscan.Name(token.Name))
			for _, a := range token.Attr {
				if a.Name.Space == "xmlns" || a.Name == (xml.Name{Local: "xmlns"}) {
					continue
				}
				t += fmt.Sprintf(" %s=%q", expanded(xmlscan.Name(a.Name)), spaced(a.Value))
			}
			c.tag(t)
		case xml.EndElement:
			depth--
			c.tag("/" + expanded(xmlscan.Name(token.Name)))
		case xml.CharData:
			if depth > 0 {
				c.text = append(c.text, token...)
			}
		}
	}
}

type collector struct {
	out  []string
	text []byte
}

func (c *collector) tag(t string) {
	if len(c.text) > 0 {
		c.out = append(c.out, fmt.Sprintf("%q", c.text))
		c.text = c.text[:0]
	}
	// References to white space can't be told from literal white space in encoding/xml's values.
	c.out = append(c.out, spaced(t))
}

func spaced(v string) string {
	return strings.NewReplacer("\r", " ", "\n", " ", "\t", " ", `\r`, " ", `\n`, " ", `\t`, " ").Replace(v)
}

func FuzzCanonical(f *testing.F) {
	f.Add([]byte(`<a xmlns:p="u" p:b="1" c="2"> <p:b>x</p:b> <d> </d></a>`))
	f.Add(page(1))
	f.Fuzz(func(t *testing.T, data []byte) {
		form, err := xmlscan.AppendCanonical(nil, data)
		if err != nil {
			return
		}
		// Any element cut out must be a document of its own, with the form that it had in its place.
		s := xmlscan.New(data, xmlscan.Limits{})
		for n := 0; n < 20; n++ {
			kind, err := s.Next()
			if err != nil || kind == xmlscan.EOF {
				return
			}
			if kind != xmlscan.Start || n%3 != 1 {
				continue
			}
			cut, err := s.Element(nil)
			if err != nil {
				t.Fatal(err)
			}
			part, err := xmlscan.AppendCanonical(nil, cut)
			if err != nil {
				t.Fatalf("cut out %q: %v", cut, err)
			}
			if !bytes.Contains(form, part) {
				t.Fatalf("%q cut out of %q has the form %q, which is not in %q", cut, data, part, form)
			}
		}
	})
}

// Every file of the corpus that is well-formed reads the same as with encoding/xml, and every other
// is refused.
func TestCorpus(t *testing.T) {
	files := corpusFiles(t, "../../../shared/corpus")
	read := 0
	for file, measured := range files {
		if !strings.HasSuffix(file, ".xml") && !strings.HasSuffix(file, ".rdf") {
			continue
		}
		data, err := os.ReadFile(filepath.Join("../../../shared/corpus", file))
		if err != nil {
			t.Error(err)
			continue
		}
		got, err := coalesced(data)
		if strings.HasPrefix(measured, "NOT-WF") {
			if err == nil {
				t.Errorf("%s: accepted, though %s", file, measured)
			}
			continue
		}
		if err != nil {
			t.Logf("%s: %v", file, err)
			if !bytes.Contains(data, []byte("<!DOCTYPE")) && !otherEncoding(data) {
				t.Errorf("%s: %v", file, err)
			}
			continue
		}
		want, err := standard(data)
		if err != nil {
			t.Errorf("%s: encoding/xml: %v", file, err)
			continue
		}
		if !slices.Equal(want, got) { // cmp.Diff takes seconds on large files that are equal
			t.Errorf("%s: %s", file, cmp.Diff(want, got))
		}
		read++
	}
	if read < 20 {
		t.Errorf("only %d files read", read)
	}
}

func otherEncoding(data []byte) bool {
	head := strings.ToLower(string(data[:min(len(data), 200)]))
	return strings.Contains(head, "encoding=") && !strings.Contains(head, "utf-8")
}

// corpusFiles gives the files of the corpus with the last column of its list.
func corpusFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	list, err := os.ReadFile(filepath.Join(dir, "MANIFEST.tsv"))
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("the corpus is missing: ", err)
		}
		t.Skip("the corpus is missing: ", err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(list)) {
		cols := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(cols) == 7 && cols[0] != "file" {
			files[cols[0]] = cols[6]
		}
	}
	return files
}
