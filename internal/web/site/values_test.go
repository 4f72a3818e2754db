package site

import (
	"fmt"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// All values of a facet can be read page by page, in two orders; one of them leads to its results, and the search stays
// what it was.
func TestValues(t *testing.T) {
	_, h := library(t, 130)
	doc := see(t, h, "/search?q=hoxha&kind=Images&sort=late&size=50", 200, texts("#results", "Results: 1 – 50 of 65"), times(`.facets a[href*="subject="]`, 10))
	link := doc.Find(`.facets .more a[href*="/search/subject"]`)
	if got := spaced(link.Text()); got != "55 more: Subject" {
		t.Errorf("the link to the others says %q", got)
	}
	path := link.AttrOr("href", "")
	if want := "/below/search/subject?q=hoxha&kind=Images&sort=late&size=50"; path != want {
		t.Errorf("all values are at %s, want %s", path, want)
	}
	doc = see(t, h, strings.TrimPrefix(path, "/below"), 200, texts("#values", "Values: 1 – 65 of 65"), times(".values li", 65),
		in(`main a[href="/below/search?q=hoxha&kind=Images&sort=late&size=50"]`, hasText("Back to the results")),
		in(`form input[name=kind][value=Images]`), in(`form input[name=sort][value=late]`), in(`form input[name=q][value=hoxha]`))
	value := doc.Find(".values a").First().AttrOr("href", "")
	see(t, h, strings.TrimPrefix(value, "/below"), 200, texts("#results", "Results: 1 – 1 of 1"), times(".chips .facet", 2))
	see(t, h, "/search/subject?q=hoxha&has=ALERT+12", 200, texts("#values", "Values: 1 – 12 of 12"))
	see(t, h, "/search/subject?q=hoxha&has=nothing", 200, texts("#values", "Values: none"), in(`main a[href="/below/search/subject?q=hoxha"]`))
	see(t, h, "/search/source?has=ARCHIVE", 200, texts(".values a", "The Archive"), in(`.values a[href="/below/search?source=new"]`))
	see(t, h, "/search/colour", 404)
}

func TestValuesInPages(t *testing.T) {
	_, h := library(t, 230)
	seen := map[string]bool{}
	var names []string
	path := "/below/search/subject?by=name"
	for pages := 0; path != "" && pages < 9; pages++ {
		doc := get(t, h, strings.TrimPrefix(path, "/below"), 200)
		doc.Find(".values a").Each(func(_ int, a *goquery.Selection) {
			seen[a.Text()] = true
			names = append(names, a.Text())
		})
		path = doc.Find("a[rel~=next]").AttrOr("href", "")
	}
	if len(seen) != 230 || len(names) != 230 || names[1] != fmt.Sprintf(`"><script>alert(%d)</script>`, 1) || !strings.Contains(names[2], "(10)") {
		t.Errorf("the pages have %d values: %.300q", len(seen), names)
	}
	see(t, h, "/search/subject?first=999999&size=x&start=-1", 200, texts("#values", "Values: none"))
	see(t, h, "/search/decade?by=name", 200, in(".values li:first-child", hasText("1940s 10")))
}

// A date stands as its source wrote it, unless that is a code of MARC.
func TestDatesInLists(t *testing.T) {
	m := &memory{epoch: 1}
	for i, d := range []dublincore.Value{
		{Text: "1957-04", Original: "April 1957"}, {Text: "1980", Original: "s1980    "}, {Text: "1957/1961", Original: "m19571961"}, {Text: "195X", Original: "s195u"}, {Text: "1957"}, {Text: "1957", Original: "c1957"},
	} {
		dc := titled("A thing")
		d.Term = dublincore.Issued
		dc.Add(d)
		m.add(t, "s", string(rune('a'+i)), dc)
	}
	see(t, New(newSite(m).Options), "/search", 200, texts("article .date", "April 1957", "1980", "1957 – 1961", "195X", "1957", "c1957"))
}
