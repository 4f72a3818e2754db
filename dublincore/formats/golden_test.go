package formats_test

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
)

var update = flag.Bool("update", false, "write testdata/golden.txtar, with what the writers of new versions make")

// full has a bit of everything that writing treats specially.
func full(t testing.TB) *dublincore.Record {
	r := record(t,
		"title", "Notes <of> a talk & more", "title", "Second\rtitle", "alternative", "Shënime", "creator", "Frashëri, Naim, 1846-1900",
		"creator", "Meier, J. (Jens)", "subject", "Diplomacy", "subject", "Trade", "description", "A note.", "abstract", "ab\u0003stract",
		"tableOfContents", "1. One", "publisher", "Example Archive", "contributor", "Translator, A.", "date", "1958-01-02", "created", "1957-04",
		"available", "2021-06-16T06:31Z", "modified", "2022", "type", "memorandum", "format", "application/pdf", "format", "typescript",
		"extent", "3 p.", "medium", "paper", "identifier", "https://doi.org/10.1000/182", "identifier", "9783161484100",
		"identifier", "https://example.org/d/1", "identifier", "MS 12", "bibliographicCitation", "Archive 1 (1957), 3", "source", "A ledger",
		"language", "sqi", "relation", "info:eu-repo/grantAgreement/EC/H2020/643410/EU/Open Access/OA2020", "relation", "https://example.org/see",
		"conformsTo", "A standard", "hasFormat", "https://example.org/d/1.txt", "isPartOf", "Letters; 3", "isPartOf", "ISSN 0378-5955",
		"references", "hdl:1822/26740", "coverage", "1950s", "coverage", "Balkans", "spatial", "Tirana", "temporal", "Cold War",
		"rights", "http://rightsstatements.org/vocab/InC/1.0/", "accessRights", "http://purl.org/coar/access_right/c_f1cf",
		"license", "All uses with permission", "rightsHolder", "The heirs", "audience", "researchers", "educationLevel", "university",
		"mediator", "A teacher", "provenance", "Bought in 1960", "accrualMethod", "Deposit", "accrualPeriodicity", "yearly",
		"accrualPolicy", "closed", "instructionalMethod", "reading", "landing", "https://example.org/d/1", "object", "https://example.org/d/1.pdf",
		"object", "https://example.org/d/2 .pdf", "object", "https://example.org/ë.pdf", "thumbnail", "https://example.org/t/1.jpg",
		"dataProvider", "Example Archive")
	for _, v := range []dublincore.Value{
		{Term: dublincore.Issued, Text: "195X", Scheme: "EDTF", Original: "1950s"},
		{Term: dublincore.DateAccepted, Text: "2019-05-12", Scheme: "W3CDTF"},
		{Term: dublincore.DateCopyrighted, Text: "1957/1961", Scheme: "EDTF"},
		{Term: dublincore.Type, Text: "Text", Scheme: "DCMIType"},
		{Term: dublincore.Type, Text: "Dataset", Scheme: "DCMIType"},
		{Term: dublincore.Subject, Text: "320", Scheme: "DDC"},
		{Term: dublincore.Subject, Text: "Albania", Scheme: "LCSH", Lang: "en"},
		{Term: dublincore.Subject, Text: "http://id.worldcat.org/fast/1", Scheme: "URI"},
		{Term: dublincore.Language, Text: "en", Scheme: "RFC5646"},
		{Term: dublincore.Language, Text: "deu", Scheme: "ISO639-3"},
		{Term: dublincore.Spatial, Text: "41.3 19.8", Scheme: "Point"},
		{Term: dublincore.License, Text: "http://creativecommons.org/licenses/by/4.0/", Scheme: "URI", Original: "CC BY 4.0"},
		{Term: dublincore.Title, Text: "Në shqip", Lang: "sq"},
	} {
		r.Add(v)
	}
	return r
}

// TestGolden holds what each writer makes, under its version: where a record would be written otherwise
// than before, the version has to be raised, so that a gateway's operator hears of it.
func TestGolden(t *testing.T) {
	const name = "testdata/golden.txtar"
	old, err := txtar.ParseFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		old = &txtar.Archive{}
	} else if err != nil {
		t.Fatal(err)
	}
	made := &txtar.Archive{Comment: []byte("What each writer makes of the record in golden_test.go, under prefix/version.\n\n")}
	for _, f := range formats.All() {
		r := full(t)
		if missing := f.Missing(r); missing != nil {
			t.Errorf("%s: the record lacks %v", f.Prefix, missing)
		}
		got := strings.ReplaceAll(string(f.Append(nil, r, item)), "><", ">\n<") + "\n"
		key := fmt.Sprint(f.Prefix, "/", f.Version)
		made.Files = append(made.Files, txtar.File{Name: key, Data: []byte(got)})
		i := slices.IndexFunc(old.Files, func(file txtar.File) bool { return file.Name == key })
		if i < 0 {
			if !*update {
				t.Errorf("%s is new: run the test with -update", key)
			}
			continue
		}
		if diff := cmp.Diff(string(old.Files[i].Data), got); diff != "" {
			t.Errorf("%s writes otherwise than before: raise its version, then run the test with -update\n%s", key, diff)
		}
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(name, txtar.Format(made), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
