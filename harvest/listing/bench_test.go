package listing_test

import (
	"fmt"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest/listing"
)

// BenchmarkPage reads a page of 100 records.
func BenchmarkPage(b *testing.B) {
	var rows []original
	for i := range 100 {
		rows = append(rows, original{Date: "April 15, 1957", Title: fmt.Sprintf("Memorandum of a conversation, number %d", i),
			Summary: "The parties discuss the harvest, the weather, and what is to be done about both in the coming year; nothing is agreed."})
	}
	for _, form := range []struct {
		name, page string
		sel        listing.Select
	}{
		{"text", textPage(rows, 0, 100), listing.Select{}},
		{"html", htmlPage(rows, 0, 100), listing.Select{Row: ".result", Date: ".date", Title: "h3", Summary: ".text"}},
	} {
		b.Run(form.name, func(b *testing.B) {
			source := newSiteSource(b, listing.Config{From: []string{"https://archive.example.org/list"}, Select: form.sel},
				func(string) (string, error) { return form.page, nil })
			b.SetBytes(int64(len(form.page)))
			b.ReportAllocs()
			for b.Loop() {
				p, err := source.Page(b.Context(), "")
				if err != nil || len(p.Items) != 100 {
					b.Fatal(err, len(p.Items))
				}
			}
		})
	}
}
