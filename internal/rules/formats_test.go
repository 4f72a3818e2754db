package rules

import (
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
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
		want pipeline.Formats
	}{
		{"nothing", &dublincore.Record{}, pipeline.Formats{}},
		{"an article", article(), pipeline.FormatsOf("mods", "oai_openaire")},
	} {
		got := formatsOf(test.rec, formats.Builtin(), 0)
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
		for _, f := range formats.All() {
			if got.Has(f.Prefix) != (f.Demanding() && f.Has(test.rec)) {
				t.Errorf("%s: %s is among the formats: %v", test.name, f.Prefix, got.Has(f.Prefix))
			}
		}
	}
}

// What is served of a record is in its fingerprint; when and as of when it was harvested is not.
func TestFingerprintCovers(t *testing.T) {
	type change struct {
		pipeline.Mapped
		from     pipeline.Origin
		original string
	}
	fresh := func() *change {
		return &change{
			Mapped: pipeline.Mapped{Formats: pipeline.FormatsOf("mods"), Rights: "https://a.example/", Sets: []string{"s"}}, original: "<a/>",
			from: pipeline.Origin{BaseURL: "https://s.example/", Identifier: "1", Datestamp: "2001-01-01", Format: harvest.Format{Prefix: "p"}},
		}
	}
	of := func(c *change) pipeline.Hash {
		return fingerprint(&c.Mapped, &c.from, article(), []byte(c.original), nil)
	}
	was := of(fresh())
	for name, test := range map[string]struct {
		alter func(*change)
		moves bool
	}{
		"nothing":     {func(*change) {}, false},
		"datestamp":   {func(c *change) { c.from.Datestamp = "2002-02-02" }, false},
		"formats":     {func(c *change) { c.Formats = c.Formats.With("edm", 1) }, true},
		"rights":      {func(c *change) { c.Rights = "" }, true},
		"repository":  {func(c *change) { c.from.BaseURL = "https://t.example/" }, true},
		"provenance":  {func(c *change) { c.from.Provenance = []byte("<p/>") }, true},
		"sets":        {func(c *change) { c.Sets = nil }, true},
		"original":    {func(c *change) { c.original = "<b/>" }, true},
		"white space": {func(c *change) { c.original = " <a />" }, false},
	} {
		c := fresh()
		test.alter(c)
		if moved := of(c) != was; moved != test.moves {
			t.Errorf("%s: the fingerprint moved: %v, want %v", name, moved, test.moves)
		}
	}
}
