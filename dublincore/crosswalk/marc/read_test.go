package marc_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
)

// iso2709 builds a record in exchange format: tags and fields by turns, with a true directory.
func iso2709(leader string, tagsAndFields ...string) []byte {
	var directory, body strings.Builder
	for i := 0; i < len(tagsAndFields); i += 2 {
		field := tagsAndFields[i+1] + "\x1e"
		fmt.Fprintf(&directory, "%s%04d%05d", tagsAndFields[i], len(field), body.Len())
		body.WriteString(field)
	}
	base := 24 + directory.Len() + 1
	whole := leader[5:12] + fmt.Sprintf("%05d", base) + leader[17:] + directory.String() + "\x1e" + body.String() + "\x1d"
	return []byte(fmt.Sprintf("%05d", len(whole)+5) + whole)
}

func read(t *testing.T, data []byte) *marc.Record {
	t.Helper()
	rec, err := marc.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func TestISO2709(t *testing.T) {
	const leader8, leaderU = "00000nam  2200000   4500", "00000nam a2200000   4500"
	good := iso2709(leaderU, "001", "42", "245", "10\x1faTitel:\x1fbÜber")
	if got, want := read(t, good).String(), "=LDR  00071nam\\a2200049\\\\\\4500\n=001  42\n=245  10$aTitel:$bÜber\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	// Where the directory's lengths are wrong, its tags are given to the fields in order.
	wrong := []byte(strings.Replace(string(good), "2450018", "2450017", 1))
	if string(wrong) == string(good) {
		t.Fatal("the record has another directory than thought")
	}
	if got, want := read(t, wrong).String(), read(t, good).String(); got != want {
		t.Errorf("with a wrong directory: %q, want %q", got, want)
	}
	// UTF-8 is known by its looks, whatever the leader says; what is not UTF-8 is MARC-8 only if the leader does not deny it.
	mislabelled := iso2709(leader8, "245", "10\x1faÜber")
	if got := read(t, mislabelled).Fields[0].Subfields[0].Text; got != "Über" {
		t.Errorf("mislabelled: %q", got)
	}
	if got := read(t, iso2709(leader8, "245", "10\x1fa\xe8Uber")).Fields[0].Subfields[0].Text; got != "Über" {
		t.Errorf("MARC-8: %q", got)
	}
	// An escape in Unicode is a stray sign; in ASCII it begins MARC-8.
	if got := read(t, iso2709(leaderU, "245", "10\x1faÜber\x1bZ")).Fields[0].Subfields[0].Text; got != "Über\x1bZ" {
		t.Errorf("an escape in Unicode: %q", got)
	}
	if got := read(t, iso2709(leaderU, "245", "10\x1fa\x1b$1!0!\x1b(B")).Fields[0].Subfields[0].Text; got != "一" {
		t.Errorf("an escape in ASCII: %q", got)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"not UTF-8":   {iso2709(leaderU, "245", "10\x1fa\xe8Uber"), "another encoding than UTF-8"},
		"cut":         {good[:len(good)-1], "cut short"},
		"two records": {append(append([]byte{}, good...), good...), "follows the end"},
		"directory":   {[]byte(strings.Replace(string(good), "001", "0010", 1)), "directory"},
		"too few":     {[]byte(strings.Replace(string(wrong), "\x1e42\x1e", "\x1e42", 1)), "names 2 fields"},
		"tag":         {iso2709(leaderU, "2\x015", "10\x1fax"), "no tag"},
		"no code":     {iso2709(leaderU, "245", "10\x1fÜber"), "without a code"},
		"no fields":   {iso2709(leaderU), "no fields"},
		"set":         {iso2709(leader8, "245", "10\x1fa\x1b(Z!0!\x1b(B\xe8"), "field 245"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := marc.Parse(c.data)
			if !errors.Is(err, marc.ErrMalformed) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
		})
	}
}

