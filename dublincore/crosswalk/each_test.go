package crosswalk

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// With each, an else line works for each thing that was selected, and not only where the record has nothing.
func TestEach(t *testing.T) {
	for name, test := range map[string]struct {
		mapping, original string
		want              []string
	}{
		"XML": {
			"format xml\ncreator each who from name\n  else from . where role = \"aut\" | text \"{last}, {first}\"\n  else from role\n",
			"<r><who><name>A</name><role>aut</role></who><who><role>aut</role><last>B</last><first>C</first></who><who><role>ill</role></who><who/></r>",
			[]string{"A", "B, C", "ill"},
		},
		"one for all": {
			"format xml\ncreator from who/name\n  else from who/role\n", "<r><who><name>A</name></who><who><role>aut</role></who></r>", []string{"A"},
		},
		"JSON, things and texts": {
			"format json\ncreator each who from name\n  else from .\n", `{"who":["A",{"name":"B"},{"x":"C"},"D"]}`, []string{"A", "B", "D"},
		},
		"MARC": {
			"format marc21\nissued each 264 from $c | date only\n  else from $z\n", "=LDR  00000nam a2200000 a 4500\n=264  _1$aX$c1957\n=264  _4$cno date$zundated\n", []string{"1957", "undated"},
		},
		"transforms see the things of one": {
			"format xml\ncreator each who from name | first\n", "<r><who><name>A</name><name>B</name></who><who><name>C</name></who></r>", []string{"A", "C"},
		},
		"upwards, and the record's own": {
			"format xml\nroot b\ncreator each ^who from name\n  else from ../c\n", "<r><who><name>A</name></who><who/><c>C</c><b/></r>", []string{"A", "C"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := Compile("x.map", []byte(test.mapping))
			if err != nil {
				t.Fatal(err)
			}
			res, err := m.Apply(Input{Original: []byte(test.original)})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, v := range res.Record.Values {
				got = append(got, v.Text)
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

var eachVariants = []variant{
	{"dates of two kinds", "mods", `<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>T</title></titleInfo><originInfo eventType="publication"><dateIssued encoding="w3cdtf" keyDate="yes">1957-04</dateIssued><dateIssued>April 1957</dateIssued></originInfo><originInfo eventType="publication"><dateIssued>1961</dateIssued></originInfo></mods>`,
		[]string{"issued = 1957-04", "issued = 1961"}, nil},
	{"a creator without name among others", "datacite_json", `{"attributes":{"titles":[{"title":"T"}],"creators":[{"name":"A, B"},{"familyName":"C","givenName":"D"}],"contributors":[{"name":"E","contributorType":"Editor"},{"familyName":"F","contributorType":"Editor"},{"familyName":"G","contributorType":"DataCurator"}]}}`,
		[]string{"creator = A, B", "creator = C, D", "contributor = E", "contributor = F"}, []string{"contributor = G*"}},
	{"creators in two forms", "invenio_json", `{"metadata":{"title":"T","creators":[{"person_or_org":{"name":"A"}},{"name":"B"}]}}`, []string{"creator = A", "creator = B"}, nil},
	{"originations in two forms", "ead", `<archdesc xmlns="urn:isbn:1-931666-22-9" level="collection"><did><unittitle>T</unittitle><origination><persname>A, B</persname></origination><origination>The society of C</origination><langmaterial><language langcode="fre">French</language></langmaterial><langmaterial>German</langmaterial></did></archdesc>`,
		[]string{"creator = A, B", "creator = The society of C", "language = fra", "language = deu"}, nil},
	{"languages in two forms", "schemaorg", `{"@context":"https://schema.org","@type":"Book","name":"T","inLanguage":[{"@type":"Language","alternateName":"fr"},"German"]}`, []string{"language = fra", "language = deu"}, nil},
}
