package quality_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	dc "github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/dublincore/quality"
)

func TestAGoodRecordMeetsEveryRule(t *testing.T) {
	for _, a := range measure(good()).Aggregators {
		if a.Accepted != 1 {
			t.Errorf("%s doesn't take it", a.Name)
		}
		for _, r := range a.Rules {
			if r.Records != 0 {
				t.Errorf("%s: %s (%s) is broken: %v", a.Name, r.Code, r.Label, r.Samples)
			}
		}
	}
}

// TestEachRule breaks each rule by a change of the good record, which must break nothing else that
// matters to that aggregator: what is said of each rule is said by its own case.
func TestEachRule(t *testing.T) {
	untagged := good()
	for i := range untagged.Values {
		untagged.Values[i].Lang = ""
	}
	breaking := map[string]*dc.Record{
		"DPLA/title":         but(terms(dc.Title)),
		"DPLA/rights-uri":    but(terms(dc.License), text(dc.Rights, "CC BY 4.0")),
		"DPLA/landing":       but(terms(dc.Landing)),
		"DPLA/data-provider": but(terms(dc.DataProvider)),
		"DPLA/type":          but(nil, text(dc.Type, "article")),
		"DPLA/date":          but(nil, text(dc.Issued, "long ago")),
		"DPLA/language":      but(nil, text(dc.Language, "Martian")),
		"DPLA/thumbnail":     but(terms(dc.Thumbnail)),
		"DPLA/plain-text":    but(nil, text(dc.Subject, "<b>Soil</b>")),
		"DPLA/loose-ends":    but(nil, text(dc.Title, "Water in the soil of three plots /")),
		"DPLA/one-value":     but(nil, text(dc.Subject, "Hydrology; Soil")),
		"DPLA/no-repeats":    but(nil, text(dc.Subject, "Hydrology"), text(dc.Subject, "hydrology")),

		"Europeana/title-or-description": but(terms(dc.Title, dc.Abstract)),
		"Europeana/about":                but(terms(dc.Subject, dc.Type)),
		"Europeana/edm-type":             but(nil, text(dc.Type, "Dataset")),
		"Europeana/text-language":        but(terms(dc.Language)),
		"Europeana/link":                 but(terms(dc.Landing, dc.Object)),
		"Europeana/rights-uri":           but(terms(dc.License)),
		"Europeana/data-provider":        but(terms(dc.DataProvider)),
		"Europeana/tier-a":               untagged,

		"OpenAIRE/title":            but(terms(dc.Title)),
		"OpenAIRE/creator":          but(terms(dc.Creator)),
		"OpenAIRE/publication-date": but(nil, text(dc.Issued, "long ago")),
		"OpenAIRE/resource-type":    but(nil, text(dc.Type, "our own word")),
		"OpenAIRE/identifier":       but(terms(dc.Landing), text(dc.Identifier, "MS 12")),
		"OpenAIRE/access-rights":    but(terms(dc.AccessRights)),
		"OpenAIRE/embargo-dates":    but(nil, text(dc.AccessRights, "http://purl.org/coar/access_right/c_f1cf"), text(dc.Available, "2027-01-01")),
		"OpenAIRE/creator-form":     but(nil, text(dc.Creator, "Ana Hoxha")),
		"OpenAIRE/language":         but(nil, text(dc.Language, "Martian")),
		"OpenAIRE/publisher":        but(terms(dc.Publisher)),
		"OpenAIRE/description":      but(terms(dc.Abstract)),
		"OpenAIRE/subject":          but(terms(dc.Subject)),
		"OpenAIRE/licence":          but(terms(dc.License), text(dc.Rights, "http://rightsstatements.org/vocab/InC/1.0/")),
		"OpenAIRE/file":             but(terms(dc.Object)),

		"BASE/web-identifier":   but(terms(dc.Landing), text(dc.Identifier, "urn:nbn:de:1-2")),
		"BASE/title":            but(terms(dc.Title)),
		"BASE/creator":          but(terms(dc.Creator)),
		"BASE/abstract":         but(terms(dc.Abstract)),
		"BASE/publication-date": but(nil, text(dc.Issued, "long ago")),
		"BASE/type":             but(nil, text(dc.Type, "our own word")),
		"BASE/language":         but(terms(dc.Language)),
		"BASE/rights":           but(terms(dc.License, dc.AccessRights), text(dc.Rights, "Ask at the desk")),
	}
	for _, a := range measure().Aggregators {
		for _, rule := range a.Rules {
			name := a.Name + "/" + rule.Code
			rec, ok := breaking[name]
			if !ok {
				t.Errorf("%s has no test", name)
				continue
			}
			delete(breaking, name)
			t.Run(name, func(t *testing.T) { breaks(t, rec, a.Name, rule) })
		}
	}
	for name := range breaking {
		t.Errorf("there is no rule %s", name)
	}
}

// breaks checks that of two records, one good, rec breaks the rule, and only it.
func breaks(t *testing.T, rec *dc.Record, aggregator string, rule quality.Finding) {
	t.Helper()
	for _, a := range measure(good(), rec).Aggregators {
		if a.Name != aggregator {
			continue
		}
		accepted := int64(2)
		if rule.Level == quality.Required {
			accepted = 1
		}
		if a.Accepted != accepted {
			t.Errorf("%d records are taken, want %d", a.Accepted, accepted)
		}
		broken := map[string]int64{}
		for _, r := range a.Rules {
			if r.Records > 0 {
				broken[r.Code] = r.Records
				if len(r.Samples) != 1 || r.Samples[0].Identifier != "r1" {
					t.Errorf("%s: samples %v, want r1", r.Code, r.Samples)
				}
			}
		}
		want := map[string]int64{rule.Code: 1}
		if rule.Code == "about" {
			want["edm-type"] = 1 // a record that is about nothing has no type
		}
		if diff := cmp.Diff(want, broken); diff != "" {
			t.Errorf("broken rules (-want +got):\n%s", diff)
		}
	}
}

