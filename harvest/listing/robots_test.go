package listing_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/listing"
)

// TestRobots: what a site's robots.txt forbids is not asked for, unless whoever runs the site has allowed it; and where
// nobody knows what it forbids, nothing is.
func TestRobots(t *testing.T) {
	for _, tc := range []struct {
		name, robots string
		status       int
		ignore       bool
		kind         harvest.Kind // of the error; empty if the page is read
	}{
		{"none", "", 404, false, ""},
		{"allowed", "User-agent: *\nDisallow: /private", 200, false, ""},
		{"forbidden", "User-agent: *\nDisallow: /list", 200, false, harvest.Forbidden},
		{"forbidden, with permission", "User-agent: *\nDisallow: /list", 200, true, ""},
		{"nobody knows", "", 500, false, harvest.HTTP5xx},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var asked atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/robots.txt" {
					w.WriteHeader(tc.status)
					_, _ = w.Write([]byte(tc.robots))
					return
				}
				asked.Add(1)
				_, _ = w.Write([]byte(`<html><p>1 - 1 of 1</p><div class="r"><a href="/d/1">A</a></div>`))
			}))
			defer server.Close()
			fetcher := harvest.NewFetcher(harvest.Options{Attempts: 1, Reach: harvest.Reach{From: []string{server.URL}}})
			source, err := listing.New(listing.Config{
				From: []string{server.URL + "/list?page={page}"}, Canonical: "archive", IgnoreRobots: tc.ignore,
				Select: listing.Select{Row: ".r", Title: "a", Link: "a"},
			}, fetcher)
			if err != nil {
				t.Fatal(err)
			}
			page, err := source.Page(t.Context(), "")
			if tc.kind == "" {
				if err != nil || len(page.Items) != 1 || !strings.Contains(string(page.Items[0].Original), `"link":"`+server.URL+`/d/1"`) {
					t.Errorf("%+v, %v", page, err)
				}
				return
			}
			if harvest.KindOf(err) != tc.kind || asked.Load() != 0 {
				t.Errorf("error %v; the page was asked for %d times", err, asked.Load())
			}
			if tc.kind == harvest.Forbidden && !strings.Contains(err.Error(), "robots: ignore") {
				t.Errorf("the error does not say what to do: %v", err)
			}
		})
	}
}
