package crosswalk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// TestUnread: what no rule looks at is named once, with how often it is there. What a rule has looked at, in its selectors, its
// conditions, its templates or an else line that was not needed, is not named; of what a template or a name takes parts of,
// the other parts are. A harvest notes the same names.
func TestUnread(t *testing.T) {
	const marc = `<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader><controlfield tag="001">1</controlfield>` +
		`<datafield tag="245" ind1="1" ind2="0"><subfield code="a">T</subfield><subfield code="c">by A</subfield></datafield>` +
		`<datafield tag="264" ind1=" " ind2="1"><subfield code="c">1957</subfield></datafield>` +
		`<datafield tag="264" ind1=" " ind2="4"><subfield code="c">1956</subfield></datafield>` +
		`<datafield tag="591" ind1=" " ind2=" "><subfield code="a">x</subfield><subfield code="b">y</subfield></datafield>` +
		`<datafield tag="591" ind1=" " ind2=" "><subfield code="a">z</subfield><subfield code="0">1</subfield></datafield>` +
		`<datafield tag="700" ind1=" " ind2=" "><subfield code="a">N</subfield><subfield code="4">aut</subfield><subfield code="d">1911</subfield></datafield></record>`
	const json = `{"title":"T","none":null,"no":false,"empty":[{}],"people":[{"name":"A","mail":"a@example.org"},{"family":"B","role":{"id":"x"}}],"more":{"a":[1,{"b":"y"}]},"links":{"self":"s","html":"h"}}`
	for name, c := range map[string]struct {
		rules, original string
		want            []Unread
		note            string
	}{
		"XML": {"format xml\ntitle from t\ncreator from who/name\ndate from when where @kind = \"made\"\n",
			`<r><t>One <i>word</i></t><who><name>A</name><role>x</role></who><who><name>B</name><role>y</role></who><when kind="other">1950</when><where> </where><note>n<b>o</b></note></r>`,
			[]Unread{{"who/role", 2, "x"}, {"note", 1, "no"}}, "who/role, note"},
		"XML, a condition that excludes": {"format xml\ntitle from t[@k=\"1\"]\n", `<r><t k="1">One</t><t k="2">Two</t></r>`, []Unread{{"t", 1, "Two"}}, "t"},
		"XML, else": {"format xml\ntitle from t\n  else from head/s\ndate each e from a\n  else from . where b\n", `<r><t>One</t><head><s>x</s></head><s>y</s><e><a>1957</a><b>z</b></e></r>`,
			[]Unread{{"s", 1, "y"}}, "s"},
		"XML, a template": {"format xml\ntitle from host where t | text \"{t}[: {sub}]\"\n", `<r><host><t>One</t><part><no>3</no></part></host></r>`, []Unread{{"host/part/no", 1, "3"}}, "host/part/no"},
		"XML, a name":     {"format xml\ncreator from who | name\n", `<r><who><namePart>A</namePart><affiliation>U</affiliation></who><who>B</who></r>`, []Unread{{"who/affiliation", 1, "U"}}, "who/affiliation"},
		"XML, on purpose": {"format xml\ntitle from t\nignore info note[@type=\"own\"]\n", `<r><t>One</t><info><id>1</id></info><note type="own">x</note><note>y</note></r>`, []Unread{{"note", 1, "y"}}, "note"},
		"XML, on purpose, anywhere": {"format xml\ntitle from t\nignore a//b/d a/b[@x or c=\"1\"] e/* f[2]\n",
			`<r><t>One</t><a><q><b><d>1</d><n>2</n></b></q><b><c>1</c><n>3</n></b><b><c>2</c><n>4</n></b></a><b><d>5</d></b><x><a><b><d>6</d></b></a></x><e><d>7</d></e><f>8</f><f>9</f></r>`,
			[]Unread{{"a/q/b/n", 1, "2"}, {"a/b/n", 1, "4"}, {"b/d", 1, "5"}, {"x/a/b/d", 1, "6"}, {"f", 1, "8"}}, "a/q/b/n, a/b/n, b/d, x/a/b/d, f"},
		"XML, all": {"format xml\ntitle from .\n", `<r><t>One</t></r>`, nil, ""},
		"MARC": {"format marc21\ntitle from 245$a\ncreator from 700$a where $4 in (aut)\ndate from 264.1$c\n", marc,
			[]Unread{{"245$c", 1, "$cby A"}, {"264", 1, "$c1956"}, {"591", 2, "$ax$by"}, {"700$d", 1, "$d1911"}}, "245$c, 264, 591, 700$d"},
		"MARC, on purpose": {"format marc21\ntitle from 245 | text \"{$a}\"\ndate from 264$c\nignore 59. 7..$d\n", marc,
			[]Unread{{"245$c", 1, "$cby A"}, {"700$a", 1, "$aN"}}, "245$c, 700$a"},
		"JSON": {"format json\ntitle from title\ncreator each people from name\n  else from . | text \"{family}\"\nlanding from links.html\n", json,
			[]Unread{{"links.self", 1, "s"}, {"more", 1, "1"}, {"people.mail", 1, "a@example.org"}, {"people.role", 1, "x"}}, "links.self, more, people.mail, people.role"},
		"JSON, any name":         {"format json\ntitle from title\nsubject from more.*.b\ncreator from people\nignore links.*\n", json, []Unread{{"more.a", 1, "1"}}, "more.a"},
		"JSON, any name and one": {"format json\ntitle from title\ncreator from people.name\nignore *.role *.more\n", json, []Unread{{"links", 1, "h"}, {"more", 1, "1"}, {"people.mail", 1, "a@example.org"}, {"people.family", 1, "B"}}, "links, more, people.mail, people.family"},
		"JSON-LD":                {"format schemaorg\ntitle from name\n", `{"@context":"https://schema.org","@type":"Book","@id":"#x","name":"N","award":"A"}`, []Unread{{"award", 1, "A"}}, "award"},
		"CSV":                    {"format csv\ntitle from Title\ndate from year where place = \"1\"\n", "title,Year,Place,\"c, d\",none\nT,1957,1,x, \n", []Unread{{"c, d", 1, "x"}}, `"c, d"`},
		"Dublin Core": {"format oai_dc\ntitle from title\nignore rights\n", `<dc xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>T</dc:title><dc:subject>s</dc:subject><dc:rights>r</dc:rights></dc>`,
			[]Unread{{"subject", 1, "s"}}, "subject"},
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
		for range 2 { // the memory of a run is used again
			if res, err = m.Apply(Input{Original: []byte(c.original)}); err != nil || res.Unread != nil {
				t.Errorf("%s: a harvest pays for texts: %v, %v", name, res, err)
			}
			note := ""
			for _, n := range res.Notes {
				if n.Kind == dublincore.NotMapped {
					note += n.Text
				}
			}
			if note != c.note {
				t.Errorf("%s: noted %q, want %q", name, note, c.note)
			}
		}
	}
}

// TestUnreadIsBounded: an original with any number of fields, of any length, makes one note of a bounded length.
func TestUnreadIsBounded(t *testing.T) {
	m := compile(t, "format json\ntitle from title\n")
	var b strings.Builder
	b.WriteString(`{"title":"T"`)
	for i := range 5000 {
		fmt.Fprintf(&b, `,"%05d%s":"x"`, i, strings.Repeat("y", i%400))
	}
	b.WriteString("}")
	res, err := m.Apply(Input{Original: []byte(b.String())})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Notes) != 1 || len(res.Notes[0].Text) > 800 || !strings.HasSuffix(res.Notes[0].Text, " more") {
		t.Errorf("%d notes: %+v", len(res.Notes), res.Notes)
	}
	names := dublincore.NotMappedNames(res.Notes[0].Text)
	if len(names) < 2 || names[0] != "00000" || strings.HasPrefix(names[len(names)-1], "and ") {
		t.Errorf("names %q", names)
	}
}
