package site

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// A finding aid is found again as a tree from what its components say to be part of, and read without scripts.
func TestTree(t *testing.T) {
	components := []struct{ title, identifier, of string }{
		{"Papers of a forester", "F 7", ""},
		{"Letters", "F 7/1", "Papers of a forester"},
		{"To Jens", "F 7/1/1", "Letters;Papers of a forester"},
		{"To Ana", "F 7/1/2", "Letters;Papers of a forester"},
		{"To all", "F 7/1/3", "Letters;Papers of a forester"},
		{"Plans", "F 7/2", "Papers of a forester"},
		{"A plan", "F 7/2/1", "Plans;Papers of a forester"},
		{"Papers of a miller", "F 8", ""},
		{"Letters", "F 8/1", "Papers of a miller"},
		{"To nobody", "F 8/1/1", "Letters;Papers of a miller"},
		{"A data set", "https://doi.org/10.5555/def", ""},
		{"A part of it", "", "https://doi.org/10.5555/def"},
		{"Round", "", "Square"}, {"Square", "", "Round"},
		{"Twins", "1", ""}, {"Twins", "2", ""}, {"Child of one of them", "", "Twins"},
	}
	_, _, h := shelved(t, len(components), func(i int) (out []dublincore.Value, sets []string) {
		c := components[i]
		out = []dublincore.Value{{Term: dublincore.Title, Text: c.title, Lang: "en"}}
		if c.identifier != "" {
			out = append(out, dublincore.Value{Term: dublincore.Identifier, Text: c.identifier})
		}
		for whole := range strings.SplitSeq(c.of, ";") {
			if whole != "" {
				out = append(out, dublincore.Value{Term: dublincore.IsPartOf, Text: whole})
			}
		}
		return out, []string{"old"}
	})
	for local, want := range map[string]struct {
		crumbs, tree []string
		here         int
	}{
		"0":  {nil, []string{"Papers of a forester", "Letters", "Plans"}, 0},
		"1":  {[]string{"Papers of a forester"}, []string{"Papers of a forester", "Letters", "To Jens", "To Ana", "To all", "Plans"}, 1},
		"3":  {[]string{"Papers of a forester", "Letters"}, []string{"Papers of a forester", "Letters", "To Jens", "To Ana", "To all"}, 3},
		"9":  {[]string{"Papers of a miller", "Letters"}, []string{"Papers of a miller", "Letters", "To nobody"}, 2},
		"10": {nil, []string{"A data set", "A part of it"}, 0},
		"11": {[]string{"A data set"}, []string{"A data set", "A part of it"}, 1},
		"12": {[]string{"Square"}, []string{"Square", "Round", "Square"}, 1},
		"16": {nil, nil, 0}, // which of the two is meant can't be told
	} {
		doc := see(t, h, "/records/old/"+local, 200, texts(".crumbs li", append([]string{"All records", "The Archive"}, want.crumbs...)...), texts(".tree .leaf", want.tree...))
		if want.tree == nil {
			continue
		}
		if here := doc.Find(".tree [aria-current]"); here.Length() != 1 || spaced(here.Text()) != want.tree[want.here] {
			t.Errorf("%s: this record is %q in the tree", local, here.Text())
		}
		doc.Find(".tree a").Each(func(_ int, a *goquery.Selection) {
			see(t, h, strings.TrimPrefix(a.AttrOr("href", ""), "/below"), 200)
		})
	}
}
