package dublincore_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// TestParseOAIDCCorpus reads every oai_dc record of real responses: each is understood, and what is
// written of it is read back.
func TestParseOAIDCCorpus(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared(t, "corpus/oai"), "*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	records := 0
	for _, file := range files {
		for _, data := range oaidcElements(t, file) {
			records++
			r, err := dublincore.ParseOAIDC(data)
			if err != nil {
				t.Errorf("%s: %v\n%s", filepath.Base(file), err, data)
				continue
			}
			r.Clean()
			again, err := dublincore.ParseOAIDC(r.AppendOAIDC(nil))
			if err != nil || len(again.Values) > len(r.Values) || len(again.Values) == 0 && len(r.Values) > 0 {
				t.Errorf("%s: %d values, written and read again %v, %v", filepath.Base(file), len(r.Values), again, err)
			}
		}
	}
	if records < 100 {
		t.Errorf("%d records in %d files; they hold more", records, len(files))
	}
}

// oaidcElements cuts the oai_dc elements out of a response, up to where it is no XML any more.
func oaidcElements(t *testing.T, file string) (elements [][]byte) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := xmlscan.New(data, xmlscan.Limits{})
	for {
		kind, err := s.Next()
		if err != nil || kind == xmlscan.EOF {
			return elements
		}
		if kind != xmlscan.Start || !s.Is(dublincore.NamespaceOAIDC, "dc") {
			continue
		}
		element, err := s.Element(nil)
		if err != nil {
			return elements
		}
		elements = append(elements, element)
	}
}
