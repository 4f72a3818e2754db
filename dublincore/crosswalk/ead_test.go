package crosswalk

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/ead"
)

func eadParts(t *testing.T, doc string) []string {
	t.Helper()
	m, err := Builtin("ead")
	if err != nil {
		t.Fatal(err)
	}
	aid, err := ead.Read([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for c := range aid.Components() {
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
	if _, err := ead.Read([]byte(hoard)); !errors.Is(err, ead.ErrTooLarge) {
		t.Errorf("two thousand heirs of a megabyte: error %v, want ErrTooLarge", err)
	}
	for name, doc := range map[string]string{"other": "<mods/>", "a component alone": "<c></c>", "cut": "<ead><archdesc>", "none": ""} {
		if _, err := ead.Read([]byte(doc)); !errors.Is(err, ead.ErrMalformed) {
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
	f.Add([]byte("<c></c>"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		aid, err := ead.Read(doc)
		if err != nil {
			return
		}
		n, keys := 0, map[string]bool{}
		for c := range aid.Components() {
			if c.Key == "" || keys[c.Key] {
				t.Fatalf("two components have the key %q", c.Key)
			}
			keys[c.Key] = true
			if n++; n > 50 {
				return
			}
			l := &xmlLoader{scanner: newXMLScanner()}
			if _, err := l.load(c.Original, nil); err != nil {
				t.Fatalf("a component is no XML: %v\n%s", err, c.Original)
			}
		}
		l := &xmlLoader{scanner: newXMLScanner()}
		if _, err := l.load(aid.Collection(), nil); err != nil {
			t.Fatalf("the collection is no XML: %v\n%s", err, aid.Collection())
		}
	})
}

// A component that has no date has that of what contains it, and says so; one that says it is undated has none.
func TestEADInherits(t *testing.T) {
	const doc = `<ead><eadheader><eadid>7</eadid><filedesc><publicationstmt><publisher>An archive</publisher></publicationstmt></filedesc></eadheader>
<archdesc level="fonds"><did><unittitle>Papers</unittitle><unitid>F 7</unitid><unitdate normal="1924-1-1/1947-12-31">1924 to 1947</unitdate></did>
<dsc><c level="series"><did><unittitle>Letters</unittitle><unitid>1</unitid><unitdate>1930</unitdate></did>
<c><did><unittitle>Dated</unittitle><unitid>2</unitid><unitdate>12 April 1931</unitdate></did></c>
<c><did><unittitle>Without date</unittitle><unitid>3</unitid></did></c>
<c><did><unittitle>Of a time unknown</unittitle><unitdate>undated</unitdate></did></c></c>
<c><did><unittitle>Maps</unittitle></did></c></dsc></archdesc></ead>`
	m, err := Builtin("ead")
	if err != nil {
		t.Fatal(err)
	}
	aid, err := ead.Read([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	documents := [][]byte{aid.Collection()}
	for c := range aid.Components() {
		documents = append(documents, c.Original)
	}
	var got []string
	for _, document := range documents {
		res, err := m.Apply(Input{Original: document})
		if err != nil {
			t.Fatal(err)
		}
		rec := res.Record
		line := fmt.Sprintf("%s: %s; %s; %s", rec.Text(dublincore.Title), rec.Text(dublincore.Created), rec.Text(dublincore.BibliographicCitation), rec.Text(dublincore.DataProvider))
		for _, n := range res.Notes {
			if n.Kind == dublincore.Inherited {
				line += " (" + n.Term.String() + " inherited)"
			}
		}
		got = append(got, line)
	}
	want := []string{
		"Papers: 1924-01-01/1947-12-31; ; An archive",
		"Letters: 1930; F 7 / 1; An archive",
		"Dated: 1931-04-12; F 7 / 1 / 2; An archive",
		"Without date: 1930; F 7 / 1 / 3; An archive (created inherited)",
		"Of a time unknown: undated; ; An archive",
		"Maps: 1924-01-01/1947-12-31; ; An archive (created inherited)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
