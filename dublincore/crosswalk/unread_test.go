package crosswalk

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUnread: what no rule looks at is named once, with how often it is there; what a rule has looked at, or holds what
// one looked at, is not named.
func TestUnread(t *testing.T) {
	for name, c := range map[string]struct {
		rules, original string
		want            []Unread
	}{
		"XML": {"format xml\ntitle from t\ncreator from who/name\ndate from when where @kind = \"made\"\n",
			`<r><t>One <i>word</i></t><who><name>A</name><role>x</role></who><who><name>B</name><role>y</role></who><when kind="other">1950</when><where> </where><note>n<b>o</b></note></r>`,
			[]Unread{{"who/role", 2, "x"}, {"note", 1, "no"}}},
		"MARC": {"format marc21\ntitle from 245$a\n",
			`<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader><controlfield tag="001">1</controlfield>` +
				`<datafield tag="245" ind1=" " ind2=" "><subfield code="a">T</subfield></datafield>` +
				`<datafield tag="591" ind1=" " ind2=" "><subfield code="a">x</subfield><subfield code="b">y</subfield></datafield>` +
				`<datafield tag="591" ind1=" " ind2=" "><subfield code="a">z</subfield></datafield></record>`,
			[]Unread{{"591", 2, "$ax$by"}}},
		"all": {"format xml\ntitle from .\n", `<r><t>One</t></r>`, nil},
	} {
		m, err := Compile("test.map", []byte(c.rules))
		if err != nil {
			t.Fatal(name, err)
		}
		res, err := m.Explain(Input{Original: []byte(c.original)})
		if err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff(c.want, res.Unread); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
		if res, err = m.Apply(Input{Original: []byte(c.original)}); err != nil || res.Unread != nil {
			t.Errorf("%s: a harvest pays for it: %v, %v", name, res, err)
		}
	}
}
