package listing_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/harvest/listing"
)

func TestProbe(t *testing.T) {
	rows := []original{{Date: "April 1957", Title: "A", Summary: "Some words."}, {Date: "1958", Title: "B"}, {Date: "June 7, 1960", Title: "C", Summary: "More."}}
	counted := &listing.Count{From: 1, To: 3, Total: 3}
	for _, test := range []struct {
		name, page string
		want       listing.Look
	}{
		{"text", textPage(rows, 0, 3), listing.Look{Count: counted, Rows: 3, Titles: []string{"A", "B", "C"}, Agrees: true}},
		{"classes", htmlPage(rows, 0, 3), listing.Look{HTML: true, Count: counted, Rows: 3, Titles: []string{"A", "B", "C"}, Agrees: true,
			Select: listing.Select{Row: "div.result", Date: "span.date", Title: "h3", Summary: "p.text"}}},
		{"list items with links, among others", `<ul class=menu><li>Home<li>News<li>Search<li>About</ul><p>1 - 2 of 7</p>
			<ol><li class="hit odd"><a href=/1>A</a> <time>1958</time><li class="hit even"><a href=/2>B</a> <time>1959</time></ol>`,
			listing.Look{HTML: true, Count: &listing.Count{From: 1, To: 2, Total: 7}, Rows: 2, Titles: []string{"A", "B"}, Agrees: true,
				Select: listing.Select{Row: "li.hit", Date: "time", Title: "a", Link: "a"}, Link: "https://archive.example.org/1"}},
		{"the text that it shows", `<p>1 - 1 of 1</p><b>1958</b><p>A</p>`,
			listing.Look{HTML: true, Count: &listing.Count{From: 1, To: 1, Total: 1}, Rows: 1, Titles: []string{"A"}, Agrees: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := listing.Probe([]byte(test.page), "", "https://archive.example.org/list")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&test.want, got); diff != "" {
				t.Error("look (-want +got):\n" + diff)
			}
		})
	}
}

// TestProbeFits: what Probe proposes reads the page that it was proposed for.
func TestProbeFits(t *testing.T) {
	rows := []original{{Date: "April 1957", Title: "A", Summary: "Some words."}, {Date: "1958", Title: "B"}}
	page := htmlPage(rows, 0, 2)
	look, err := listing.Probe([]byte(page), "text/html", "")
	if err != nil {
		t.Fatal(err)
	}
	got := onePage(t, listing.Config{Select: look.Select}, page)
	if len(got.Items) != 2 || got.Unproven || decodeOriginal(t, got.Items[0]).Summary != "Some words." {
		t.Errorf("items %+v", got.Items)
	}
}

func TestProbeProblems(t *testing.T) {
	for page, want := range map[string]string{
		"<title>Just a moment...</title>":        "bot wall",
		"<form><input type=password></form>":     "login",
		"Dear Sir":                               "No rows",
		"<p>Results: 1 – 9 of 9</p><p>Patience.": "number of items",
	} {
		look, err := listing.Probe([]byte(page), "", "")
		if err != nil || look.Rows != 0 || !strings.Contains(look.Problem, want) {
			t.Errorf("%s: %+v, %v", page, look, err)
		}
	}
	if _, err := listing.Probe(make([]byte, 16<<20+1), "", ""); err == nil {
		t.Error("a page of any size")
	}
}
