package crosswalk

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
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

func readMARC(t *testing.T, data []byte) *marcRecord {
	t.Helper()
	m, err := tryMARC(data)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func tryMARC(data []byte) (*marcRecord, error) {
	m := &marcRecord{scanner: xmlscan.New(nil, xmlscan.Limits{Depth: 32})}
	return m, m.read(data)
}

// lines writes a record as readLines reads it.
func (m *marcRecord) lines() string {
	var b strings.Builder
	fmt.Fprintf(&b, "=LDR  %s\n", m.leader)
	for _, f := range m.fields {
		if f.control {
			fmt.Fprintf(&b, "=%s  %s\n", f.tag, f.data)
			continue
		}
		fmt.Fprintf(&b, "=%s  %c%c", f.tag, f.ind1, f.ind2)
		for _, s := range f.subs {
			fmt.Fprintf(&b, "$%c%s", s.code, s.text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestMARC8(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain":                 {"Moby Dick", "Moby Dick"},
		"diacritic first":       {"Frash\xe8eri", "Frashëri"},
		"two diacritics":        {"Vi\xe3\xf2et", "Vi\u1ec7t"},
		"letters":               {"\xa1odz, \xb2re, stra\xc7e, 5 \xc8", "Łodz, øre, straße, 5 €"},
		"ligature":              {"\xebi\xeca", "i\u0361a"},
		"double tilde":          {"\xfan\xfbg", "n\u0360g"},
		"Cyrillic":              {"\x1b(NtIRANA\x1b(B!", "Тирана!"},
		"Cyrillic above":        {"\x1b)N\xf4\xc9\xd2 a", "Тир a"},
		"Hebrew":                {"\x1b(2`a\x1b(B", "אב"},
		"Greek symbols":         {"\x1bga\x1bs-decay", "α-decay"},
		"subscript":             {"H\x1bb2\x1bsO", "H₂O"},
		"superscript":           {"m\x1bp23\x1bs", "m²³"},
		"sorting marks":         {"\x88The \x89forest", "The forest"},
		"diacritic at the end":  {"a\xe8", "a \u0308"},
		"Hebrew points":         {"\x1b(2A`b\x1b(B", "\u05d0\u05b8\u05d2"},
		"Ukrainian":             {"\x1b(N\x1b)QkI\xc7\x1b(B", "Киї"},
		"Arabic":                {"\x1b(3cJGH\x1b(B", "كتاب"},
		"Greek":                 {"\x1b(SAk\"jpa\x1b(B", "Αθήνα"},
		"East Asian":            {"\x1b$1!0!!0\"\x1b(B!", "一丁!"},
		"East Asian in G0":      {"\x1b$,1!0! !0\"\x1b(Ba", "一 丁a"},
		"East Asian above":      {"\x1b$)1\xa1\xb0\xa1a", "一a"},
		"East Asian blank":      {"\x1b$1!0!!# !0\"", "一\u3000丁"},
		"East Asian hole":       {"\x1b$1!0!!*F!0\"", "一\ufffd丁"},
		"East Asian cut":        {"\x1b$1!0!!0 !0!", "\ufffd 一"},
		"East Asian cut at end": {"x\x1b$1!0!!", "x\ufffd"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := appendMARC8(nil, []byte(c.in))
			if err != nil || string(got) != c.want {
				t.Errorf("%q, %v, want %q", got, err, c.want)
			}
		})
	}
	for name, c := range map[string]struct{ in, want string }{
		"set":       {"\x1b(Za", `set "Z"`},
		"wide set":  {"\x1b$2a", `set "2" of several bytes`},
		"unknown":   {"\x1bZ", "escape sequence"},
		"cut":       {"a\x1b", "ends within"},
		"cut later": {"a\x1b$", "ends within"},
		"no letter": {"\xff", "0xff"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := appendMARC8(nil, []byte(c.in)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that names %s", err, c.want)
			}
		})
	}
}

// TestMARC8Tables holds the tables to what is true of any character set.
func TestMARC8Tables(t *testing.T) {
	blocks := map[byte]*unicode.RangeTable{'N': unicode.Cyrillic, 'Q': unicode.Cyrillic, '2': unicode.Hebrew, '3': unicode.Arabic, '4': unicode.Arabic, 'S': unicode.Greek}
	for name, set := range marc8Sets {
		seen := map[rune]bool{}
		inBlock := 0
		for code, r := range set {
			if r == 0 {
				continue
			}
			if code <= ' ' || code >= 0x7F || seen[r] || !unicode.IsGraphic(r) {
				t.Errorf("set %q: %#x is %U", name, code, r)
			}
			seen[r] = true
			if blocks[name] != nil && unicode.Is(blocks[name], r) {
				inBlock++
			}
		}
		if len(seen) < 42 || blocks[name] != nil && inBlock < 30 {
			t.Errorf("set %q has %d characters, %d of its script", name, len(seen), inBlock)
		}
	}
	n, scripts := 0, map[string]int{}
	for pair, row := range eaccRows() {
		if pair[0] <= ' ' || pair[0] >= 0x7F || pair[1] <= ' ' || pair[1] >= 0x7F {
			t.Errorf("a row % x", pair)
		}
		for _, r := range row {
			if r == 0 {
				continue
			}
			n++
			for name, table := range map[string]*unicode.RangeTable{"Han": unicode.Han, "Hangul": unicode.Hangul, "Hiragana": unicode.Hiragana, "Katakana": unicode.Katakana} {
				if unicode.Is(table, r) {
					scripts[name]++
				}
			}
			if unicode.Is(unicode.Co, r) || !unicode.IsGraphic(r) && r != 0x3000 || r == 0x3013 {
				t.Errorf("%U in row % x", r, pair)
			}
		}
	}
	// All of the Library of Congress's 15,739 codes but those without an equivalent, and the blank.
	if want := map[string]int{"Han": 13480, "Hangul": 2002, "Hiragana": 83, "Katakana": 86}; n != 15_676 || !maps.Equal(scripts, want) {
		t.Errorf("%d East Asian characters: %v, want %v", n, scripts, want)
	}
}

// TestLostCharacters: what could not be read is said.
func TestLostCharacters(t *testing.T) {
	m, err := Builtin("marc21")
	if err != nil {
		t.Fatal(err)
	}
	res, err := m.Apply(Input{Original: iso2709("00000nam  2200000   4500", "245", "10\x1faForests \x1b$1!0!!*F\x1b(B")})
	if err != nil {
		t.Fatal(err)
	}
	note := dublincore.Note{Kind: dublincore.CharactersLost, Text: "245$a Forests 一\ufffd"}
	if got := textsOf(res.Record, dublincore.Title); !slices.Equal(got, []string{"Forests 一\ufffd"}) || !slices.Contains(res.Notes, note) {
		t.Errorf("titles %q, notes %v", got, res.Notes)
	}
}

func TestISO2709(t *testing.T) {
	const leader8, leaderU = "00000nam  2200000   4500", "00000nam a2200000   4500"
	good := iso2709(leaderU, "001", "42", "245", "10\x1faTitel:\x1fbÜber")
	if got, want := readMARC(t, good).lines(), "=LDR  00071nam a2200049   4500\n=001  42\n=245  10$aTitel:$bÜber\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	// Where the directory's lengths are wrong, its tags are given to the fields in order.
	wrong := []byte(strings.Replace(string(good), "2450018", "2450017", 1))
	if string(wrong) == string(good) {
		t.Fatal("the record has another directory than thought")
	}
	if got, want := readMARC(t, wrong).lines(), readMARC(t, good).lines(); got != want {
		t.Errorf("with a wrong directory: %q, want %q", got, want)
	}
	// UTF-8 is known by its looks, whatever the leader says; what is not UTF-8 is MARC-8 only if the leader does not deny it.
	mislabelled := iso2709(leader8, "245", "10\x1faÜber")
	if got := readMARC(t, mislabelled).fields[0].subs[0].text; got != "Über" {
		t.Errorf("mislabelled: %q", got)
	}
	if got := readMARC(t, iso2709(leader8, "245", "10\x1fa\xe8Uber")).fields[0].subs[0].text; got != "Über" {
		t.Errorf("MARC-8: %q", got)
	}
	// An escape in Unicode is a stray sign; in ASCII it begins MARC-8.
	if got := readMARC(t, iso2709(leaderU, "245", "10\x1faÜber\x1bZ")).fields[0].subs[0].text; got != "Über\x1bZ" {
		t.Errorf("an escape in Unicode: %q", got)
	}
	if got := readMARC(t, iso2709(leaderU, "245", "10\x1fa\x1b$1!0!\x1b(B")).fields[0].subs[0].text; got != "一" {
		t.Errorf("an escape in ASCII: %q", got)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"not UTF-8":   {iso2709(leaderU, "245", "10\x1fa\xe8Uber"), "not UTF-8"},
		"cut":         {good[:len(good)-1], "cut short"},
		"two records": {append(append([]byte{}, good...), good...), "follows the end"},
		"directory":   {[]byte(strings.Replace(string(good), "001", "0010", 1)), "directory"},
		"too few":     {[]byte(strings.Replace(string(wrong), "\x1e42\x1e", "\x1e42", 1)), "names 2 fields"},
		"tag":         {iso2709(leaderU, "2\x015", "10\x1fax"), "no tag"},
		"no fields":   {iso2709(leaderU), "no fields"},
		"set":         {iso2709(leader8, "245", "10\x1fa\x1b(Z!0!\x1b(B\xe8"), "field 245"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tryMARC(c.data)
			if !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
		})
	}
}

func TestMARCXML(t *testing.T) {
	want := "=LDR  00000nam a22\n=001  42\n=245  10$aOne & two$b \n"
	for name, doc := range map[string]string{
		"plain":        `<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a22</leader><controlfield tag="001">42</controlfield><datafield tag="245" ind1="1" ind2="0"><subfield code="a">One &amp; two</subfield><subfield code="b"> </subfield></datafield></record>`,
		"collection":   `<m:collection xmlns:m="http://www.loc.gov/MARC21/slim"><m:record><m:leader>00000nam a22</m:leader><m:controlfield tag="001">42</m:controlfield><m:datafield tag="245" ind1="1" ind2="0"><m:subfield code="a">One &amp; two</m:subfield><m:subfield code="b"> </m:subfield></m:datafield></m:record><m:record/></m:collection>`,
		"no namespace": `<?xml version="1.0"?><record><leader>00000nam a22</leader><controlfield tag="001">42</controlfield><datafield ind2="0" ind1="1" tag="245"><subfield code="a">One <![CDATA[& two]]></subfield><subfield>lost</subfield><subfield code="b"> </subfield></datafield><datafield ind1=" " ind2=" "><subfield code="a">lost</subfield></datafield></record>`,
	} {
		t.Run(name, func(t *testing.T) {
			if got := readMARC(t, []byte(doc)).lines(); got != want {
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
			if _, err := tryMARC([]byte(doc)); !errors.Is(err, ErrMalformed) {
				t.Errorf("error %v, want ErrMalformed", err)
			}
		})
	}
}

// TestMARCForms: the three forms of a record are read alike.
func TestMARCForms(t *testing.T) {
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
		a, err1 := tryMARC([]byte(lines.String()))
		b, err2 := tryMARC([]byte(xml.String()))
		c, err3 := tryMARC(iso2709("00000nam a2200000   4500", iso...))
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatalf("%v, %v, %v", err1, err2, err3)
		}
		c.leader = a.leader
		if a.lines() != b.lines() || a.lines() != c.lines() {
			t.Fatalf("lines:\n%s\nXML:\n%s\nISO 2709:\n%s", a.lines(), b.lines(), c.lines())
		}
	})
}
