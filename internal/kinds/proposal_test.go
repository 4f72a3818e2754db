package kinds

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest/listing"
)

func TestNumbered(t *testing.T) {
	look := func(from, rows int) *listing.Look {
		l := &listing.Look{Rows: rows}
		if from > 0 {
			l.Count = &listing.Count{From: from, To: from + rows - 1, Total: 100}
		}
		return l
	}
	for _, c := range []struct {
		url  string
		look *listing.Look
		want string
	}{
		{"https://a.example/?page=3", look(21, 10), "https://a.example/?page={page} [{first 1} {step 1}]"},
		{"https://a.example/?q=a+b&Page=0#top", look(1, 10), "https://a.example/?q=a+b&Page={page}#top [{first 0} {step 1}]"},
		{"https://a.example/?start=20&q=x", look(21, 10), "https://a.example/?start={page}&q=x [{first 0} {step 10}]"},
		{"https://a.example/?offset=30", look(0, 10), "https://a.example/?offset={page} [{first 30} {step 10}]"},
		{"https://a.example/?page=first", look(1, 10), "https://a.example/?page=first []"},
		{"https://a.example/?page=-1", look(1, 10), "https://a.example/?page=-1 []"},
		{"https://a.example/list", look(1, 10), "https://a.example/list []"},
	} {
		u, err := url.Parse(c.url)
		if err != nil {
			t.Fatal(err)
		}
		from, pages := numbered(u, c.look)
		if got := fmt.Sprintf("%s %v", from, pages); got != c.want {
			t.Errorf("%s: %s, want %s", c.url, got, c.want)
		}
	}
}

func TestNameOf(t *testing.T) {
	for place, want := range map[string]string{
		"https://www.repository.example.edu:8080/oai?x": "repository-example-edu",
		"Saved page (1)":            "saved-page-1",
		"---":                       "source",
		"oai.xml":                   "oai-xml",
		"OAI":                       "from-oai", // a section of the configuration
		"all":                       "from-all",
		"страница":                  "source",
		strings.Repeat("long-", 30): strings.TrimSuffix(strings.Repeat("long-", 13)[:maxName], "-"),
	} {
		if got := nameOf(place); got != want {
			t.Errorf("%q: %q, want %q", place, got, want)
		}
	}
}
