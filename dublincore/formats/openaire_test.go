package formats_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/date"
)

// written are the text and the telling attributes of each element at the path that the format has for
// the record.
func written(t *testing.T, prefix string, r *dublincore.Record, path string) []string {
	t.Helper()
	var out []string
	for _, e := range parse(t, format(t, prefix).Append(nil, r, item)).FindElements(path) {
		text := e.Text()
		for _, attr := range []string{"rdf:resource", "identifierType", "resourceTypeGeneral", "uri"} {
			if value := e.SelectAttrValue(attr, ""); value != "" {
				text = strings.TrimSpace(text + " " + value)
			}
		}
		out = append(out, text)
	}
	return out
}

func TestOpenAIREDate(t *testing.T) {
	tests := []struct {
		want  string // of publication
		pairs []string
	}{
		{"1957-04", []string{"issued", "1957-04"}},
		{"1957", []string{"issued", "ca. 1957"}},
		{"1955", []string{"issued", "1950s"}},
		{"1650", []string{"issued", "17th century"}}, // the guidelines' own example
		{"1959", []string{"issued", "1957-1961"}},
		{"1960", []string{"issued", "before 1960"}},
		{"1957", []string{"issued", "since 1957"}},
		{"0999", []string{"issued", "0999"}},
		{"2019-05-12", []string{"issued", "2019-05-12T10:11:12Z"}},
		{"1958", []string{"date", "2019-05-12T10:11:12Z", "date", "2019-05-12T10:11:13Z", "date", "1958"}}, // as DSpace lists them
		{"1958", []string{"created", "1957", "date", "1958"}},
		{"1957", []string{"created", "1957", "date", "soon"}},
		{"2020", []string{"created", "1957", "available", "2020"}},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.pairs, " "), func(t *testing.T) {
			raw := record(t, test.pairs...)
			normal := raw.Clone()
			for i, v := range normal.Values {
				if n, _, ok := dublincore.NormalizeDate(v.Text, date.AnyOrder); ok {
					normal.Values[i].Text, normal.Values[i].Scheme = n.Text, n.Scheme
				}
			}
			for _, r := range []*dublincore.Record{raw, normal} {
				got := written(t, "oai_openaire", r, "datacite:dates/datacite:date[@dateType='Issued']")
				if diff := cmp.Diff([]string{test.want}, got); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestOpenAIREType(t *testing.T) {
	const coar = "http://purl.org/coar/resource_type/"
	tests := []struct {
		want   string
		values []dublincore.Value
	}{
		{"text literature " + coar + "c_18cf", []dublincore.Value{{Text: "Text"}}},
		{"journal article literature " + coar + "c_6501", []dublincore.Value{{Text: "Text"}, {Text: "article"}}},
		{"doctoral thesis literature " + coar + "c_db06", []dublincore.Value{{Text: "Text", Original: "info:eu-repo/semantics/doctoralThesis"}}},
		{"memorandum literature " + coar + "c_18wz", []dublincore.Value{{Text: "https://purl.org/coar/resource_type/c_18wz"}}},
		{"dataset dataset " + coar + "c_ddb1", []dublincore.Value{{Text: "Dataset", Original: "article"}}}, // a person corrected it
		{"software software " + coar + "c_5ce6", []dublincore.Value{{Text: "computer program"}}},
		{"periodical literature " + coar + "c_2659", []dublincore.Value{{Text: "newspaper"}}},
		{"image other research product " + coar + "c_c513", []dublincore.Value{{Text: "Image"}}},
		{"other other research product " + coar + "c_1843", []dublincore.Value{{Text: "Collection"}, {Text: "whatnot"}}},
		{"still image other research product " + coar + "c_ecc8", []dublincore.Value{{Text: "photograph"}}},
	}
	for _, test := range tests {
		r := &dublincore.Record{}
		for _, v := range test.values {
			v.Term = dublincore.Type
			r.Add(v)
		}
		if diff := cmp.Diff([]string{test.want}, written(t, "oai_openaire", r, "oaire:resourceType")); diff != "" {
			t.Error(diff)
		}
	}
}

func TestOpenAIREIdentifier(t *testing.T) {
	tests := []struct {
		want, others []string
		pairs        []string
	}{
		{[]string{"https://doi.org/10.1000/182 DOI"}, []string{"https://example.org/1"},
			[]string{"identifier", "https://example.org/1", "identifier", "doi:10.1000/182", "landing", "https://doi.org/10.1000/182"}},
		{[]string{"https://hdl.handle.net/1822/26740 HANDLE"}, []string{"9783161484100"},
			[]string{"identifier", "ISBN 3-16-148410-X", "identifier", "http://hdl.handle.net/1822/26740"}},
		{[]string{"http://purl.org/a PURL"}, []string{"https://example.org/1"},
			[]string{"identifier", "https://example.org/1", "identifier", "http://purl.org/a", "landing", "https://example.org/1"}},
		{[]string{"urn:nbn:de:101:1-2 URN"}, nil, []string{"identifier", "urn:nbn:de:101:1-2"}},
		{[]string{"https://example.org/1 URL"}, []string{"MS 12"}, []string{"identifier", "MS 12", "landing", "https://example.org/1"}},
		{nil, []string{"MS 12"}, []string{"identifier", "MS 12", "landing", "nowhere"}},
	}
	for _, test := range tests {
		r := record(t, test.pairs...)
		if diff := cmp.Diff(test.want, written(t, "oai_openaire", r, "datacite:identifier")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(test.others, written(t, "oai_openaire", r, "datacite:alternateIdentifiers/datacite:alternateIdentifier")); diff != "" {
			t.Error(diff)
		}
	}
}

func TestOpenAIREName(t *testing.T) {
	for name, want := range map[string]string{
		"Frashëri, Naim, 1846-1900": "Frashëri, Naim", "Meier, J.": "Meier, J.", "Hoxha, Enver, 1908–": "Hoxha, Enver",
		"Orwell, George, (1903-1950)": "Orwell, George", "Plato": "Plato", "Studio 54, 12": "Studio 54, 12", ", 1900": ", 1900",
		"Conference, 1st, 1957, Tirana": "Conference, 1st, 1957, Tirana",
	} {
		for term, path := range map[string]string{"creator": "datacite:creators/datacite:creator/datacite:creatorName",
			"contributor": "datacite:contributors/datacite:contributor/datacite:contributorName"} {
			if diff := cmp.Diff([]string{want}, written(t, "oai_openaire", record(t, term, name), path)); diff != "" {
				t.Error(diff)
			}
		}
	}
}

func TestOpenAIRELicence(t *testing.T) {
	const by = "http://creativecommons.org/licenses/by/4.0/"
	tests := []struct {
		want   []string
		values []dublincore.Value
	}{
		{[]string{"CC BY 4.0 " + by}, []dublincore.Value{{Term: dublincore.License, Text: by, Original: "CC BY 4.0"}}},
		{[]string{by + " " + by}, []dublincore.Value{{Term: dublincore.Rights, Text: by, Original: "https://creativecommons.org/licenses/by/4.0"}}},
		{[]string{"CC BY 4.0 " + by}, []dublincore.Value{{Term: dublincore.License, Text: "house rules"}, {Term: dublincore.Rights, Text: "CC BY 4.0"}}},
		{[]string{"house rules"}, []dublincore.Value{{Term: dublincore.License, Text: "house rules"}, {Term: dublincore.Rights, Text: "ask"}}},
		{nil, []dublincore.Value{{Term: dublincore.Rights, Text: "ask"}, {Term: dublincore.Rights, Text: "open access"}}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, written(t, "oai_openaire", &dublincore.Record{Values: test.values}, "oaire:licenseCondition")); diff != "" {
			t.Error(diff)
		}
	}
}

func TestOpenAIREGrant(t *testing.T) {
	for text, want := range map[string][]string{
		"info:eu-repo/grantAgreement/EC/FP7/246686":                                {"EC", "FP7", "246686"},
		"info:eu-repo/grantAgreement/EC/H2020/643410/EU/Open Access/OA2020":        {"EC", "H2020", "643410", "Open Access"},
		"info:eu-repo/grantAgreement/FCT//PTDC":                                    {"FCT", "PTDC"},
		"info:eu-repo/grantAgreement/EC/FP7":                                       nil,
		"info:eu-repo/grantAgreement/ / / ":                                        nil,
		"see info:eu-repo/grantAgreement/EC/FP7/246686":                            nil,
		"https://example.org/info:eu-repo/grantAgreement/EC/FP7/246686/EU/A/B/C/D": nil,
	} {
		if diff := cmp.Diff(want, written(t, "oai_openaire", record(t, "relation", text), "oaire:fundingReferences/oaire:fundingReference/*")); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}