func TestMARCXML(t *testing.T) {
	want := "=LDR  00000nam\\a22\n=001  42\n=245  10$aOne & two$b \n"
	for name, doc := range map[string]string{
		"plain":        `<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a22</leader><controlfield tag="001">42</controlfield><datafield tag="245" ind1="1" ind2="0"><subfield code="a">One &amp; two</subfield><subfield code="b"> </subfield></datafield></record>`,
		"collection":   `<m:collection xmlns:m="http://www.loc.gov/MARC21/slim"><m:record><m:leader>00000nam a22</m:leader><m:controlfield tag="001">42</m:controlfield><m:datafield tag="245" ind1="1" ind2="0"><m:subfield code="a">One &amp; two</m:subfield><m:subfield code="b"> </m:subfield></m:datafield></m:record><m:record/></m:collection>`,
		"no namespace": `<?xml version="1.0"?><record><leader>00000nam a22</leader><controlfield tag="001">42</controlfield><datafield ind2="0" ind1="1" tag="245"><subfield code="a">One <![CDATA[& two]]></subfield><subfield>lost</subfield><subfield code="b"> </subfield></datafield><datafield ind1=" " ind2=" "><subfield code="a">lost</subfield></datafield></record>`,
	} {
		t.Run(name, func(t *testing.T) {
			if got := read(t, []byte(doc)).String(); got != want {
				t.Error(cmp.Diff(want, got))
			}
		})
	}
	for name, doc := range map[string]string{
		"no record": `<collection/>`,
		"cut":       `<record><leader>x</leader>`,
		"cut after": `<c><record><controlfield tag="001">1</controlfield></record>`,
		"control":   `<record><controlfield tag="001">&#31;</controlfield></record>`,
		"empty":     `<record/>`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := marc.Parse([]byte(doc)); !errors.Is(err, marc.ErrMalformed) {
				t.Errorf("error %v, want ErrMalformed", err)
			}
		})
	}
}

// TestForms: the three forms of a record are read alike.
func TestForms(t *testing.T) {
	text := rapid.StringMatching(`[A-Za-zäöüß,. ]{1,12}`)
	rapid.Check(t, func(t *rapid.T) {
		var lines, xml strings.Builder
		var iso []string
		lines.WriteString("=LDR  00000nam a22\n")
		xml.WriteString("<record><leader>00000nam a22</leader>")
		for range rapid.IntRange(1, 8).Draw(t, "fields") {
			tag := rapid.StringMatching(`[1-9][0-9]{2}`).Draw(t, "tag")
			ind := rapid.StringMatching(`[0-9 ]{2}`).Draw(t, "indicators")
			fmt.Fprintf(&lines, "=%s  %s", tag, ind)
			fmt.Fprintf(&xml, `<datafield tag="%s" ind1="%s" ind2="%s">`, tag, ind[:1], ind[1:])
			field := ind
			for range rapid.IntRange(1, 4).Draw(t, "subfields") {
				code, s := rapid.StringMatching(`[a-z]`).Draw(t, "code"), text.Draw(t, "text")
				fmt.Fprintf(&lines, "$%s%s", code, s)
				fmt.Fprintf(&xml, `<subfield code="%s">%s</subfield>`, code, s)
				field += "\x1f" + code + s
			}
			lines.WriteString("\n")
			xml.WriteString("</datafield>")
			iso = append(iso, tag, field)
		}
		xml.WriteString("</record>")
		a, err1 := marc.Parse([]byte(lines.String()))
		b, err2 := marc.Parse([]byte(xml.String()))
		c, err3 := marc.Parse(iso2709("00000nam a2200000   4500", iso...))
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatalf("%v, %v, %v", err1, err2, err3)
		}
		c.Leader = a.Leader
		if a.String() != b.String() || a.String() != c.String() {
			t.Fatalf("lines:\n%s\nXML:\n%s\nISO 2709:\n%s", a.String(), b.String(), c.String())
		}
	})
}
