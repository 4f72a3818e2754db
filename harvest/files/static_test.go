package files

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A static repository is a file that says itself what its records are called, and which of them are in which format.
func TestStaticRepository(t *testing.T) {
	name := filepath.Join(t.TempDir(), "static.xml")
	const record = `<oai:record><oai:header><oai:identifier>oai:s.example:1</oai:identifier><oai:datestamp>2020-01-01</oai:datestamp></oai:header>` +
		`<oai:metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>T</dc:title></oai_dc:dc></oai:metadata></oai:record>`
	text := `<?xml version="1.0" encoding="UTF-8"?><Repository xmlns="http://www.openarchives.org/OAI/2.0/static-repository" xmlns:oai="http://www.openarchives.org/OAI/2.0/">` +
		`<Identify><oai:repositoryName>S</oai:repositoryName><oai:baseURL>https://s.example.org/static.xml</oai:baseURL><oai:protocolVersion>2.0</oai:protocolVersion></Identify>` +
		`<ListMetadataFormats><oai:metadataFormat><oai:metadataPrefix>oai_dc</oai:metadataPrefix></oai:metadataFormat></ListMetadataFormats>` +
		`<ListRecords metadataPrefix="oai_dc">` + record + `</ListRecords></Repository>`
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{From: []string{name}, Form: &Documents{}, Complete: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Page(t.Context(), "")
	if err != nil || !p.Done || len(p.Items) != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	if i := p.Items[0]; i.Rejected != nil || i.Key != "oai:s.example:1" && i.Identifier != "oai:s.example:1" || len(i.Original) == 0 || i.Format == (harvest.Format{}) {
		t.Errorf("%+v", i)
	}
}
