package crosswalk

import (
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// An original that holds several records, as some repositories give, says so: the others are nowhere else.
func TestOtherRecords(t *testing.T) {
	const warns = "the original holds 3 records, and the first alone is mapped"
	mods := "<mods><titleInfo><title>T</title></titleInfo></mods>"
	record := `<record><leader>00000nam a2200000 a 4500</leader><datafield tag="245"><subfield code="a">T</subfield></datafield></record>`
	for name, test := range map[string]struct {
		mapping, original string
		warned            bool
	}{
		"MODS collection":   {"mods", "<modsCollection>" + strings.Repeat(mods, 3) + "</modsCollection>", true},
		"one MODS":          {"mods", "<modsCollection>" + mods + "</modsCollection>", false},
		"MODS alone":        {"mods", mods, false},
		"MARC collection":   {"marc21", "<collection>" + strings.Repeat(record, 3) + "</collection>", true},
		"one MARC":          {"marc21", "<collection>" + record + "</collection>", false},
		"MARC alone":        {"marc21", record, false},
		"MODS with related": {"mods", "<mods><titleInfo><title>T</title></titleInfo><relatedItem><mods/></relatedItem></mods>", false},
	} {
		m, err := Builtin(test.mapping)
		if err != nil {
			t.Fatal(err)
		}
		res, err := m.Apply(Input{Original: []byte(test.original)})
		if err != nil {
			t.Fatal(name, err)
		}
		warned := false
		for _, n := range res.Notes {
			warned = warned || n.Kind == dublincore.Warning && n.Text == warns
		}
		if warned != test.warned || res.Record.Text(dublincore.Title) != "T" {
			t.Errorf("%s: warned %v: %+v", name, warned, res.Record)
		}
	}
}
