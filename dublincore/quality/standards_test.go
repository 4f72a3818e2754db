package quality_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	dc "github.com/sheaf-gateway/sheaf/dublincore"
)

func TestOutcomes(t *testing.T) {
	from := func(t dc.Term, text, original string) dc.Value {
		return dc.Value{Term: t, Text: text, Original: original}
	}
	for _, c := range []struct {
		name   string
		kind   string
		values []dc.Value
		want   map[string]int64
		good   int64
	}{
		{"dates", "dates", []dc.Value{text(dc.Issued, "1957-04"), from(dc.Created, "195X", "1950s"), text(dc.Date, "April 1957"), text(dc.Valid, "03/04/1957"),
			text(dc.Modified, "long ago")},
			map[string]int64{"standard": 1, "normalized": 1, "recognizable": 1, "ambiguous": 1, "not-understood": 1}, 1},
		{"no good date", "dates", []dc.Value{text(dc.Issued, "long ago")}, map[string]int64{"not-understood": 1}, 0},
		{"an original that is the same", "dates", []dc.Value{from(dc.Issued, "1957", "1957")}, map[string]int64{"standard": 1}, 1},
		{"languages", "languages", []dc.Value{text(dc.Language, "sqi"), text(dc.Language, "zh-Hant"), from(dc.Language, "deu", "German"),
			text(dc.Language, "German"), text(dc.Language, "Martian")},
			map[string]int64{"standard": 2, "normalized": 1, "recognizable": 1, "not-understood": 1}, 1},
		{"types", "types", []dc.Value{from(dc.Type, "Text", "telegram"), text(dc.Type, "telegram"), text(dc.Type, "our own word"),
			text(dc.Type, "http://purl.org/coar/resource_type/c_6501")},
			map[string]int64{"standard": 1, "normalized": 1, "beside": 2}, 1},
		{"types of one's own", "types", []dc.Value{text(dc.Type, "telegram"), text(dc.Type, "our own word")},
			map[string]int64{"recognizable": 1, "not-understood": 1}, 0},
		{"rights", "rights", []dc.Value{text(dc.Rights, "http://rightsstatements.org/vocab/InC/1.0/"), text(dc.Rights, "Ask at the desk")},
			map[string]int64{"standard": 1, "beside": 1}, 1},
		{"rights by name", "rights", []dc.Value{text(dc.License, "CC BY 4.0"), text(dc.RightsHolder, "Somebody")}, map[string]int64{"recognizable": 1}, 0},
		{"identifiers", "identifiers", []dc.Value{from(dc.Identifier, "9783161484100", "3-16-148410-X"), text(dc.Identifier, "ISBN 3-16-148410-1"),
			text(dc.Identifier, "MS 12"), text(dc.BibliographicCitation, "Soils 3 (1957) 4")},
			map[string]int64{"normalized": 1, "bad-check-digit": 1, "beside": 1}, 1},
		{"identifiers of one's own", "identifiers", []dc.Value{text(dc.Identifier, "doi:10.5555/ABC"), text(dc.Identifier, "MS 12")},
			map[string]int64{"recognizable": 1, "not-understood": 1}, 0},
		{"a shelf mark beside a DOI", "identifiers", []dc.Value{text(dc.Identifier, "https://doi.org/10.5555/abc"), text(dc.Identifier, "MS 12")},
			map[string]int64{"standard": 1, "beside": 1}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := standards(t, measure(record(c.values...), record()), c.kind)
			if diff := cmp.Diff(c.want, count(s.Outcomes)); diff != "" {
				t.Errorf("outcomes (-want +got):\n%s", diff)
			}
			if s.Records != 1 || s.Good != c.good {
				t.Errorf("%d records, %d good; want 1 and %d", s.Records, s.Good, c.good)
			}
		})
	}
}

func TestDroppedByTheMapping(t *testing.T) {
	r := record(text(dc.Issued, "long ago"))
	r.Note(dc.Issued, dc.NotUnderstood, "long ago")              // kept
	r.Note(dc.Issued, dc.NotUnderstood, "in the year of the ox") // dropped
	r.Note(dc.Identifier, dc.BadCheckDigit, "ISBN 3-16-148410-1")
	r.Note(dc.Title, dc.HTMLStripped, "<b>x</b>")
	got := measure(r)
	if diff := cmp.Diff(map[string]int64{"not-understood": 1}, count(standards(t, got, "dates").Dropped)); diff != "" {
		t.Errorf("dropped dates (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int64{"bad-check-digit": 1}, count(standards(t, got, "identifiers").Dropped)); diff != "" {
		t.Errorf("dropped identifiers (-want +got):\n%s", diff)
	}
	notes := map[string]int64{}
	for _, n := range got.Notes {
		notes[n.Kind.String()] = n.Notes
	}
	if diff := cmp.Diff(map[string]int64{"not-understood": 2, "bad-check-digit": 1, "html-stripped": 1}, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestLanguageTagging(t *testing.T) {
	en := func(t dc.Term, s string) dc.Value { return dc.Value{Term: t, Text: s, Lang: "en"} }
	got := measure(
		record(en(dc.Title, "Soil"), en(dc.Subject, "Water"), text(dc.Creator, "Hoxha, Ana"), text(dc.Subject, "http://vocab.getty.edu/aat/300411614")),
		record(en(dc.Title, "Soil"), text(dc.Subject, "Water"), dc.Value{Term: dc.Type, Text: "Text", Scheme: "DCMIType"}),
		record(text(dc.Title, "Soil")),
		record(text(dc.Creator, "Hoxha, Ana")),
	)
	if a := got.Tagging; a.All != 1 || a.Some != 1 || a.None != 1 || len(a.Tags) != 1 || a.Tags[0].Lang != "en" || a.Tags[0].Values != 3 {
		t.Errorf("tagging: %+v", a)
	}
	for _, e := range got.Elements {
		want := map[dc.Term][2]int64{dc.Title: {3, 2}, dc.Subject: {2, 1}}[e.Term]
		if e.Words != want[0] || e.Tagged != want[1] {
			t.Errorf("%s: %d words, %d tagged; want %v", e.Term, e.Words, e.Tagged, want)
		}
	}
}
