package listing_test

import (
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest/listing"
)

// TestSavedLinks: the links of a saved page are whole if anything says where it came from, and its keys are the same
// either way, because what is known of a page must not make other records of its rows.
func TestSavedLinks(t *testing.T) {
	const row = `<div class="r"><a href="../document/9?x=1">Report on the Mole</a></div>`
	for _, tc := range []struct{ name, head, base, link string }{
		{"nothing says it", "", "", "../document/9?x=1"},
		{"the configuration", "", "https://archive.example.org/search/list?page=1", "https://archive.example.org/document/9?x=1"},
		{"the browser's comment", "<!DOCTYPE html>\n<!-- saved from url=(0042)https://archive.example.org/search/list -->", "", "https://archive.example.org/document/9?x=1"},
		{"the canonical address", `<head><link rel="canonical" href="https://archive.example.org/search/list"></head>`, "", "https://archive.example.org/document/9?x=1"},
		{"an address that is not whole", `<head><link rel="canonical" href="/search/list"></head>`, "", "../document/9?x=1"},
		{"the configuration first", `<head><link rel="canonical" href="https://other.example.org/"></head>`, "https://archive.example.org/search/list", "https://archive.example.org/document/9?x=1"},
		{"a base on the page", `<head><base href="https://archive.example.org/a/b"></head>`, "https://other.example.org/", "https://archive.example.org/document/9?x=1"},
		{"a relative base", `<head><base href="/x/y/"></head>`, "https://archive.example.org/search", "https://archive.example.org/x/document/9?x=1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := save(t, "page.html", []byte("<html>"+tc.head+"<body>"+row+"</body></html>"))
			source, err := listing.New(listing.Config{
				From: []string{path}, Canonical: "archive", Base: tc.base, Select: listing.Select{Row: ".r", Title: "a", Link: "a"},
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			page, err := source.Page(t.Context(), "")
			if err != nil || len(page.Items) != 1 {
				t.Fatalf("%v, %v", page, err)
			}
			if original := string(page.Items[0].Original); !strings.Contains(original, `"link":"`+tc.link+`"`) {
				t.Errorf("the original is %s, without the link %s", original, tc.link)
			}
			if key := page.Items[0].Key; !strings.Contains(tc.head, "<base") && key != "../document/9?x=1" {
				t.Errorf("the key is %q", key)
			}
			if told := strings.Contains(strings.Join(page.Warnings, " "), "base:"); told != strings.HasPrefix(tc.link, "..") {
				t.Errorf("warnings: %q", page.Warnings)
			}
		})
	}
}
