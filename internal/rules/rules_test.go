package rules

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

func ruleSet(t *testing.T, spec, where string) Set {
	t.Helper()
	c, err := crosswalk.CompileCondition(spec, where)
	if err != nil {
		t.Fatal(err)
	}
	return Set{spec, c}
}

// What other rules made of the sets of a record falls away; what its source put it in stays, whatever it is
// called.
func TestSetsOf(t *testing.T) {
	f := Rules{Source: "s", Sets: []Set{ruleSet(t, "rules:a", "type is article"), ruleSet(t, "rules:b", "type is map"), ruleSet(t, "rules:c", "source is s")}}
	for _, test := range []struct{ have, want []string }{
		{nil, []string{"rules:a", "rules:c"}},
		{[]string{"s", "s:x"}, []string{"s", "s:x", "rules:a", "rules:c"}},
		{[]string{"s", "rules:a", "rules:b", "rules:gone", "rules"}, []string{"s", "rules:a", "rules:c"}},
		{[]string{"rulesets", "rules-of-thumb:rules"}, []string{"rulesets", "rules-of-thumb:rules", "rules:a", "rules:c"}},
	} {
		if diff := cmp.Diff(test.want, f.SetsOf(test.have, article())); diff != "" {
			t.Errorf("of %v (-want +got):\n%s", test.have, diff)
		}
	}
}

// fixed is a crosswalk that has nothing but a version.
type fixed string

func (fixed) Map(*harvest.Item) (*dublincore.Record, error) { return &dublincore.Record{}, nil }
func (v fixed) Version() string                             { return string(v) }

// The version differs wherever something else could be served, and is that of the crosswalk where nothing
// else decides.
func TestVersion(t *testing.T) {
	mods, _ := formats.Named("mods")
	newer := formats.Builtin().With(mods.Next(nil, func(dst []byte, _ *dublincore.Record, _ formats.Item) []byte { return dst }))
	seen := map[string]string{}
	for name, f := range map[string]Rules{
		"nothing":       {},
		"rights":        {Rights: "https://a.example/"},
		"other rights":  {Rights: "https://b.example/"},
		"a set":         {Sets: []Set{ruleSet(t, "rules:a", "type is map")}},
		"another spec":  {Sets: []Set{ruleSet(t, "rules:b", "type is map")}},
		"another rule":  {Sets: []Set{ruleSet(t, "rules:a", "type is article")}},
		"two sets":      {Sets: []Set{ruleSet(t, "rules:a", "type is map"), ruleSet(t, "rules:b", "type is map")}},
		"newer writers": {Formats: newer},
		"a name":        {Gateway: pipeline.Gateway{Name: "A"}},
		"an address":    {Gateway: pipeline.Gateway{Root: "A"}},
	} {
		for _, rules := range []string{"1", "2"} {
			f.Crosswalk = fixed(rules)
			v := f.Version()
			if seen[v] != "" {
				t.Errorf("%s over rules %s has the version of %s", name, rules, seen[v])
			}
			seen[v] = name + " over rules " + rules
			if (v == rules) != (name == "nothing") {
				t.Errorf("%s over rules %s is %s", name, rules, v)
			}
		}
	}
	same := Rules{Crosswalk: fixed("1"), Formats: formats.Builtin(), GatewayNumber: 7}
	if same.Version() != "1" {
		t.Error("the writers of this release, or the number of the gateway, are in the version")
	}
}

// Versions and gateway stand beside the bits that were in logs first, of those records alone that they make a
// difference to.
func TestFormatsSayHowARecordIsWritten(t *testing.T) {
	openaire, _ := formats.Named("oai_openaire")
	qdc, _ := formats.Named("oai_qdc")
	write := func(dst []byte, _ *dublincore.Record, _ formats.Item) []byte { return dst }
	table := formats.Builtin().With(openaire.Next(nil, write)).With(qdc.Next(nil, write))
	third, _ := table.Named("oai_qdc")
	table = table.With(third.Next(nil, write))

	own := article()
	own.AddText(dublincore.Provider, "Its own")
	title := &dublincore.Record{}
	title.AddText(dublincore.Title, "A title")
	for _, test := range []struct {
		name     string
		rec      *dublincore.Record
		table    *formats.Table
		formats  []string
		openaire int
		qdc      int
		gateway  int
	}{
		{"as ever", article(), formats.Builtin(), []string{"mods", "oai_openaire"}, 1, 1, 5},
		{"a provider of its own", own, formats.Builtin(), []string{"mods", "oai_openaire"}, 1, 1, 0},
		{"newer writers", own, table, []string{"mods", "oai_openaire"}, 2, 3, 0},
		{"without the format", title, table, []string{"mods"}, 1, 3, 5},
		{"nothing", &dublincore.Record{}, table, nil, 1, 3, 0},
	} {
		fs := formatsOf(test.rec, test.table, 5)
		var got []string
		if fs.Each(func(prefix string) { got = append(got, prefix) }); !slices.Equal(got, test.formats) {
			t.Errorf("%s: formats %v", test.name, got)
		}
		if o, q, m := fs.Version("oai_openaire"), fs.Version("oai_qdc"), fs.Version("mods"); o != test.openaire || q != test.qdc || m != 1 {
			t.Errorf("%s: oai_openaire %d, oai_qdc %d, mods %d", test.name, o, q, m)
		}
		if fs.Gateway() != test.gateway {
			t.Errorf("%s: gateway %d", test.name, fs.Gateway())
		}
		if fs.Version("oai_dc") != 1 || fs.Version("nonsense") != 1 {
			t.Errorf("%s: a format without versions has one", test.name)
		}
		if formatsOf(test.rec, formats.Builtin(), 0) != pipeline.FormatsOf(test.formats...) {
			t.Errorf("%s: by the first writers for the first gateway there are others", test.name)
		}
	}
	if far := formatsOf(title, formats.Builtin(), 1<<20); far.Gateway() != 1<<20 || far.Version("mods") != 1 || far.Version("oai_qdc") != 1 {
		t.Errorf("a late gateway: %s", far)
	}
	got := map[string]int{}
	formatsOf(own, table, 0).EachVersion(func(prefix string, version int) { got[prefix] = version })
	if diff := cmp.Diff(map[string]int{"mods": 1, "oai_openaire": 2, "oai_qdc": 3}, got); diff != "" {
		t.Error(diff)
	}
}

// DataCite comes under many names: its kernels, and two envelopes with one each.
func TestFormatFor(t *testing.T) {
	for _, test := range []struct {
		prefix, namespace string
		want              bool
	}{
		{"oai_datacite", "http://schema.datacite.org/oai/oai-1.1/", true},
		{"oai_datacite", "https://schema.datacite.org/oai/oai-1.0/", true},
		{"datacite4", "http://datacite.org/schema/kernel-4", true},
		{"oai_datacite3", "http://datacite.org/schema/kernel-3", true},
		{"resource", "http://datacite.org/schema/kernel-2.2", true},
		{"oai_datacite", "", true},
		{"datacite_json", "", true}, // by its own name
		{"oai_lom", "http://ltsc.ieee.org/xsd/LOM", false},
		{"my_datacite_notes", "urn:x", false},
	} {
		f := harvest.Format{Prefix: test.prefix, Namespace: test.namespace}
		if got := HasMapping(f); got != test.want {
			t.Errorf("%s (%s) has a mapping: %v", test.prefix, test.namespace, got)
		}
	}
	if got := formatFor(harvest.Format{Prefix: "datacite_json"}); got != "" {
		t.Errorf("JSON is taken for %s", got)
	}
}
