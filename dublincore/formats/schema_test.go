package formats_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// schemas are the wrappers in shared/xsd that hold each format's schema.
var schemas = map[string]string{
	"oai_dc": "oai-all.xsd", "oai_qdc": "oai-qdc.xsd", "mods": "oai-all.xsd", "edm": "oai-edm.xsd", "oai_openaire": "oai-openaire.xsd",
}

// validate holds documents to the format's schema, with a validator that isn't ours.
func validate(t *testing.T, prefix string, documents map[string][]byte) {
	t.Helper()
	if _, err := exec.LookPath("xmllint"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("install libxml2-utils: CI validates against the schemas")
		}
		t.Skip("no xmllint: install libxml2-utils")
	}
	args := []string{"--nonet", "--noout", "--schema", shared(t, "xsd/"+schemas[prefix])}
	dir := t.TempDir()
	for name, data := range documents {
		path := filepath.Join(dir, name+".xml")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	cmd := exec.CommandContext(t.Context(), "xmllint", args...)
	cmd.Env = append(os.Environ(), "XML_CATALOG_FILES="+shared(t, "xsd/catalog.xml"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%.4000s", prefix, err, invalid(out, documents))
	}
}

// invalid is what xmllint complains of, and the first document that it complains of.
func invalid(out []byte, documents map[string][]byte) string {
	var complaints, first string
	for line := range strings.Lines(string(out)) {
		if strings.HasSuffix(line, " validates\n") || strings.Contains(line, "Schemas parser warning") {
			continue
		}
		complaints += line
		for name, data := range documents {
			if first == "" && strings.Contains(line, "/"+name+".xml") {
				first = string(data)
			}
		}
	}
	return complaints + first
}

func TestGeneratedRecordsAreValid(t *testing.T) {
	for _, f := range formats.All() {
		t.Run(f.Prefix, func(t *testing.T) {
			documents := map[string][]byte{}
			for i := 0; i < 20_000 && len(documents) < 300; i++ {
				if r := records().Example(i); f.Has(r) {
					documents[fmt.Sprintf("r%d", i)] = f.Append(nil, r, item)
				}
			}
			if len(documents) < 300 {
				t.Fatalf("only %d of the records have the format: the generator makes too few", len(documents))
			}
			validate(t, f.Prefix, documents)
		})
	}
}

// TestCorpusIsValid makes each format of the records of real responses, as they are read, and with what
// a source's configuration says of all its records.
func TestCorpusIsValid(t *testing.T) {
	var found []*dublincore.Record
	for _, dir := range []string{"corpus/oai", "corpus/qdc"} {
		files, err := filepath.Glob(filepath.Join(shared(t, dir), "*.xml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			found = append(found, read(t, file)...)
		}
	}
	if len(found) < 100 {
		t.Fatalf("%d records; the corpus holds more", len(found))
	}
	for _, f := range formats.All() {
		t.Run(f.Prefix, func(t *testing.T) {
			documents := map[string][]byte{}
			for i, r := range found {
				if f.Has(r) {
					documents[fmt.Sprintf("r%d", i)] = f.Append(nil, r, item)
				}
				with := r.Clone()
				for _, v := range record(t, "dataProvider", "Archive", "type", "Text", "language", "eng", "created", "1957",
					"rights", "http://creativecommons.org/licenses/by/4.0/", "accessRights", "open access",
					"landing", "https://example.org/1").Values {
					with.Add(v)
				}
				if f.Has(with) {
					documents[fmt.Sprintf("c%d", i)] = f.Append(nil, with, item)
				}
			}
			if len(documents) < 100 {
				t.Errorf("%d of %d records have the format", len(documents), 2*len(found))
			}
			validate(t, f.Prefix, documents)
		})
	}
}

// read gives the records of Dublin Core in a response, up to where it is no XML any more.
func read(t *testing.T, file string) (out []*dublincore.Record) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := xmlscan.New(data, xmlscan.Limits{})
	for {
		kind, err := s.Next()
		if err != nil || kind == xmlscan.EOF {
			return out
		}
		if kind != xmlscan.Start || !s.Is(dublincore.NamespaceOAIDC, "dc") && string(s.Name().Local) != "qualifieddc" &&
			!s.Is("http://namespace.openaire.eu/schema/oaire/", "resource") {
			continue
		}
		element, err := s.Element(nil)
		if err != nil {
			return out
		}
		parse := dublincore.ParseOAIDC
		if !s.Is(dublincore.NamespaceOAIDC, "dc") {
			parse = dublincore.ParseQDC
		}
		r, err := parse(element)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out = append(out, r)
	}
}