// What is required of records in a format is what the writer of the format demands: a record is taken if, and only if, it
// is served in that format.
func TestRequiredIsDemanded(t *testing.T) {
	taken := map[string]string{"Europeana": "edm", "OpenAIRE": "oai_openaire"}
	rapid.Check(t, func(t *rapid.T) {
		for _, rec := range collections().Draw(t, "records") {
			for _, a := range measure(rec).Aggregators {
				f, ok := formats.Named(taken[a.Name])
				if ok && (a.Accepted == 1) != f.Has(rec) {
					t.Fatalf("%s takes %d; it lacks %q for %s", a.Name, a.Accepted, f.Missing(rec), f.Prefix)
				}
			}
		}
	})
}

// A record that names no provider is served with one, so nobody is told that it lacks it.
func TestProviderIsServed(t *testing.T) {
	for _, a := range measure(but(terms(dc.Provider))).Aggregators {
		if a.Accepted != 1 {
			t.Errorf("%s doesn't take a record without provider", a.Name)
		}
	}
}

func TestTiers(t *testing.T) {
	en := func(t dc.Term, s string) dc.Value { return dc.Value{Term: t, Text: s, Lang: "en"} }
	const (
		concept = "http://vocab.getty.edu/aat/300411614"
		place   = "https://www.wikidata.org/entity/Q90"
		agent   = "http://viaf.org/viaf/1"
	)
	for _, c := range []struct {
		name string
		rec  *dc.Record
		want string // language, enabling elements, contextual classes, overall
	}{
		{"nothing", record(), "00A0"},
		{"a quarter tagged", record(en(dc.Title, "x"), text(dc.Subject, "x"), text(dc.Source, "x"), text(dc.Relation, "x")), "A0A0"},
		{"a fifth tagged", record(en(dc.Title, "x"), text(dc.Subject, "x"), text(dc.Source, "x"), text(dc.Relation, "x"), text(dc.Format, "x")), "0AA0"},
		{"half tagged", record(en(dc.Title, "x"), text(dc.Subject, "x")), "B0A0"},
		{"three quarters tagged", record(en(dc.Title, "x"), en(dc.Subject, "x"), en(dc.Source, "x"), text(dc.Relation, "x")), "C0A0"},
		{"a property counts once", record(en(dc.Title, "x"), text(dc.Title, "y"), text(dc.Title, "z")), "C0A0"},
		{"an abstract is a description", record(en(dc.Abstract, "x"), text(dc.Description, "y")), "C0A0"},
		{"codes are no texts", record(en(dc.Title, "x"), text(dc.Type, "Text"), text(dc.Rights, "http://rightsstatements.org/vocab/InC/1.0/")), "CAAA"},
		{"one element", record(text(dc.Creator, "x")), "0AA0"},
		{"a date of no kind is none", record(text(dc.Date, "1957"), text(dc.Coverage, "x")), "00A0"},
		{"three elements, one group", record(text(dc.Creator, "x"), text(dc.Contributor, "x"), text(dc.Publisher, "x")), "0AA0"},
		{"three elements, two groups", record(text(dc.Creator, "x"), text(dc.Contributor, "x"), text(dc.Issued, "1957")), "0BA0"},
		{"four elements, two groups", record(text(dc.Creator, "x"), text(dc.Contributor, "x"), text(dc.Publisher, "x"), text(dc.Issued, "1957")), "0CA0"},
		{"a subject is one only by a link", record(text(dc.Creator, "x"), text(dc.Contributor, "x"), text(dc.Subject, "x")), "0AA0"},
		{"a linked subject", record(text(dc.Creator, "x"), text(dc.Contributor, "x"), text(dc.Subject, concept)), "CBBB"},
		{"two classes", record(text(dc.Subject, concept), text(dc.Spatial, place)), "CACA"},
		{"a class twice", record(text(dc.Subject, concept), text(dc.Medium, concept)), "CABA"},
		{"a link to nowhere known", record(text(dc.Subject, "http://example.org/1")), "00A0"},
		{"best", record(en(dc.Title, "x"), text(dc.Subject, concept), text(dc.Creator, agent), text(dc.Issued, "1957"), en(dc.Medium, "paper")), "CCCC"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			for _, d := range measure(c.rec).Tiers {
				for tier, n := range d.Tiers {
					if n == 1 {
						got += quality.Tier(tier).String()
					}
				}
			}
			if got != c.want {
				t.Errorf("tiers %s, want %s", got, c.want)
			}
		})
	}
}

// What is close to breaking a rule about texts, and doesn't.
func TestHarmlessTexts(t *testing.T) {
	rec := but(nil,
		text(dc.Title, "Who was [Ana] Hoxha?"), text(dc.Subject, "https://vocab.example.org/soil;depth/"), text(dc.Subject, "Soil;"),
		text(dc.Subject, "Rain, in Tirana (1957)"), dc.Value{Term: dc.Subject, Text: "rain, in Tirana (1957)", Lang: "en"},
		text(dc.AccessRights, "http://purl.org/coar/access_right/c_f1cf"), text(dc.Available, "2027"), text(dc.DateAccepted, "2025"))
	rec.Remove(dc.Issued)
	rec.Values = append(rec.Values, text(dc.Issued, "2025"))
	for _, a := range measure(rec).Aggregators {
		for _, r := range a.Rules {
			if r.Records > 0 && r.Code != "loose-ends" { // "Soil;"
				t.Errorf("%s: %s is broken: %v", a.Name, r.Code, r.Samples)
			}
		}
	}
}
