package files

import (
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
)

// TestSalvage: the identifier of a broken record is made out where there is no doubt of it.
func TestSalvage(t *testing.T) {
	rec := marc.Record{Leader: "00000nam a2200000 a 4500", Fields: []marc.Field{{Tag: "001", Data: "17"}, {Tag: "003", Data: "Lib"}, {Tag: "008", Data: "x"}}}
	good, err := rec.AppendISO2709(nil)
	if err != nil {
		t.Fatal(err)
	}
	iso := string(good)
	number, both := keyOf{tag: "001"}, keyOf{tag: "001", with003: true}
	for what, c := range map[string]struct {
		key        keyOf
		data, want string
	}{
		"the number":           {number, iso, "17"},
		"and the organization": {both, iso, "(Lib)17"},
		"cut short behind":     {both, iso[:strings.LastIndex(iso, "x")], "(Lib)17"},
		"cut short before":     {number, iso[:strings.Index(iso, "17\x1e")+1], ""},
		"another place":        {number, strings.Replace(iso, "001000300000", "001000300003", 1), ""},
		"another length":       {number, strings.Replace(iso, "17\x1e", "1\x1e7\x1e", 1), ""},
		"another key":          {keyOf{tag: "999", code: 'c'}, iso, ""},
		"XML":                  {both, `<record><controlfield tag="001"> 17 </controlfield><controlfield tag='003'>Lib</controlfield><datafield`, "(Lib)17"},
		"XML with a reference": {number, `<record><controlfield tag="001">1&#31;7</controlfield>`, ""},
		"nothing":              {both, "", ""},
	} {
		if got := c.key.salvage([]byte(c.data)); got != c.want {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
	}
}
