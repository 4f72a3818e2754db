package crosswalk

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

func eadParts(t *testing.T, doc string) []string {
	t.Helper()
	m, err := Builtin("ead")
	if err != nil {
		t.Fatal(err)
	}
	parts, err := EADComponents([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for c := range parts {
		res, err := m.Apply(Input{Original: c.Original})
		if err != nil {
			t.Fatalf("%s: %v\n%s", c.Path, err, c.Original)
		}
		rec := res.Record
		text := func(terms ...dublincore.Term) string {
			var all []string
			for _, term := range terms {
				all = append(all, strings.Join(textsOf(rec, term), "+"))
			}
			return strings.Join(all, "; ")
		}
		out = append(out, fmt.Sprintf("%s %s %s: %s", c.Path, c.Level, c.ID, text(dublincore.Title, dublincore.IsPartOf, dublincore.Creator, dublincore.Language, dublincore.AccessRights, dublincore.Type)))
	}
	return out
}

func TestEADComponents(t *testing.T) {
	const doc = `<?xml version="1.0"?><e:ead xmlns:e="urn:isbn:1-931666-22-9"><e:eadheader><e:eadid>7</e:eadid></e:eadheader>
<e:archdesc level="fonds"><e:did><e:unittitle>Papers</e:unittitle><e:origination><e:persname>Meier, Jens</e:persname></e:origination><e:langmaterial><e:language langcode="ger"/></e:langmaterial></e:did>
<e:scopecontent><e:p>Not inherited.</e:p></e:scopecontent><e:accessrestrict><e:p>Closed.</e:p></e:accessrestrict>
<e:dsc><e:c01 id="s1" level="series"><e:did><e:unittitle>Letters</e:unittitle></e:did>
<e:c02 level="file"><e:did><e:unittitle>Of 1950</e:unittitle><e:origination><e:persname>Hoxha, Ana</e:persname></e:origination></e:did><e:accessrestrict><e:p>Open.</e:p></e:accessrestrict></e:c02>
<e:c02 level="file"><e:did><e:unittitle>Of 1951</e:unittitle></e:did></e:c02></e:c01>
<e:c01 level="item"><e:did><e:unittitle>A map</e:unittitle></e:did></e:c01></e:dsc></e:archdesc></e:ead>`
	want := []string{
		"1 series s1: Letters; Papers; Meier, Jens; deu; Closed.; Collection",
		"1/1 file : Of 1950; Letters+Papers; Hoxha, Ana; deu; Open.; ",
		"1/2 file : Of 1951; Letters+Papers; Meier, Jens; deu; Closed.; ",
		"2 item : A map; Papers; Meier, Jens; deu; Closed.; ",
	}
	if diff := cmp.Diff(want, eadParts(t, doc)); diff != "" {
		t.Error(diff)
	}
	hoard := "<ead><archdesc><did>" + strings.Repeat("x", 1<<20) + "</did><dsc>" + strings.Repeat("<c/>", 2000) + "</dsc></archdesc></ead>"
	if _, err := EADComponents([]byte(hoard)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("two thousand heirs of a megabyte: error %v, want ErrTooLarge", err)
	}
	for name, doc := range map[string]string{"other": "<mods/>", "cut": "<ead><archdesc>", "none": ""} {
		if _, err := EADComponents([]byte(doc)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: error %v, want ErrMalformed", name, err)
		}
	}
}

func TestEADComponentsCorpus(t *testing.T) {
	for name, want := range map[string]int{"ehri-frontend--hierarchical-ead.xml": 4, "Catmandu-XSD--test.xml": -1} {
		data, err := os.ReadFile(shared(t, "corpus/ead/"+name))
		if err != nil {
			t.Fatal(err)
		}
		if want < 0 {
			want = strings.Count(string(data), "<c0") + strings.Count(string(data), "<c1") + strings.Count(string(data), "<c ") + strings.Count(string(data), "<c>")
		}
		if got := eadParts(t, string(data)); len(got) != want {
			t.Errorf("%s has %d components, want %d", name, len(got), want)
		}
	}
}

func FuzzEADComponents(f *testing.F) {
	f.Add([]byte(`<ead><archdesc><did/><dsc><c id="1"><did><unittitle>A</unittitle></did><c/></c></dsc></archdesc></ead>`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		parts, err := EADComponents(doc)
		if err != nil {
			return
		}
		n := 0
		for c := range parts {
			if n++; n > 50 {
				return
			}
			l := &xmlLoader{scanner: newXMLScanner()}
			if _, err := l.load(c.Original, nil); err != nil {
				t.Fatalf("a component is no XML: %v\n%s", err, c.Original)
			}
		}
	})
}
