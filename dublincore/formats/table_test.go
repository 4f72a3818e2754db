package formats_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
)

// A new version stands beside the earlier ones, in the table that has it and nowhere else.
func TestVersions(t *testing.T) {
	mods, _ := formats.Named("mods")
	quiet := mods.Next([]formats.Demand{{Words: "a creator", Met: func(r *dublincore.Record) bool { return r.Has(dublincore.Creator) }}},
		func(dst []byte, _ *dublincore.Record, _ formats.Item) []byte { return append(dst, "<mods/>"...) })
	table := formats.Builtin().With(quiet)
	rec := &dublincore.Record{}
	rec.AddText(dublincore.Title, "A title")
	for version, want := range map[int]struct{ has, writes bool }{1: {true, false}, 2: {false, true}} {
		f, ok := table.At("mods", version)
		if !ok || f.Version != version || f.Namespace != mods.Namespace {
			t.Fatalf("version %d is %+v", version, f)
		}
		if f.Has(rec) != want.has || (string(f.Append(nil, rec, item)) == "<mods/>") != want.writes {
			t.Errorf("version %d has the record: %v, and writes %s", version, f.Has(rec), f.Append(nil, rec, item))
		}
	}
	if newest, _ := table.Named("mods"); newest.Version != 2 || !slices.Equal(newest.Missing(rec), []string{"a creator"}) {
		t.Errorf("the newest is %d and lacks %v", newest.Version, newest.Missing(rec))
	}
	if f, _ := formats.Named("mods"); f.Version != 1 {
		t.Error("the program's own table has changed")
	}
	for _, none := range []struct {
		prefix  string
		version int
	}{{"mods", 0}, {"mods", 3}, {"edm", 2}, {"marc21", 1}} {
		if _, ok := table.At(none.prefix, none.version); ok {
			t.Errorf("there is version %d of %s", none.version, none.prefix)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("the same version was added twice")
		}
	}()
	table.With(quiet)
}

// NamesGateway is true of the records alone that are written otherwise by another gateway.
func TestNamesGateway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := records().Draw(t, "record")
		for _, f := range formats.All() {
			a := string(f.Append(nil, r, formats.Item{Identifier: "oai:a:1", Page: "https://a.example.org/1", Provider: "A"}))
			b := string(f.Append(nil, r, formats.Item{Identifier: "oai:a:1", Page: "https://b.example.org/1", Provider: "B"}))
			if f.NamesGateway(r) != (a != b) {
				t.Fatalf("%s says %v of\n%s\n%s", f.Prefix, f.NamesGateway(r), a, b)
			}
		}
	})
}
