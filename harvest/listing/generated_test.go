package listing_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/harvest/listing"
)

// someRows are records with titles that differ.
func someRows() *rapid.Generator[[]original] {
	words := rapid.StringMatching(`([A-Za-zëç’“”&<>"]{1,9}|April 1957|[0-9]{1,5})( ([a-zëç–&<]{1,9}|June 7, 1960|1958)){0,12}`)
	paragraph := rapid.Custom(func(t *rapid.T) string { return words.Draw(t, "words") + "." })
	return rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) original {
		return original{
			Date:    someDate().Draw(t, "date"),
			Title:   "T " + words.Draw(t, "title"),
			Summary: strings.Join(rapid.SliceOfN(paragraph, 0, 3).Draw(t, "summary"), "\n\n"),
			Kind:    "Documents",
		}
	}), 1, 12, func(o original) string { return strings.ToLower(o.Title) })
}

// TestGenerated: any listing, written as text and as HTML, cut into pages anywhere, reads back as it was.
func TestGenerated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := someRows().Draw(t, "rows")
		cuts := []int{0}
		for cuts[len(cuts)-1] < len(rows) {
			from := cuts[len(cuts)-1]
			cuts = append(cuts, from+rapid.IntRange(1, len(rows)-from).Draw(t, "rows of a page"))
		}
		write := rapid.SampledFrom([]func([]original, int, int) string{htmlPage, textPage}).Draw(t, "form")
		c := listing.Config{Select: listing.Select{Row: ".result", Date: ".date", Title: "h3", Summary: ".text", Kind: "h2"}}
		if rapid.Bool().Draw(t, "without selectors") {
			c.Select = listing.Select{}
		}
		var pages []string
		for i := range cuts[1:] {
			pages = append(pages, write(rows, cuts[i], cuts[i+1]))
		}
		source := newSiteSource(t, c, func(address string) (string, error) {
			var n int
			_, err := fmt.Sscanf(address, "https://archive.example.org/list?page=%d", &n)
			return pages[n], err
		})
		var got []original
		for _, p := range walk(t, source) {
			if p.Unproven {
				t.Fatalf("incomplete: %q, %+v", p.Warnings, p.Items[0].Rejected)
			}
			for _, it := range p.Items {
				o := decodeOriginal(t, it)
				o.Row = ""
				got = append(got, o)
			}
		}
		if diff := cmp.Diff(rows, got); diff != "" {
			t.Fatalf("rows (-written +read):\n%s\n%s", diff, strings.Join(pages, "\n=====\n"))
		}
	})
}

// textPage writes rows from up to to as a text page, counted.
func textPage(rows []original, from, to int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Skip to content\n\nResults:\n\n%d - %d of %d\n\nDocuments\n\n", from+1, to, len(rows))
	for _, r := range rows[from:to] {
		fmt.Fprintf(&b, "%s\n\n%s\n\n", r.Date, r.Title)
		if r.Summary != "" {
			b.WriteString(r.Summary + "\n\n")
		}
	}
	return b.String()
}
