package rules

import (
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
)

func TestLegible(t *testing.T) {
	rec, err := marc.Parse([]byte(`<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader><controlfield tag="001">7</controlfield><datafield tag="245" ind1="1" ind2="0"><subfield code="a">Pride /</subfield><subfield code="c">Jane Austen.</subfield></datafield></record>`))
	if err != nil {
		t.Fatal(err)
	}
	iso, err := rec.AppendISO2709(nil)
	if err != nil {
		t.Fatal(err)
	}
	for original, want := range map[string]string{
		`{"a":1,"b":[2]}`:   "{\n  \"a\": 1,\n  \"b\": [\n    2\n  ]\n}",
		`{"a":`:             `{"a":`,
		`<a><b>1</b></a>`:   "<a>\n<b>1</b>\n</a>",
		"<a>\n<b>1</b></a>": "<a>\n<b>1</b></a>",
		"plain >< text":     "plain >< text",
		"no\x1eMARC":        "no\x1eMARC",
		"":                  "",
	} {
		if got := (&Explained{Original: original}).Legible(); strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("%q becomes %q, want %q", original, got, want)
		}
	}
	if got := (&Explained{Original: string(iso)}).Legible(); !strings.Contains(got, "\n=245  10$aPride /$cJane Austen.\n") {
		t.Errorf("MARC is shown as %q", got)
	}
}
