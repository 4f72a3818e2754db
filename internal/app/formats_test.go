package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// schemaOf is the wrapper in shared/xsd for responses in each format.
var schemaOf = map[string]string{
	"oai_dc": "oai-all.xsd", "oai_qdc": "oai-qdc.xsd", "mods": "oai-all.xsd", "edm": "oai-edm.xsd", "oai_openaire": "oai-openaire.xsd", "marc21": "oai-all.xsd",
}

// containers are what a wrapper may lack.
var containers = map[string]string{
	"http://www.openarchives.org/OAI/2.0/provenance": "provenance.xsd",
	"http://www.openarchives.org/OAI/2.0/rights/":    "rightsManifest.xsd",
}

// wrapper makes a copy of a wrapper that knows all containers.
func wrapper(t *testing.T, name string) (file string) {
	t.Helper()
	xsd, err := filepath.Abs(filepath.Join(shared, "xsd"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(xsd, name))
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for namespace, file := range containers {
		if !strings.Contains(text, `"`+namespace+`"`) {
			text = strings.Replace(text, "</xs:schema>", fmt.Sprintf(`<xs:import namespace="%s" schemaLocation="%s"/></xs:schema>`, namespace, file), 1)
		}
	}
	text = strings.ReplaceAll(text, `schemaLocation="`, `schemaLocation="`+xsd+"/")
	file = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const marcRecord = `<marc:record xmlns:marc="http://www.loc.gov/MARC21/slim" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.loc.gov/MARC21/slim http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd"><marc:leader>00000nam a2200000 a 4500</marc:leader><marc:controlfield tag="001">%d</marc:controlfield><marc:datafield tag="245" ind1="1" ind2="0"><marc:subfield code="a">Title %d &amp; more</marc:subfield></marc:datafield></marc:record>`

const earlierOrigin = `<p:provenance xmlns:p="http://www.openarchives.org/OAI/2.0/provenance" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/provenance http://www.openarchives.org/OAI/2.0/provenance.xsd"><p:originDescription harvestDate="2019-05-01T10:00:00Z" altered="false"><p:baseURL>https://first.example.org/oai</p:baseURL><p:identifier>oai:first.example.org:9</p:identifier><p:datestamp>2019-04-30</p:datestamp><p:metadataNamespace>http://www.openarchives.org/OAI/2.0/oai_dc/</p:metadataNamespace></p:originDescription></p:provenance>`

// manyFormats is a gateway whose records have every format between them.
func manyFormats(t *testing.T) *running {
	t.Helper()
	dc, marc := newProvider(t, 10), newProvider(t, 10)
	marc.Available = []oaipmh.Format{oaitest.OAIDC, {Prefix: "marc21", Namespace: "http://www.loc.gov/MARC21/slim", Schema: "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd"}}
	dc.PutSet(oaipmh.Set{Spec: "a:b", Name: "The b of a"})
	for i := range 12 {
		dc.put(i, fmt.Sprintf("Title %d &amp; &lt;markup&gt;", i), "a:b")
	}
	dc.Put(oaitest.Item{
		Identifier: identifier(12), About: [][]byte{[]byte(earlierOrigin)},
		Metadata: map[string][]byte{"oai_dc": []byte(`<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Handed on</dc:title></oai_dc:dc>`)},
	})
	for i := range 3 {
		marc.Put(oaitest.Item{Identifier: identifier(i), Metadata: map[string][]byte{"oai_dc": []byte(`<dc/>`), "marc21": fmt.Appendf(nil, marcRecord, i, i)}})
	}
	g := start(t, configure(t, t.TempDir(), embedded+fmt.Sprintf(`
oai: {rights: 'https://creativecommons.org/publicdomain/zero/1.0/', branding: {icon: 'https://gateway.example.org/icon.png', title: 'A & B', width: 88}}
sources:
  dc:
    kind: oai
    from: '%s'
    title: Letters & papers
    description: What was left <behind>
    rights: https://creativecommons.org/licenses/by/4.0/
    context: {type: article, language: eng, rights: 'http://rightsstatements.org/vocab/InC/1.0/', creator: 'Doe, Jane', issued: '1957', accessRights: open access, dataProvider: Example Archive}
  marc: {kind: oai, from: '%s', formats: [marc21]}
`, dc.url, marc.url)), app.Options{})
	g.harvest(t, "dc", false)
	g.harvest(t, "marc", false)
	return g
}

// ask asks the endpoint.
func (g *running) ask(t *testing.T, pairs ...string) string {
	t.Helper()
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	resp, err := http.Get(g.Addresses().Public + "oai?" + v.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%v: %s %v", pairs, resp.Status, err)
	}
	return string(b)
}

// Responses in every format validate, with what is said about their records.
func TestFormatsAreValid(t *testing.T) {
	need(t, []string{"xmllint"}, filepath.Join(shared, "xsd/oai-all.xsd"))
	g := manyFormats(t)
	for prefix, schema := range schemaOf {
		t.Run(prefix, func(t *testing.T) {
			all := g.ask(t, "verb", "ListRecords", "metadataPrefix", prefix)
			if !strings.Contains(all, "<metadata>") || !strings.Contains(all, "<provenance ") || !strings.Contains(all, "<rights ") {
				t.Errorf("no metadata, provenance and rights:\n%s", all)
			}
			validate(t, wrapper(t, schema), all, g.ask(t, "verb", "ListRecords", "metadataPrefix", prefix, "set", "dc"),
				g.ask(t, "verb", "ListIdentifiers", "metadataPrefix", prefix, "set", "marc"))
		})
	}
	validate(t, wrapper(t, "oai-all.xsd"), g.ask(t, "verb", "Identify"), g.ask(t, "verb", "ListSets"), g.ask(t, "verb", "ListMetadataFormats"))
}

// validate holds responses to a schema, with a validator that isn't ours.
func validate(t *testing.T, schema string, bodies ...string) {
	t.Helper()
	args := []string{"--nonet", "--noout", "--schema", schema}
	for i, body := range bodies {
		file := filepath.Join(t.TempDir(), fmt.Sprint(i, ".xml"))
		if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	cmd := exec.CommandContext(t.Context(), "xmllint", args...)
	cmd.Env = append(os.Environ(), "XML_CATALOG_FILES="+filepath.Join(shared, "xsd/catalog.xml"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%.3000s", err, out)
	}
}

// A native record goes out as it came, and is said to be unaltered; what we made of it is altered.
func TestNativeIsUntouched(t *testing.T) {
	g := manyFormats(t)
	id := "oai:test.example.org:marc/" + identifier(1)
	native := g.ask(t, "verb", "GetRecord", "metadataPrefix", "marc21", "identifier", id)
	if !strings.Contains(native, fmt.Sprintf("<metadata>"+marcRecord+"</metadata>", 1, 1)) || !strings.Contains(native, `altered="false"`) || strings.Contains(native, `altered="true"`) {
		t.Errorf("the native record is\n%s", native)
	}
	made := g.ask(t, "verb", "GetRecord", "metadataPrefix", "oai_dc", "identifier", id)
	if !strings.Contains(made, `altered="true"`) || strings.Contains(made, `altered="false"`) {
		t.Errorf("the record made of it is\n%s", made)
	}
	if again := g.ask(t, "verb", "GetRecord", "metadataPrefix", "marc21", "identifier", "oai:test.example.org:dc/"+identifier(1)); !strings.Contains(again, `code="cannotDisseminateFormat"`) {
		t.Errorf("an item without the format:\n%s", again)
	}
}

// Where a source had a record from stands inside where we have it from.
func TestProvenanceChain(t *testing.T) {
	g := manyFormats(t)
	body := g.ask(t, "verb", "GetRecord", "metadataPrefix", "oai_qdc", "identifier", "oai:test.example.org:dc/"+identifier(12))
	ours, earlier := strings.Index(body, identifier(12)+"</identifier><datestamp>"), strings.Index(body, "<baseURL>https://first.example.org/oai</baseURL><identifier>oai:first.example.org:9</identifier><datestamp>2019-04-30</datestamp>")
	if ours < 0 || earlier < ours || strings.Count(body, "</originDescription></originDescription>") != 1 || !strings.Contains(body, `harvestDate="2019-05-01T10:00:00Z" altered="false"`) {
		t.Errorf("the provenance is\n%s", body)
	}
}

// Identify and ListSets say what the configuration does.
func TestDescriptions(t *testing.T) {
	g := manyFormats(t)
	for verb, wants := range map[string][]string{
		"Identify": {
			"<sampleIdentifier>oai:test.example.org:dc/", "<friends ", "/oai</baseURL>", "<rightsManifest ", `ref="https://creativecommons.org/licenses/by/4.0/"`,
			`ref="https://creativecommons.org/publicdomain/zero/1.0/"`, "<url>https://gateway.example.org/icon.png</url><title>A &amp; B</title><width>88</width>",
		},
		"ListSets": {
			"<setName>Letters &amp; papers</setName>", "<dc:description>What was left &lt;behind&gt;</dc:description>", "<rightsManifest ",
			"<setSpec>dc:a:b</setSpec>\n<setName>The b of a</setName>", "<setSpec>marc</setSpec>\n<setName>marc</setName>",
		},
		"ListMetadataFormats": {"<metadataPrefix>oai_openaire<", "<metadataPrefix>marc21<"},
	} {
		body := g.ask(t, "verb", verb)
		for _, want := range wants {
			if !strings.Contains(body, want) {
				t.Errorf("%s has no %s:\n%s", verb, want, body)
			}
		}
	}
}
