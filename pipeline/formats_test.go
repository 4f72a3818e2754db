package pipeline

import (
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/harvest"
)

func article() *dublincore.Record {
	r := &dublincore.Record{}
	r.AddText(dublincore.Title, "Something")
	r.AddText(dublincore.Creator, "Doe, Jane")
	r.AddText(dublincore.Issued, "1957")
	r.AddText(dublincore.Type, "article")
	r.AddText(dublincore.Landing, "https://example.org/1")
	r.AddText(dublincore.AccessRights, "open access")
	return r
}

func TestFormatsOf(t *testing.T) {
	for _, test := range []struct {
		name string
		rec  *dublincore.Record
		want Formats
	}{
		{"nothing", &dublincore.Record{}, 0},
		{"an article", article(), MODS | OpenAIRE},
	} {
		got := FormatsOf(test.rec, nil, 0)
		if got != test.want {
			t.Errorf("%s: %b, want %b", test.name, got, test.want)
		}
		for _, f := range formats.All() {
			if bit := FormatNamed(f.Prefix); bit != 0 && (got&bit != 0) != f.Has(test.rec) {
				t.Errorf("%s: %s is among the formats: %v", test.name, f.Prefix, got&bit != 0)
			}
		}
	}
	if FormatNamed("oai_dc") != 0 || FormatNamed("oai_qdc") != 0 || FormatNamed("nonsense") != 0 {
		t.Error("a format that demands nothing has a bit")
	}
}

// The bits are in logs: they never change.
func TestFormatBits(t *testing.T) {
	got := map[string]Formats{}
	(MODS | EDM | OpenAIRE).Each(func(one Formats, prefix string) { got[prefix] = one })
	for prefix, bit := range map[string]Formats{"mods": 1, "edm": 2, "oai_openaire": 4} {
		if got[prefix] != bit {
			t.Errorf("%s is %d, want %d", prefix, got[prefix], bit)
		}
	}
}

// What is served of a record is in its fingerprint; when and as of when it was harvested is not.
func TestFingerprintCovers(t *testing.T) {
	change := func() *Change {
		return &Change{
			Formats: MODS, Rights: "https://a.example/", Sets: []string{"s"}, Original: []byte("<a/>"),
			Origin: Origin{BaseURL: "https://s.example/", Identifier: "1", Datestamp: "2001-01-01", Format: harvest.Format{Prefix: "p"}},
		}
	}
	was := fingerprint(change(), article(), nil)
	for name, test := range map[string]struct {
		alter func(*Change)
		moves bool
	}{
		"nothing":    {func(*Change) {}, false},
		"datestamp":  {func(c *Change) { c.Origin.Datestamp = "2002-02-02" }, false},
		"formats":    {func(c *Change) { c.Formats |= EDM }, true},
		"rights":     {func(c *Change) { c.Rights = "" }, true},
		"repository": {func(c *Change) { c.Origin.BaseURL = "https://t.example/" }, true},
		"provenance": {func(c *Change) { c.Origin.Provenance = []byte("<p/>") }, true},
		"sets":       {func(c *Change) { c.Sets = nil }, true},
	} {
		c := change()
		test.alter(c)
		if moved := fingerprint(c, article(), nil) != was; moved != test.moves {
			t.Errorf("%s: the fingerprint moved: %v, want %v", name, moved, test.moves)
		}
	}
}
