package listing_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/sheaf-gateway/sheaf/harvest/listing"
)

// A saved page of search results as a source. On a web site, From would be its URL, with {page} for the number.
func Example() {
	dir, err := os.MkdirTemp("", "listing")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	page := `<html><p class="count">1 - 2 of 2</p>
<div class="row"><span class="date">April 10, 1957</span><h3>A letter</h3><p>About the harbour.</p></div>
<div class="row"><span class="date">April 20, 1957</span><h3>An answer</h3><p>About the ships.</p></div></html>`
	if err := os.WriteFile(filepath.Join(dir, "page-1.html"), []byte(page), 0o600); err != nil {
		log.Fatal(err)
	}

	source, err := listing.New(listing.Config{
		From:      []string{filepath.Join(dir, "*.html")},
		Canonical: "letters",
		Select:    listing.Select{Row: ".row", Date: ".date", Title: "h3", Summary: "p", Count: ".count"},
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	got, err := source.Page(context.Background(), "")
	if err != nil {
		log.Fatal(err)
	}
	for i := range got.Items {
		var row struct{ Date, Title, Summary string }
		if err := json.Unmarshal(got.Items[i].Original, &row); err != nil {
			log.Fatal(err)
		}
		fmt.Println(row.Date, row.Title, row.Summary)
	}
	fmt.Println("everything:", got.Full && got.Done && !got.Unproven)
	// Output:
	// April 10, 1957 A letter About the harbour.
	// April 20, 1957 An answer About the ships.
	// everything: true
}
