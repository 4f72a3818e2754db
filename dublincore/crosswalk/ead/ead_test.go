package ead_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/ead"
)

func read(t *testing.T, doc string) *ead.FindingAid {
	t.Helper()
	aid, err := ead.Read([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	return aid
}

// aid is a finding aid with these components.
func aid(components string) string {
	return `<ead><eadheader><eadid> x  1 </eadid></eadheader><archdesc level="fonds"><did><unittitle>Papers</unittitle><unitid>F 7</unitid></did><dsc>` +
		components + `</dsc></archdesc></ead>`
}

// c is a component with a code and a title, which may be empty, and what is in it.
func c(code, title, in string) string {
	did := ""
	if code != "" {
		did += "<unitid>" + code + "</unitid>"
	}
	if title != "" {
		did += "<unittitle>" + title + "</unittitle>"
	}
	return "<c><did>" + did + "</did>" + in + "</c>"
}

// keys are the keys of the components, by their titles.
func keys(t *testing.T, doc string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for c := range read(t, doc).Components() {
		_, title, _ := strings.Cut(string(c.Original[strings.LastIndex(string(c.Original), "<did>"):]), "<unittitle>")
		title, _, _ = strings.Cut(title, "</unittitle>")
		out[title] = append(out[title], c.Key)
	}
	return out
}

func TestKeys(t *testing.T) {
	got := keys(t, aid(c("1", "Letters", c("1", "Of 1950", "")+c("2", "Of 1951", ""))+
		`<c id="aspace_9"><did><unittitle>Maps</unittitle></did>`+c("1", "Of Tirana", "")+`</c>`+c("3", "Once", "")+c("3", "Twice", "")))
	want := map[string][]string{
		"Letters": {"1"}, "Of 1950": {"1/1"}, "Of 1951": {"1/2"}, "Maps": {"aspace_9"}, "Of Tirana": {"aspace_9/1"},
	}
	for title, key := range want {
		if diff := cmp.Diff(key, got[title]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", title, diff)
		}
	}
	if once, twice := got["Once"][0], got["Twice"][0]; once == twice || !strings.HasPrefix(once, "~") || !strings.HasPrefix(twice, "~") {
		t.Errorf("siblings that share a code are %q and %q", once, twice)
	}
	shared := keys(t, aid(`<c id="a"><did><unittitle>One</unittitle></did></c><c id="a"><did><unittitle>Two</unittitle></did></c>`))
	if one, two := shared["One"][0], shared["Two"][0]; one == two || one == "a" || two == "a" {
		t.Errorf("an id that two have names one of them: %q, %q", one, two)
	}
}

// Siblings without codes keep their keys when others come before, between and behind them.
func TestKeysStay(t *testing.T) {
	series := c("", "Letters", c("", "Of 1950", "")+c("", "Of 1951", "")+c("", "Untitled", "")+c("", "Untitled", ""))
	before := keys(t, aid(series))
	after := keys(t, aid(c("", "New", "")+strings.Replace(series, c("", "Of 1951", ""), c("", "Between", "")+c("", "Of 1951", ""), 1)+c("", "Last", "")))
	seen := map[string]bool{}
	for title, had := range before {
		if diff := cmp.Diff(had, after[title]); diff != "" {
			t.Errorf("%s (-before +after):\n%s", title, diff)
		}
		for _, key := range had {
			if seen[key] {
				t.Errorf("%q is the key of two", key)
			}
			seen[key] = true
		}
	}
}

func TestReference(t *testing.T) {
	for _, test := range []struct{ doc, want string }{
		{aid(c("1", "", c("3", "", ""))), "F 7 / 1 / 3"},
		{aid(c("F 7/1", "", c("F 7/1/3", "", ""))), ""},
		{aid(c("F 7/1", "", c("3", "", ""))), "F 7/1 / 3"},
		{aid(c("", "Series", c("3", "", ""))), "F 7 / 3"},
		{aid(c("1", "", c("1", "", ""))), "F 7 / 1 / 1"},
		{aid(c("1", "", c("12", "", ""))), "F 7 / 1 / 12"},
		{aid(c("1", "", c("", "No code", ""))), ""},
		{aid(c("a&amp;b", "", c(`"3"`, "", ""))), "F 7 / a&amp;b / &#34;3&#34;"},
	} {
		last := ""
		for c := range read(t, test.doc).Components() {
			last = string(c.Original)
		}
		_, got, _ := strings.Cut(last[strings.LastIndex(last, "<c "):], ` sheaf:reference="`)
		if got, _, _ = strings.Cut(got, `">`); got != test.want {
			t.Errorf("the reference is %q, want %q:\n%s", got, test.want, test.doc)
		}
	}
}

// What is for the staff only is in no component, and names none.
func TestInternal(t *testing.T) {
	doc := aid(`<c level="file"><did><unitid audience="internal">secret</unitid><unitid>1</unitid></did></c><c audience="internal"><did><unitid>secret</unitid></did></c>`)
	for c := range read(t, doc).Components() {
		if c.Key != "1" || c.Level != "file" || !c.Lowest {
			t.Errorf("%+v", c)
		}
	}
	if n := read(t, doc).Len(); n != 1 {
		t.Errorf("%d components", n)
	}
}

// The record of the collection stays as it is when a component changes.
func TestCollection(t *testing.T) {
	one, two := read(t, aid(c("1", "Letters", c("1", "A", ""))+c("2", "Maps", ""))), read(t, aid(c("1", "Letters", c("1", "B", "")+c("2", "C", ""))))
	if a, b := string(one.Collection()), string(two.Collection()); a != b || a != aid("") {
		t.Errorf("%s\n%s", a, b)
	}
	if one.ID() != "x 1" {
		t.Errorf("the finding aid is %q", one.ID())
	}
	three := read(t, `<ead xmlns="http://ead3.archivists.org/schema/"><control><recordid>y</recordid></control><archdesc><did/><dsc><c01 level="otherlevel" otherlevel="box"/></dsc></archdesc></ead>`)
	for c := range three.Components() {
		if c.Level != "box" || !strings.Contains(string(c.Original), "<recordid>y</recordid>") {
			t.Errorf("%+v %s", c, c.Original)
		}
	}
	if three.ID() != "y" {
		t.Errorf("the finding aid in EAD3 is %q", three.ID())
	}
}

func Example() {
	document := []byte(`<ead><eadheader><eadid>ex-7</eadid></eadheader><archdesc><did><unittitle>Papers</unittitle></did>
<dsc><c01 level="series"><did><unitid>1</unitid></did><c02 level="file"><did><unitid>4</unitid></did></c02></c01></dsc></archdesc></ead>`)
	aid, err := ead.Read(document)
	if err != nil {
		fmt.Println(err)
		return
	}
	for component := range aid.Components() {
		fmt.Println(aid.ID(), component.Key, component.Level)
	}
	// Output:
	// ex-7 1 series
	// ex-7 1/4 file
}
