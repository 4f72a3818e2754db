package rules

import (
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/dublincore/quality"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// given is a crosswalk that makes the same record of everything.
type given []dublincore.Value

func (g given) Map(*harvest.Item) (*dublincore.Record, error) {
	return &dublincore.Record{Values: append([]dublincore.Value{}, g...)}, nil
}
func (given) Version() string { return "given" }

// A record without any link is served with the gateway's page about it, in every format, and is measured so.
func TestLinked(t *testing.T) {
	const page = "https://gateway.example.org/records/a/x%201"
	text := func(term dublincore.Term, s string) dublincore.Value { return dublincore.Value{Term: term, Text: s} }
	bare := given{
		text(dublincore.Title, "A letter"), text(dublincore.Creator, "Hoxha, Ana"), text(dublincore.Issued, "1957"),
		text(dublincore.Type, "Text"), text(dublincore.Language, "sqi"), text(dublincore.DataProvider, "An archive"),
		text(dublincore.Rights, "http://rightsstatements.org/vocab/InC/1.0/"),
		text(dublincore.AccessRights, "http://purl.org/coar/access_right/c_abf2"), text(dublincore.Identifier, "MS 12"),
	}
	tests := []struct {
		name, root string
		also       dublincore.Value
		want       bool
	}{
		{"no link", "https://gateway.example.org", dublincore.Value{}, true},
		{"no public address", "", dublincore.Value{}, false},
		{"a landing page", "https://gateway.example.org", text(dublincore.Landing, "https://example.org/1"), false},
		{"an identifier on the web", "https://gateway.example.org", text(dublincore.Identifier, "https://doi.org/10.1000/182"), false},
		{"a file, which oai_dc has no place for", "https://gateway.example.org", text(dublincore.Object, "https://example.org/1.pdf"), true},
		{"a picture of it", "https://gateway.example.org", text(dublincore.Thumbnail, "https://example.org/1.jpg"), true},
		{"a name like a link", "https://gateway.example.org", text(dublincore.Identifier, "http-12"), true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			walk := bare
			if test.also.Text != "" {
				walk = append(append(given{}, bare...), test.also)
			}
			r := Rules{Source: "a", Crosswalk: walk, Gateway: pipeline.Gateway{Name: "G", Root: test.root}, GatewayNumber: 1}
			m, err := r.Map("oai:gateway.example.org:a/x%201", nil, &pipeline.Origin{}, &harvest.Item{Key: "x 1"})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(string(m.OAIDC), "<dc:identifier>"+strings.ReplaceAll(page, "%20", "%2520")+"</dc:identifier>"); got != test.want {
				t.Errorf("oai_dc names the page: %v\n%s", got, m.OAIDC)
			}
			var rec dublincore.Record
			if err := rec.UnmarshalJSON(m.DC); err != nil {
				t.Fatal(err)
			}
			item := formats.Item{Identifier: "oai:gateway.example.org:a/x%201", Page: rec.Text(dublincore.Landing)}
			for prefix, element := range map[string]string{"edm": "edm:isShownAt", "oai_openaire": `identifierType="URL"`, "mods": `<url usage="primary">`} {
				f, _ := formats.Named(prefix)
				if written := string(f.Append(nil, &rec, item)); test.want && (!f.Has(&rec) || !strings.Contains(written, element)) {
					t.Errorf("%s lacks %q and the page:\n%s", prefix, f.Missing(&rec), written)
				}
			}
			meter := quality.NewMeter(time.Time{}, formats.Demands)
			meter.Add("r", &rec)
			for _, a := range meter.Report().Aggregators {
				if test.want && a.Accepted != 1 {
					t.Errorf("%s is said not to take it", a.Name)
				}
			}
		})
	}
}

// sheaf map says where the page comes from.
func TestLinkedIsExplained(t *testing.T) {
	walk, _, err := openCrosswalk(&config.Source{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := Rules{Source: "a", Crosswalk: walk, Gateway: pipeline.Gateway{Root: "https://gateway.example.org"}}
	item := &harvest.Item{Format: harvest.Format{Prefix: "oai_dc"}, Original: []byte(`<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>T</dc:title></oai_dc:dc>`)}
	e := r.ExplainItem("oai:gateway.example.org:a/1", nil, item)
	for _, v := range e.Values {
		if v.Term == dublincore.Landing {
			if v.Value != "https://gateway.example.org/records/a/1" || len(v.Rules) != 1 || !strings.Contains(v.Rules[0].Reason, "gateway.url") {
				t.Errorf("%+v", v)
			}
			return
		}
	}
	t.Errorf("no page in %+v (%s)", e.Values, e.Error)
}
