package listing_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/listing"
)

// An original is what an item's JSON holds.
type original struct {
	Date, Title, Summary, Link, ID, Kind, Row string
}

func decodeOriginal(t fataler, it harvest.Item) original {
	t.Helper()
	var o original
	if err := json.Unmarshal(it.Original, &o); err != nil {
		t.Fatal(err, string(it.Original))
	}
	return o
}

func readSample(t testing.TB) []byte {
	t.Helper()
	sample, err := os.ReadFile("../../../shared/samples/digital-archive-listing.txt")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("the sample page is not here:", err)
	}
	return sample
}

// facts are what is known of the nine records of the sample: the date, how the title and the summary
// begin and end, and their lengths in bytes.
var facts = []struct {
	date, titleFrom, titleTo, summaryFrom, summaryTo string
	title, summary                                   int
}{
	{"June 7, 1960", "Memorandum", "(7 June 1960)", "Mao", "generally.", 76, 307},
	{"April 1957", "Handwritten", "Delegation", "Khrushchev,", "Hungary.", 72, 561},
	{"April 1957", "Khrushchev’s", "Moscow", "Khrushchev", "areas.", 109, 359},
	{"April 15, 1957", "Memorandum", "Issues", "Hoxha", "national.", 70, 314},
	{"December 26, 1956", "Memorandum", "Moscow", "After", "sphere.", 45, 269},
	{"June 6, 1959", "Notes", "Yong-geon", "Enver", "revisionism.", 67, 133},
	{"June 23, 1961", "Telegram", "Albania", "Gaqo", "treaty.", 101, 492},
	{"June 26, 1964", "Report", "Countries", "According", "individually.", 61, 1505},
	{"July 26, 1961", "Report", "Albania", "The", "Pact.", 186, 1224},
}

func checkFacts(t *testing.T, items []harvest.Item) {
	t.Helper()
	if len(items) != len(facts) {
		t.Fatalf("%d items, want %d", len(items), len(facts))
	}
	for i, f := range facts {
		o := decodeOriginal(t, items[i])
		if items[i].Rejected != nil {
			t.Errorf("item %d is rejected: %+v", i+1, items[i].Rejected)
		}
		if o.Date != f.date || o.Kind != "Documents" {
			t.Errorf("item %d: date %q, kind %q; want %q, Documents", i+1, o.Date, o.Kind, f.date)
		}
		if !strings.HasPrefix(o.Title, f.titleFrom+" ") || !strings.HasSuffix(o.Title, " "+f.titleTo) || len(o.Title) != f.title {
			t.Errorf("item %d: title of %d bytes %q; want %d bytes, %q … %q", i+1, len(o.Title), o.Title, f.title, f.titleFrom, f.titleTo)
		}
		if !strings.HasPrefix(o.Summary, f.summaryFrom+" ") || !strings.HasSuffix(o.Summary, " "+f.summaryTo) || len(o.Summary) != f.summary {
			t.Errorf("item %d: summary of %d bytes; want %d bytes, %q … %q", i+1, len(o.Summary), f.summary, f.summaryFrom, f.summaryTo)
		}
	}
}

