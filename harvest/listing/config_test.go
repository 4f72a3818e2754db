package listing_test

import (
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest/listing"
)

func TestConfigRefused(t *testing.T) {
	files := []string{"saved/*.txt"}
	for _, test := range []struct {
		want string
		c    listing.Config
	}{
		{"canonical:", listing.Config{From: files}},
		{"from: say where", listing.Config{Canonical: "x"}},
		{"not a pattern", listing.Config{Canonical: "x", From: []string{"saved/[.txt"}}},
		{"not a whole URL", listing.Config{Canonical: "x", From: []string{"https://"}}},
		{"more than one {page}", listing.Config{Canonical: "x", From: []string{"https://archive.example.org/{page}/{page}"}}},
		{"one URL", listing.Config{Canonical: "x", From: []string{"https://archive.example.org/", "saved/*.txt"}}},
		{"pages:", listing.Config{Canonical: "x", From: files, Pages: listing.Pages{First: -1}}},
		{"select.row: say what", listing.Config{Canonical: "x", From: files, Select: listing.Select{Title: "h3"}}},
		{"select.title: say where", listing.Config{Canonical: "x", From: files, Select: listing.Select{Row: ".row"}}},
		{`select.row: ".row[" is not a CSS selector`, listing.Config{Canonical: "x", From: files, Select: listing.Select{Row: ".row[", Title: "h3"}}},
		{"select.date: ", listing.Config{Canonical: "x", From: files, Select: listing.Select{Row: ".row", Title: "h3", Date: "time@"}}},
	} {
		_, err := listing.New(test.c, plainFetcher{})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %q", err, test.want)
		}
	}
	if _, err := listing.New(listing.Config{Canonical: "x", From: []string{"https://archive.example.org/"}}, nil); err == nil {
		t.Error("a web site without a fetcher")
	}
	if _, err := listing.New(listing.Config{Canonical: "x", From: files}, nil); err != nil {
		t.Error(err)
	}
	mail := listing.Select{Row: `a[href="mailto:x@example.org"]`, Title: "@title", Link: "@href"}
	if _, err := listing.New(listing.Config{Canonical: "x", From: files, Select: mail}, nil); err != nil {
		t.Error(err)
	}
}
