package formats_test

import (
	"strings"
	"testing"

	"github.com/beevik/etree"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// demanded are, for each format, what its rules want to find in a document: for each rule a list of
// paths, one of which has to be there and to hold something. The schemas ask for little of it.
var demanded = map[string][][]string{
	"edm": {
		{"edm:ProvidedCHO/dc:title", "edm:ProvidedCHO/dc:description"},
		{"edm:ProvidedCHO/dc:subject", "edm:ProvidedCHO/dc:type", "edm:ProvidedCHO/dcterms:spatial", "edm:ProvidedCHO/dcterms:temporal"},
		{"edm:ProvidedCHO/edm:type"},
		{"ore:Aggregation/edm:aggregatedCHO"}, {"ore:Aggregation/edm:dataProvider"}, {"ore:Aggregation/edm:provider"},
		{"ore:Aggregation/edm:rights"}, {"ore:Aggregation/edm:isShownAt", "ore:Aggregation/edm:isShownBy"},
	},
	"oai_openaire": {
		{"datacite:titles/datacite:title"}, {"datacite:creators/datacite:creator/datacite:creatorName"},
		{"datacite:dates/datacite:date[@dateType='Issued']"}, {"oaire:resourceType[@uri]"},
		{"datacite:identifier[@identifierType]"}, {"datacite:rights[@rightsURI]"},
	},
}

// TestHasIsWhatIsDemanded: a record has a format if, and only if, what is written of it holds all that
// the format demands.
func TestHasIsWhatIsDemanded(t *testing.T) {
	for prefix, rules := range demanded {
		t.Run(prefix, func(t *testing.T) {
			f := format(t, prefix)
			rapid.Check(t, func(t *rapid.T) {
				r := records().Draw(t, "record")
				root := parse(t, f.Append(nil, r, item))
				var lacking []string
				for _, paths := range rules {
					if !holdsOne(root, paths) {
						lacking = append(lacking, strings.Join(paths, " or "))
					}
				}
				if kind := root.FindElement("edm:ProvidedCHO/edm:type"); kind != nil && kind.Text() == "TEXT" &&
					!holdsOne(root, []string{"edm:ProvidedCHO/dc:language"}) {
					lacking = append(lacking, "the language of a text")
				}
				if missing := f.Missing(r); (len(missing) == 0) != (len(lacking) == 0) {
					t.Fatalf("Missing says %q, the document lacks %q", missing, lacking)
				}
			})
		})
	}
}

func parse(t interface{ Fatal(...any) }, document []byte) *etree.Element {
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(document); err != nil {
		t.Fatal(err)
	}
	return doc.Root()
}

// holdsOne reports whether an element at one of the paths has a text or a link. (An alternative title
// is no title.)
func holdsOne(root *etree.Element, paths []string) bool {
	for _, path := range paths {
		for _, e := range root.FindElements(path) {
			if e.SelectAttr("titleType") == nil && (strings.TrimSpace(e.Text()) != "" || e.SelectAttrValue("rdf:resource", "") != "") {
				return true
			}
		}
	}
	return false
}

// complete has exactly what a demanding format asks for.
var complete = map[string][]string{
	"edm": {"title", "A", "type", "Text", "language", "sqi", "landing", "https://example.org/1", "dataProvider", "Archive",
		"rights", "http://rightsstatements.org/vocab/InC/1.0/"},
	"oai_openaire": {"title", "A", "creator", "B, C", "identifier", "10.1000/182", "issued", "1957", "type", "Text",
		"accessRights", "http://purl.org/coar/access_right/c_abf2"},
	"mods": {"creator", "A"},
}

// TestMissing takes what a format demands away, thing by thing, and reads what is said of it.
func TestMissing(t *testing.T) {
	tests := []struct {
		prefix, without, instead string
		want                     string // the beginning of the one phrase; empty if nothing is missing
	}{
		{"mods", "", "", ""},
		{"mods", "creator", " \x01 ", "a value that says anything"},

		{"edm", "", "", ""},
		{"edm", "title", "", "a title or a description"},
		{"edm", "title", " \x01", "a title or a description"},
		{"edm", "landing", "", "a landing page or a link to the object"},
		{"edm", "landing", "doi:10.1000/182", "a landing page or a link to the object"},
		{"edm", "dataProvider", "", "a data provider"},
		{"edm", "type", "whatnot", "a kind that Europeana knows"},
		{"edm", "type", "Sculpture", "a kind that Europeana knows"},
		{"edm", "language", "", "its language"},
		{"edm", "rights", "All rights reserved", "a licence or rights statement"},
		{"edm", "rights", "http://rightsstatements.org/vocab/UND/1.0/", "a licence or rights statement"},
		{"edm", "rights", "http://creativecommons.org/licenses/by/3.0/xx/", "a licence or rights statement"},
		{"edm", "rights", "http://creativecommons.org/licenses/by/2.1/", "a licence or rights statement"},
		{"edm", "rights", "http://creativecommons.org/licenses/sa/1.0/", "a licence or rights statement"},
		{"edm", "rights", "http://creativecommons.org/licenses/by/3.0/igo/", ""},
		{"edm", "rights", "http://creativecommons.org/licenses/by-nd-nc/1.0/", ""},
		{"edm", "rights", "http://creativecommons.org/licenses/by-nd-nc/2.0/", "a licence or rights statement"},
		{"edm", "rights", "http://creativecommons.org/publicdomain/mark/1.0/", ""},
		{"edm", "rights", "info:eu-repo/semantics/openAccess", "a licence or rights statement"},

		{"oai_openaire", "", "", ""},
		{"oai_openaire", "title", "", "a title"},
		{"oai_openaire", "creator", "", "a creator"},
		{"oai_openaire", "identifier", "MS 12", "an identifier"},
		{"oai_openaire", "identifier", "9783161484100", "an identifier"},
		{"oai_openaire", "issued", "undated", "a date of publication"},
		{"oai_openaire", "issued", "44 BC", "a date of publication"},
		{"oai_openaire", "type", "whatnot", "a resource type"},
		{"oai_openaire", "type", "Sculpture", ""},
		{"oai_openaire", "accessRights", "http://creativecommons.org/licenses/by/4.0/", "its access right"},
		{"oai_openaire", "accessRights", "info:eu-repo/semantics/closedAccess", ""},

		{"oai_dc", "", "", ""},
		{"oai_qdc", "", "", ""},
	}
	for _, test := range tests {
		t.Run(test.prefix+" "+test.without+" "+test.instead, func(t *testing.T) {
			r := record(t, complete[test.prefix]...)
			if term, ok := dublincore.TermNamed(test.without); ok {
				r.Remove(term)
				r.AddText(term, test.instead)
			}
			missing := format(t, test.prefix).Missing(r)
			switch {
			case test.want == "" && len(missing) != 0:
				t.Errorf("it lacks %q", missing)
			case test.want != "" && (len(missing) != 1 || !strings.HasPrefix(missing[0], test.want)):
				t.Errorf("it lacks %q, want %q", missing, test.want)
			}
		})
	}
}
