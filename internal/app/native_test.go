package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// A native is a source that has a format of its own.
type native struct {
	format   oaipmh.Format
	prefix   string // as Sheaf gives it on
	wrapper  string // in shared/xsd
	original string // an XML element, or the path of a file in shared/corpus
}

var natives = map[string]native{
	"marc": {oaipmh.Format{Prefix: "marc21", Schema: "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd", Namespace: "http://www.loc.gov/MARC21/slim"},
		"marc21", "oai-all.xsd", strings.ReplaceAll(marcRecord, "%d", "7")},
	"datacite": {oaipmh.Format{Prefix: "oai_datacite", Schema: "http://schema.datacite.org/meta/kernel-4/metadata.xsd", Namespace: "http://datacite.org/schema/kernel-4"},
		"oai_datacite", "oai-all.xsd", "datacite/bolognese--datacite-example-full-v4.6.xml"},
	"ead": {oaipmh.Format{Prefix: "ead", Schema: "http://www.loc.gov/ead/ead.xsd", Namespace: "urn:isbn:1-931666-22-9"},
		"ead", "oai-all.xsd", "ead/Catmandu-XSD--test.xml"},
	// The prefix is taken by another schema: ours, of version 3.7.
	"mods": {oaipmh.Format{Prefix: "mods", Schema: "http://www.loc.gov/standards/mods/v3/mods-3-6.xsd", Namespace: "http://www.loc.gov/mods/v3"},
		"mods_2", "oai-all.xsd", `<mods xmlns="http://www.loc.gov/mods/v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="3.6" xsi:schemaLocation="http://www.loc.gov/mods/v3 http://www.loc.gov/standards/mods/v3/mods-3-6.xsd"><titleInfo><title>Letters &amp; bills</title></titleInfo><name><namePart>Doe, Jane</namePart></name></mods>`},
	"qdc": {oaipmh.Format{Prefix: "qdc", Schema: "http://dublincore.org/schemas/xmls/qdc/2006/01/06/dcterms.xsd", Namespace: "http://dspace.org/qualifieddc/"},
		"qdc", "oai-qdc.xsd", `<q:qualifieddc xmlns:q="http://dspace.org/qualifieddc/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"><dc:title>Letters</dc:title><dcterms:issued>1957</dcterms:issued></q:qualifieddc>`},
}

var leading = regexp.MustCompile(`(?s)^(\x{FEFF}|\s|<\?.*?\?>|<!--.*?-->)+`)

// element gives the i-th original: one element, with ids of its own, since no two in a document may be the same.
func (n *native) element(t *testing.T, i int) string {
	t.Helper()
	if strings.HasPrefix(n.original, "<") {
		return n.original
	}
	file := filepath.Join(shared, "corpus", n.original)
	need(t, nil, file)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(strings.TrimSpace(leading.ReplaceAllString(string(b), "")), ` id="`, fmt.Sprintf(` id="r%d`, i))
}

// Whatever format a gateway announces, its own or a source's, is there in every kind of response, and
// validates; a source's goes out byte for byte as it came in.
func TestEveryNativeFormatIsValid(t *testing.T) {
	need(t, []string{"xmllint"}, filepath.Join(shared, "xsd/oai-all.xsd"))
	text := embedded + "oai: {page_size: 3}\nsources:\n"
	wrappers := map[string]string{"oai_dc": "oai-all.xsd", "oai_qdc": "oai-qdc.xsd", "mods": "oai-all.xsd", "edm": "oai-edm.xsd", "oai_openaire": "oai-openaire.xsd"}
	for name, n := range natives {
		src := newProvider(t, 10)
		src.Available = []oaipmh.Format{oaitest.OAIDC, n.format}
		for i := range 4 {
			src.Put(oaitest.Item{Identifier: identifier(i), Sets: []string{"a:b"}, Metadata: map[string][]byte{n.format.Prefix: []byte(n.element(t, i))}})
		}
		src.Delete(identifier(3))
		// What the formats demand that a source's record may lack is true of the whole source.
		text += fmt.Sprintf("  %s: {kind: oai, from: '%s', formats: [%s], overlap: 1h, rights: 'https://creativecommons.org/publicdomain/zero/1.0/', context: {type: article, language: eng, creator: 'Doe, Jane', issued: '1957', accessRights: open access, rights: 'http://rightsstatements.org/vocab/InC/1.0/', dataProvider: Example Archive, landing: 'https://archive.example.org/1'}}\n",
			name, src.url, n.format.Prefix)
		wrappers[n.prefix] = n.wrapper
	}
	g := start(t, configure(t, t.TempDir(), text), app.Options{})
	for name := range natives {
		if line := g.harvest(t, name, false); line.Counts.Rejected > 0 || line.Counts.Added != 3 {
			t.Errorf("%s: %+v", name, line.Counts)
		}
	}
	all := g.ask(t, "verb", "ListMetadataFormats")
	announced := submatches(all, `<metadataPrefix>([^<]*)`)
	for prefix := range wrappers {
		if !slices.Contains(announced, prefix) {
			t.Errorf("the format %s is not announced:\n%s", prefix, all)
		}
	}
	for _, prefix := range announced {
		t.Run(prefix, func(t *testing.T) {
			if wrappers[prefix] == "" {
				t.Fatal("nobody knows how to validate this format")
			}
			validate(t, wrapper(t, wrappers[prefix]), g.everyKind(t, prefix)...)
		})
	}
	for name, n := range natives {
		body := g.ask(t, "verb", "GetRecord", "metadataPrefix", n.prefix, "identifier", "oai:test.example.org:"+name+"/"+identifier(1))
		if !strings.Contains(body, "<metadata>"+n.element(t, 1)+"</metadata>") {
			t.Errorf("%s is not as it came:\n%.3000s", name, body)
		}
	}
}

func submatches(s, pattern string) (found []string) {
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(s, -1) {
		found = append(found, m[1])
	}
	return found
}

// everyKind gives every kind of response that has to do with a format.
func (g *running) everyKind(t *testing.T, prefix string) (bodies []string) {
	t.Helper()
	save := func(pairs ...string) string {
		body := g.ask(t, pairs...)
		bodies = append(bodies, body)
		return body
	}
	var live, gone string
	for _, verb := range []string{"ListRecords", "ListIdentifiers"} {
		body := save("verb", verb, "metadataPrefix", prefix)
		for {
			if ids := submatches(body, `<header><identifier>([^<]*)`); len(ids) > 0 {
				live = ids[0]
			}
			if ids := submatches(body, `<header status="deleted"><identifier>([^<]*)`); len(ids) > 0 {
				gone = ids[0]
			}
			m := tokenInBody.FindStringSubmatch(body)
			if m == nil {
				break
			}
			body = save("verb", verb, "resumptionToken", m[1])
		}
		save("verb", verb, "metadataPrefix", prefix, "from", "2000-01-01", "until", "2100-01-01")
		save("verb", verb, "metadataPrefix", prefix, "until", "2000-01-01")
	}
	if live == "" {
		t.Fatalf("no record has the format %s", prefix)
	}
	for _, id := range []string{live, gone} {
		if id != "" {
			save("verb", "GetRecord", "metadataPrefix", prefix, "identifier", id)
			save("verb", "ListMetadataFormats", "identifier", id)
		}
	}
	return bodies
}
