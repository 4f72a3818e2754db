package site

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// follow gives the path to which the one link leads that a selector finds.
func follow(t *testing.T, doc *goquery.Document, selector string) string {
	t.Helper()
	a := doc.Find(selector)
	if a.Length() != 1 {
		t.Fatalf("%s: %d links, want 1", selector, a.Length())
	}
	return strings.TrimPrefix(a.AttrOr("href", ""), "/below")
}

// From a result the reader goes on to the next ones and back to the page of results, as far as the search goes. Each page is
// still that of its record: its canonical link has no search, and robots are told not to follow.
func TestTrail(t *testing.T) {
	_, h := library(t, 30)
	const asked = "q=hoxha&kind=Images&sort=late"
	doc := see(t, h, "/search?"+asked, 200)
	if doc.Find(".list h3 a").Length() != doc.Find(`.list h3 a[rel=nofollow]`).Length() {
		t.Error("robots may follow a result into the search")
	}
	path := strings.TrimPrefix(doc.Find(".list h3 a").First().AttrOr("href", ""), "/below")
	if path != "/records/old/29?"+asked {
		t.Fatalf("the first result leads to %s", path)
	}
	see(t, h, path, 200, none(`.trail a[rel~=prev]`))
	var met []string
	for {
		doc := see(t, h, path, 200, in(`link[rel=canonical]`, attr("href", "https://gateway.example/below"+strings.TrimSuffix(path, "?"+asked))), times(".trail a:not([rel~=nofollow])", 0))
		met = append(met, spaced(doc.Find(".trail li a:not([rel~=prev]):not([rel~=next])").Text()))
		if doc.Find(".trail a[rel~=next]").Length() == 0 {
			break
		}
		path = follow(t, doc, ".trail a[rel~=next]")
	}
	if len(met) != 15 || met[0] != "Results: 1 of 15" || met[14] != "Results: 15 of 15" {
		t.Errorf("the reader met %q", met)
	}
	back := follow(t, see(t, h, path, 200), ".trail a[rel~=prev]")
	if back != "/records/old/3?"+asked {
		t.Errorf("before %s is %s", path, back)
	}
}

// The way back leads to the page of results on which the record is.
func TestTrailBack(t *testing.T) {
	_, h := library(t, 30)
	path := follow(t, see(t, h, "/records/old/27?sort=early", 200), ".trail a:not([rel~=prev]):not([rel~=next])")
	if path != "/search?sort=early&start=26" {
		t.Errorf("back leads to %s", path)
	}
	// A record that is not among the results, and a search that finds nothing, still have a way back.
	for _, path := range []string{"/records/old/1?q=none", "/records/old/1?kind=Documents", "/records/old/1?q=" + url.QueryEscape(`"><nobody>`)} {
		see(t, h, path, 200, texts(".trail a", "Back to the results"))
	}
	// What is no search has none.
	for _, path := range []string{"/records/old/1", "/records/old/1?source=new", "/records/old/1?start=7&utm=x"} {
		see(t, h, path, 200, none(".trail"))
	}
	long := strings.Repeat("hoxha ", 300)
	doc := see(t, h, "/search?q="+url.QueryEscape(long), 200)
	if path := doc.Find(".list h3 a").First().AttrOr("href", ""); strings.Contains(path, "?") {
		t.Errorf("a long search is behind every link: %s", path)
	}
}

// Related records share a person, a subject or a set; the more telling the less frequent. Nothing leads to what is gone.
func TestRelated(t *testing.T) {
	log, _, h := shelved(t, 5, func(i int) ([]dublincore.Value, []string) {
		values := []dublincore.Value{{Term: dublincore.Title, Text: fmt.Sprint("Letter ", i)}}
		if i == 1 || i == 2 {
			values = append(values, dublincore.Value{Term: dublincore.Creator, Text: "Hoxha, Enver"})
		}
		if i < 3 {
			values = append(values, dublincore.Value{Term: dublincore.Subject, Text: "Trade"})
		}
		return values, []string{"old", []string{"old:letters", "old:own"}[i/4]}
	})
	doc := see(t, h, "/records/old/1", 200,
		texts("section[aria-labelledby=related] dt", "Person", "Subject", "Set"),
		texts("section[aria-labelledby=related] dd a", "Hoxha, Enver", "Trade", "old:letters"),
		texts("section[aria-labelledby=related] .count", "1 other", "2 others", "3 others"),
		texts(".related a", "Letter 2", "Letter 0", "Letter 3"),
		times("section[aria-labelledby=related] dd a:not([rel=nofollow])", 0),
	)
	doc.Find("section[aria-labelledby=related] dd a").Each(func(i int, a *goquery.Selection) {
		see(t, h, strings.TrimPrefix(a.AttrOr("href", ""), "/below"), 200, texts("#results", []string{"Results: 1 – 2 of 2", "Results: 1 – 3 of 3", "Results: 1 – 4 of 4"}[i]))
	})
	see(t, h, "/records/old/4", 200, none("#related"))
	if _, err := log.Remove(t.Context(), pipeline.Removal{Identifier: "oai:archive.example:old/2", Final: true, Who: "a test"}); err != nil {
		t.Fatal(err)
	}
	see(t, h, "/records/old/1", 200, texts(".related a", "Letter 0", "Letter 3"))
}

// Without an index, or with one that can't be read, a record is shown without others.
func TestNoFinder(t *testing.T) {
	see(t, New(newSite(listing(t)).Options), "/records/cold-war/doc-1?q=hoxha", 200, none(".trail"), none("#related"))
	_, x, h := shelved(t, 2, func(int) ([]dublincore.Value, []string) {
		return []dublincore.Value{{Term: dublincore.Title, Text: "A letter"}, {Term: dublincore.Subject, Text: "Trade"}}, []string{"old"}
	})
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	see(t, h, "/records/old/1?q=hoxha", 200, texts(".trail a", "Back to the results"), none("#related"))
	if w := request(t, h, http.MethodGet, "/search?q=hoxha"); w.Code != 503 {
		t.Errorf("a search in a closed index: %d", w.Code)
	}
}
