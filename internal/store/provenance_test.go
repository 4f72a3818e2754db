package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

func exampleOrigin(earlier string) *pipeline.Origin {
	return &pipeline.Origin{
		BaseURL: "https://source.example/oai?a=1&b=2", Identifier: "oai:source.example:1", Datestamp: "2001-02-03",
		Format: harvest.Format{Namespace: "http://www.loc.gov/mods/v3"}, Harvested: time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC), Provenance: []byte(earlier),
	}
}

func description(base, inside string) string {
	return fmt.Sprintf(`<p:originDescription harvestDate=" 2019-05-01T10:00:00Z" altered="false"><!-- - --><p:baseURL> %s </p:baseURL><p:identifier>oai:b.example:1</p:identifier><p:datestamp>2019-04-30</p:datestamp><p:metadataNamespace>urn:x</p:metadataNamespace>%s</p:originDescription>`, base, inside)
}

const provenanceTag = `<p:provenance xmlns:p="http://www.openarchives.org/OAI/2.0/provenance">`

// What is kept of an origin and put together again is what the protocol's package makes of it.
func TestProvenance(t *testing.T) {
	ours := oaipmh.Origin{
		BaseURL: "https://source.example/oai?a=1&b=2", Identifier: "oai:source.example:1", Datestamp: "2001-02-03",
		Namespace: "http://www.loc.gov/mods/v3", Harvested: time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC),
	}
	b := oaipmh.Origin{BaseURL: "https://b.example/", Identifier: "oai:b.example:1", Datestamp: "2019-04-30", Namespace: "urn:x", Harvested: time.Date(2019, 5, 1, 10, 0, 0, 0, time.UTC)}
	c := b
	c.BaseURL = "https://c.example/?x&y"
	chain := b
	chain.Earlier = &c
	for name, test := range map[string]struct {
		element string
		want    *oaipmh.Origin
	}{
		"none":                        {"", nil},
		"one":                         {provenanceTag + description("https://b.example/", "") + "</p:provenance>", &b},
		"a chain":                     {provenanceTag + description("https://b.example/", description("https://c.example/?x&amp;y", "")) + "</p:provenance>", &chain},
		"one that the schema refuses": {provenanceTag + description("http://%zz/", "") + "</p:provenance>", nil},
		"cut short":                   {provenanceTag + description("https://b.example/", "<p:originDescription"), &b},
		"nonsense":                    {"nonsense", nil},
	} {
		t.Run(name, func(t *testing.T) {
			for _, altered := range []bool{true, false} {
				o := ours
				o.Altered, o.Earlier = altered, test.want
				want := string(oaipmh.AppendProvenance(nil, &o))
				if got := string(AppendProvenance(nil, []byte(originsOf(exampleOrigin(test.element))), altered)); got != want {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			}
		})
	}
	for name, spoil := range map[string]func(*pipeline.Origin){
		"no base URL":      func(o *pipeline.Origin) { o.BaseURL = "" },
		"no datestamp":     func(o *pipeline.Origin) { o.Datestamp = "" },
		"an odd datestamp": func(o *pipeline.Origin) { o.Datestamp = "yesterday" },
	} {
		o := exampleOrigin("")
		if spoil(o); originsOf(o) != "" {
			t.Errorf("%s: %s", name, originsOf(o))
		}
	}
}

// A chain without end costs no more than one of the length that is served.
func TestLongChain(t *testing.T) {
	element := strings.Repeat(strings.TrimSuffix(description("https://b.example/", ""), "</p:originDescription>"), 400)
	if got := strings.Count(originsOf(exampleOrigin(provenanceTag+element)), originTag); got != 16 {
		t.Errorf("%d origins, want %d", got, 16)
	}
}

// FuzzProvenance: whatever a source says of earlier origins, what is served is well-formed.
func FuzzProvenance(f *testing.F) {
	f.Add(provenanceTag + description("https://b.example/", description("https://c.example/", "")) + "</p:provenance>")
	f.Add(`<provenance><originDescription harvestDate="x"><baseURL>a<b/>&lt;</baseURL>`)
	f.Fuzz(func(t *testing.T, element string) {
		b := AppendProvenance(nil, []byte(originsOf(exampleOrigin(element))), false)
		s := xmlscan.New(b, xmlscan.Limits{})
		for kind := xmlscan.Start; kind != xmlscan.EOF; {
			var err error
			if kind, err = s.Next(); err != nil {
				t.Fatalf("%v in %s", err, b)
			}
		}
	})
}
