package site

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

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
		{"Atlas", "A 1", "Atlas"}, {"A map", "A 1/1", "Atlas"}, // a series of its own name
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
		"17": {nil, []string{"Atlas", "A map"}, 0},
		"18": {[]string{"Atlas"}, []string{"Atlas", "A map"}, 1},
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

// All parts of a record are there, page by page, however many they are and whatever else names the record; each stands between its
// neighbours.
func TestTreeOfMany(t *testing.T) {
	const parts = 150
	_, _, h := shelved(t, 1+2*parts, func(i int) (out []dublincore.Value, sets []string) {
		switch {
		case i == 2*parts: // what changed last stands behind its parts
			out = []dublincore.Value{{Term: dublincore.Title, Text: "Letters"}, {Term: dublincore.Identifier, Text: "L"}}
		case i%2 == 0:
			out = []dublincore.Value{{Term: dublincore.Title, Text: fmt.Sprint("Letter ", i/2)}, {Term: dublincore.IsPartOf, Text: []string{"Letters", "L"}[i/2%2]}}
		default:
			out = []dublincore.Value{{Term: dublincore.Title, Text: "A note"}, {Term: dublincore.Abstract, Text: "of Letters"}, {Term: dublincore.IsPartOf, Text: "Letters"}, {Term: dublincore.IsPartOf, Text: "Papers of another"}}
		}
		return out, []string{"old"}
	})
	var got, want []string
	for i := range parts {
		want = append(want, fmt.Sprint("Letter ", i))
	}
	path, pages := fmt.Sprint("/records/old/", 2*parts), 0
	for ; path != "" && pages < 9; pages++ {
		doc := see(t, h, path, 200, texts(".tree .count", fmt.Sprint("Parts: ", parts)))
		got = append(got, doc.Find(".tree ul ul .leaf").Map(func(_ int, a *goquery.Selection) string { return spaced(a.Text()) })...)
		path, _, _ = strings.Cut(strings.TrimPrefix(doc.Find(".tree a[rel~=next]").AttrOr("href", ""), "/below"), "#")
	}
	own := fmt.Sprint("/records/old/", 2*parts)
	back := see(t, h, own+"?parts=240", 200, texts(".tree .count", fmt.Sprint("Parts: ", parts)))
	if first := back.Find(".tree a[rel~=first]").AttrOr("href", ""); first != "/below"+own+"#tree" {
		t.Errorf("the way back to the first page leads to %q", first)
	}
	if !slices.Equal(got, want) || pages != 3 {
		t.Errorf("%d parts on %d pages: %s", len(got), pages, cmp.Diff(want, got))
	}
	see(t, h, "/records/old/200", 200, texts(".crumbs li", "All records", "The Archive", "Letters"),
		texts(".tree .leaf", "Letters", "Letter 97", "Letter 98", "Letter 99", "Letter 100", "Letter 101", "Letter 102", "Letter 103"), texts(".tree .count"))
}

// The page of a source begins with the top of its tree, page by page, whatever else is part of something; of a source that has no
// tree it has none.
func TestTreeFromItsTop(t *testing.T) {
	const tops = 130
	made := func(wholes ...string) func(i int) ([]dublincore.Value, []string) {
		return func(i int) (out []dublincore.Value, sets []string) {
			out = []dublincore.Value{{Term: dublincore.Title, Text: fmt.Sprint("Fonds ", i/2)}}
			if i%2 != 0 {
				out[0].Text = "A letter"
				for _, w := range wholes {
					out = append(out, dublincore.Value{Term: dublincore.IsPartOf, Text: w})
				}
			}
			return out, []string{"old"}
		}
	}
	_, _, h := shelved(t, 2*tops, made("Fonds 7"))
	var got, want []string
	for i := range tops {
		want = append(want, fmt.Sprint("Fonds ", i))
	}
	path, pages := "/sources/new", 0
	for ; path != "" && pages < 9; pages++ {
		doc := see(t, h, path, 200, texts("#tree", "Top level"), texts("[aria-labelledby=tree] .count", fmt.Sprint("Records that are part of no other: ", tops)))
		got = append(got, doc.Find(".tree .leaf").Map(func(_ int, a *goquery.Selection) string { return spaced(a.Text()) })...)
		first := "/below/sources/new#tree"
		if pages == 0 {
			first = ""
		}
		if f := doc.Find(".tree a[rel~=first]").AttrOr("href", ""); f != first {
			t.Errorf("on page %d, the first page is at %q", pages, f)
		}
		path, _, _ = strings.Cut(strings.TrimPrefix(doc.Find(".tree a[rel~=next]").AttrOr("href", ""), "/below"), "#")
	}
	if !slices.Equal(got, want) || pages != 3 {
		t.Errorf("%d records on %d pages: %s", len(got), pages, cmp.Diff(want, got))
	}
	for _, wholes := range [][]string{nil, {"A journal"}} {
		_, _, h := shelved(t, 30, made(wholes...))
		see(t, h, "/sources/new", 200, texts("#tree"))
	}
}
