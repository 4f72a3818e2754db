package store

import (
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// testWriters are those of the tests: mods has two versions.
var testWriters = Writers{
	Reserved: func(prefix string) bool { return prefix == "mods" || prefix == "edm" || prefix == "oai_dc" },
	Known:    func(prefix string, version int) bool { return version == 1 || prefix == "mods" && version == 2 },
}

// What a source calls its formats is a free word; what they are served as is not.
func TestNativePrefixes(t *testing.T) {
	lists := NewLists(nil, nil, testWriters)
	var have []List
	const ns, schema = "http://www.loc.gov/mods/v3", "https://a.example/mods.xsd"
	steps := []struct {
		given harvest.Format
		want  string
	}{
		{harvest.Format{Prefix: "mods", Namespace: ns, Schema: schema}, "mods_2"},
		{harvest.Format{Prefix: "mods", Namespace: ns, Schema: schema + "?"}, "mods_3"},
		{harvest.Format{Prefix: "mods", Namespace: ns, Schema: schema}, "mods_2"},
		{harvest.Format{Prefix: "mods_2", Namespace: ns, Schema: "https://b.example/"}, "mods_2_2"},
		{harvest.Format{Prefix: "marc", Namespace: ns, Schema: schema}, "marc"},
		{harvest.Format{Prefix: "a b<é", Namespace: ns, Schema: "no URL <"}, "a_b___"},
		{harvest.Format{Prefix: "listing"}, ""},
		{harvest.Format{Prefix: "dc", Namespace: oaiDCNamespace}, ""},
		{harvest.Format{Prefix: "x", Namespace: "no URL"}, ""},
		{harvest.Format{Namespace: ns}, ""},
	}
	for _, again := range []bool{false, true} {
		for _, step := range steps {
			key := lists.native(step.given)
			made, _ := lists.TakeNew()
			have = append(have, made...)
			got := ""
			for _, l := range have {
				if l.Key == key && l.Kind == NativeList {
					got = l.Name
				}
			}
			if got != step.want {
				t.Errorf("again %v: %+v is served as %q, want %q", again, step.given, got, step.want)
			}
		}
		lists = NewLists(have, nil, testWriters)
	}
}