func TestSample(t *testing.T) {
	sample := readSample(t)
	for name, page := range map[string][]byte{
		"as saved":       sample,
		"CR LF":          bytes.ReplaceAll(sample, []byte("\n"), []byte("\r\n")),
		"CR":             bytes.ReplaceAll(sample, []byte("\n"), []byte("\r")),
		"byte order":     append([]byte("\ufeff"), sample...),
		"no blank lines": bytes.ReplaceAll(sample, []byte("\n\n"), []byte("\n")),
		"one-line count": bytes.Replace(sample, []byte("Results:\n\n1 - 9 of 9"), []byte("Results: 1 – 9 of 9"), 1),
		"a pager below":  append(bytes.Clone(sample), "\n\nPrevious\n\nNext\n\nBack to top\n"...),
	} {
		t.Run(name, func(t *testing.T) {
			source := newSource(t, listing.Config{From: []string{save(t, "page.txt", page)}})
			got, err := source.Page(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			if !got.Done || !got.Full || got.Unproven || got.Total != 9 || len(got.Warnings) != 0 || got.Next != "" {
				t.Errorf("done %v, full %v, incomplete %v, total %d, warnings %q, next %q",
					got.Done, got.Full, got.Unproven, got.Total, got.Warnings, got.Next)
			}
			checkFacts(t, got.Items)
			for i, it := range got.Items {
				if it.Format.Prefix != "listing" || !strings.HasPrefix(it.Key, "h-") || len(it.Aliases) != 0 {
					t.Errorf("item %d: format %q, key %q, aliases %q", i+1, it.Format.Prefix, it.Key, it.Aliases)
				}
				row := decodeOriginal(t, it).Row
				if !bytes.Contains(page, []byte(row)) || !strings.HasPrefix(row, facts[i].date) || !strings.HasSuffix(row, facts[i].summaryTo) {
					t.Errorf("item %d: row is not the lines of the page: %q", i+1, row)
				}
			}
		})
	}
}

// TestSampleAsHTML reads the sample as a paged HTML listing: the items are those of the text, so that
// a source can go from saved pages to the site itself.
func TestSampleAsHTML(t *testing.T) {
	text := newSource(t, listing.Config{From: []string{save(t, "page.txt", readSample(t))}})
	saved, err := text.Page(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	var rows []original
	for _, it := range saved.Items {
		rows = append(rows, decodeOriginal(t, it))
	}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.FormValue("page"))
		if err != nil || n < 0 || n > 2 {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, htmlPage(rows, 4*n, min(4*n+4, 9)))
	}))
	defer site.Close()
	source := newSource(t, listing.Config{
		From:   []string{site.URL + "/search?page={page}"},
		Select: listing.Select{Row: ".result", Date: ".date", Title: "h3", Summary: ".text", Kind: "h2"},
	})
	pages := walk(t, source)
	var sizes []int
	var items []harvest.Item
	for _, p := range pages {
		sizes = append(sizes, len(p.Items))
		items = append(items, p.Items...)
		if !p.Full || p.Unproven || p.Total != 9 || len(p.Warnings) > 0 {
			t.Errorf("full %v, incomplete %v, total %d, warnings %q", p.Full, p.Unproven, p.Total, p.Warnings)
		}
	}
	if diff := cmp.Diff([]int{4, 4, 1}, sizes); diff != "" {
		t.Error("sizes of the pages (-want +got):\n" + diff)
	}
	checkFacts(t, items)
	for i := range min(len(items), len(saved.Items)) {
		if items[i].Key != saved.Items[i].Key {
			t.Errorf("item %d has the key %s in HTML and %s in text", i+1, items[i].Key, saved.Items[i].Key)
		}
	}
}

// htmlPage writes the rows from up to to as a result page, counted.
func htmlPage(rows []original, from, to int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html><title>Results</title><body><a href="#content">Skip to content</a>
<p>Results: <b>%d</b> – <b>%d</b> of <b>%d</b></p><h2>Documents</h2><main id="content">`, from+1, to, len(rows))
	for _, r := range rows[from:to] {
		fmt.Fprintf(&b, "\n<div class=\"result\"><span class=\"date\">%s</span>\n <h3>%s</h3>",
			html.EscapeString(r.Date), html.EscapeString(r.Title))
		for p := range strings.SplitSeq(r.Summary, "\n\n") {
			fmt.Fprintf(&b, "<p class=\"text\">%s</p>", html.EscapeString(p))
		}
		b.WriteString("</div>")
	}
	b.WriteString(`</main><footer>Contact us</footer>`)
	return b.String()
}

// newSource makes a source with a canonical name, and a fetcher that does not wait.
func newSource(t testing.TB, c listing.Config) *listing.Source {
	t.Helper()
	if c.Canonical == "" {
		c.Canonical = "archive"
	}
	source, err := listing.New(c, plainFetcher{})
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// save writes a page into a folder of its own.
func save(t testing.TB, name string, page []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, page, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// walk asks for page after page to the end.
func walk(t fataler, s harvest.Source) []*harvest.Page {
	t.Helper()
	var pages []*harvest.Page
	for at := harvest.Cursor(""); ; {
		p, err := s.Page(context.Background(), at)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, p)
		if p.Done {
			return pages
		}
		if p.Next == at || len(p.Next) > 64<<10 || len(pages) > 1000 {
			t.Fatal("next is", p.Next)
		}
		at = p.Next
	}
}
