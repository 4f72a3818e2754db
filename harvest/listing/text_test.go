package listing_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/unicode"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/listing"
)

// fields are date, title, summary and kind of a row.
type fields [4]string

func readPage(t testing.TB, page string, more ...func(*listing.Config)) *harvest.Page {
	t.Helper()
	c := listing.Config{From: []string{save(t, "page", []byte(page))}}
	for _, f := range more {
		f(&c)
	}
	got, err := newSource(t, c).Page(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestTextPages(t *testing.T) {
	for _, test := range []struct {
		name, page string
		want       []fields
	}{
		{"count on several lines", "Results:\n\n1 -\n2\nof\n2\n\n1958\n\nA\n\n1959\n\nB\n", []fields{{"1958", "A"}, {"1959", "B"}}},
		{"em dash", "Results: 1 — 1 of 1\n\n1958\n\nA", []fields{{"1958", "A"}}},
		{"count with groups", "1,001 - 1,002 of 1,234\n\n1958\n\nA\n\n1959\n\nB", []fields{{"1958", "A"}, {"1959", "B"}}},
		{"count below", "1958\n\nA\n\nText.\n\n1 - 1 of 1 results\n", []fields{{"1958", "A", "Text."}}},
		{"count above and below", "1 - 1 of 1\n\n1958\n\nA\n\nShowing 1 – 1 of 1 results\n", []fields{{"1958", "A"}}},
		{"every form of date", "1 - 5 of 5\n\nSeptember 1964\n\nA\n\nJune 03, 1961\n\nB\n\nApril, 1957\n\nC\n\n1958\n\nD\n\nUndated\n\nE\n",
			[]fields{{"September 1964", "A"}, {"June 03, 1961", "B"}, {"April, 1957", "C"}, {"1958", "D"}, {"Undated", "E"}}},
		{"with and without summary", "1 - 3 of 3\n\n1958\n\nA\n\nText.\n\n1959\n\nB\n\n1960\n\nC\n\nText.\n",
			[]fields{{"1958", "A", "Text."}, {"1959", "B"}, {"1960", "C", "Text."}}},
		{"several paragraphs", "1 - 2 of 2\n\n1958\n\nA\n\nOne.\n\nTwo.\n\nThree.\n\n1959\n\nB\n",
			[]fields{{"1958", "A", "One.\n\nTwo.\n\nThree."}, {"1959", "B"}}},
		{"a sentence that begins with a date", "1 - 1 of 1\n\n1958\n\nA\n\nApril 1957 was a month.\n\nJune 7, 1960, was a day.\n\n1956. It was a year.\n",
			[]fields{{"1958", "A", "April 1957 was a month.\n\nJune 7, 1960, was a day.\n\n1956. It was a year."}}},
		{"navigation", "Skip to content\nMenu\n\n1 - 1 of 1\n\n1958\n\nA\n\nText.\n\nRead more\n\nNext\n", []fields{{"1958", "A", "Text."}}},
		{"a title that is a word of navigation", "1 - 1 of 1\n\n1958\n\nHome\n\nText.", []fields{{"1958", "Home", "Text."}}},
		{"headings", "1 - 3 of 3\n\nDocuments\n\n1958\n\nA\n\n1959\n\nB\n\nText.\n\nCollections\n\n1960\n\nC\n",
			[]fields{{"1958", "A", "", "Documents"}, {"1959", "B", "Text.", "Documents"}, {"1960", "C", "", "Collections"}}},
		{"a title that is a heading", "1 - 1 of 1\n\n1958\n\nDocuments\n", []fields{{"1958", "Documents"}}},
		{"no heading", "1 - 1 of 1\n\n1958\n\nA", []fields{{"1958", "A"}}},
		{"no blank lines", "1 - 2 of 2\n1958\nA\nText.\n1959\nB\n", []fields{{"1958", "A", "Text."}, {"1959", "B"}}},
		{"paragraphs in lines", "1 - 1 of 1\n\n1958\n\nA title in\ntwo lines\n\nText in\ntwo lines.\n\nMore.\n",
			[]fields{{"1958", "A title in two lines", "Text in two lines.\n\nMore."}}},
		{"long lines without blank ones", "1 - 1 of 1\n\n1958\n\nA\n" + strings.Repeat("Long. ", 30) + "\nMore.\n",
			[]fields{{"1958", "A", strings.TrimSpace(strings.Repeat("Long. ", 30)) + "\n\nMore."}}},
		{"odd white space", "1\u00a0-\u00a01 of 1\n\n\t1958\u00a0\n \u00a0\nA\u00a0 \tb\n\u200b\nText.", []fields{{"1958", "A b", "Text."}}},
		{"empty by its own account", "Results: 0 - 0 of 0\n", nil},
		{"a byte order mark", "\ufeff1 - 1 of 1\n\n1958\n\nÄ", []fields{{"1958", "Ä"}}},
		{"UTF-16", utf16(t, "1 - 1 of 1\n\n1958\n\nÄ"), []fields{{"1958", "Ä"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := readPage(t, test.page)
			var rows []fields
			for _, it := range got.Items {
				if it.Rejected != nil {
					t.Fatalf("rejected: %+v", it.Rejected)
				}
				o := decodeOriginal(t, it)
				rows = append(rows, fields{o.Date, o.Title, o.Summary, o.Kind})
			}
			if diff := cmp.Diff(test.want, rows); diff != "" {
				t.Error("rows (-want +got):\n" + diff)
			}
		})
	}
}

func utf16(t *testing.T, s string) string {
	t.Helper()
	out, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTextPageRejected: what does not agree with its own count is one rejected item with the bytes of the page.
func TestTextPageRejected(t *testing.T) {
	for _, test := range []struct{ name, page, reason, detail string }{
		{"a row too few", "1 - 3 of 3\n\n1958\n\nA\n\n1959\n\nB\n", "count_mismatch", "the page says 1 - 3 of 3, that is 3 rows; 2 were found"},
		{"a row too many", "1 - 1 of 1\n\n1958\n\nA\n\n1959\n\nB\n", "count_mismatch", "the page says 1 - 1 of 1, that is 1 row; 2 were found"},
		{"a paragraph that is a date", "1 - 1 of 1\n\n1958\n\nA\n\nText.\n\nApril 1957\n\nMore.\n", "count_mismatch", "that is 1 row; 2 were found"},
		{"a count that can't be", "1 - 2 of 1\n\n1958\n\nA\n\n1959\n\nB\n", "count_mismatch", "1 - 2 of 1, which can't be"},
		{"two counts", "1 - 1 of 1\n\n1958\n\nA\n\n1 - 2 of 2\n", "count_mismatch", "more than one count"},
		{"rows though empty", "0 - 0 of 0\n\n1958\n\nA\n", "count_mismatch", "that is 0 rows; 1 was found"},
		{"no date at all", "1 - 2 of 2\n\nA\n\nB\n", "count_mismatch", "that is 2 rows; 0 were found"},
		{"no listing", "Dear Sir,\n\nnothing.\n", "empty_page", "no line of the page is a date"},
		{"nothing", "", "empty_page", "no line of the page is a date"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := readPage(t, test.page)
			if len(got.Items) != 1 || !got.Unproven || !got.Done {
				t.Fatalf("%d items, incomplete %v, done %v", len(got.Items), got.Unproven, got.Done)
			}
			it := got.Items[0]
			if it.Rejected == nil || it.Rejected.Reason != test.reason || !strings.Contains(it.Rejected.Detail, test.detail) {
				t.Errorf("rejected: %+v, want %s: %s", it.Rejected, test.reason, test.detail)
			}
			if it.Key != "page:page" || it.Format.Prefix != "listing-page" || string(it.Original) != test.page {
				t.Errorf("key %q, format %q, original %q", it.Key, it.Format.Prefix, it.Original)
			}
		})
	}
}

// TestCorruptedSample cuts the sample, and takes out, doubles and makes lines in it. What is still taken must be true.
func TestCorruptedSample(t *testing.T) {
	sample := string(readSample(t))
	truth := map[string]bool{}
	for _, it := range readPage(t, sample).Items {
		truth[it.Key] = true
	}
	lines := strings.Split(sample, "\n")
	var pages []string
	for i := range lines {
		if strings.TrimSpace(lines[i]) == "" {
			continue
		}
		with := func(put ...string) string {
			return strings.Join(append(append(append([]string{}, lines[:i]...), put...), lines[i+1:]...), "\n")
		}
		// Where the last date line is left, the count holds, and no page can show that it was cut.
		if i <= len(lines)-5 {
			pages = append(pages, strings.Join(lines[:i], "\n"))
		}
		pages = append(pages, with(lines[i], "", "May 1, 1958"), with("May 1, 1958", "", lines[i]))
		if listing.IsDateLine(lines[i]) {
			pages = append(pages, with(), with(lines[i], "", lines[i]), with(lines[i]+"."))
		}
	}
	for _, page := range pages {
		got := readPage(t, page)
		for _, it := range got.Items {
			if it.Rejected == nil {
				t.Fatalf("an item was taken from a corrupted page: %s\n%s", it.Original, page)
			}
		}
		if !got.Unproven {
			t.Fatalf("a corrupted page was taken for complete:\n%s", page)
		}
	}
	if len(truth) != 9 || len(pages) < 100 {
		t.Fatalf("%d keys, %d pages", len(truth), len(pages))
	}
}

// TestRowOfBadBytes: one bad row stays one bad row.
func TestRowOfBadBytes(t *testing.T) {
	got := readPage(t, "1 - 3 of 3\n\n1958\n\nA\n\n1959\n\nB\xe9\n\nText\n\n1960\n\nC\n")
	if len(got.Items) != 3 || got.Unproven {
		t.Fatalf("%d items, incomplete %v", len(got.Items), got.Unproven)
	}
	for i, it := range got.Items {
		if bad := i == 1; bad != (it.Rejected != nil) {
			t.Errorf("item %d: rejected %+v", i, it.Rejected)
		}
	}
	if it := got.Items[1]; it.Rejected.Reason != "malformed" || string(it.Original) != "1959\n\nB\xe9\n\nText" {
		t.Errorf("rejected %+v with %q", it.Rejected, it.Original)
	}
}

func TestRowWithoutTitle(t *testing.T) {
	got := readPage(t, "1 - 2 of 2\n\n1958\n\n1959\n\nB\n")
	if len(got.Items) != 2 || got.Items[0].Rejected == nil || got.Items[0].Rejected.Reason != "no_title" || got.Items[1].Rejected != nil {
		t.Errorf("items: %+v", got.Items)
	}
}

func TestPageLimits(t *testing.T) {
	page := "1 - 3 of 3\n\n1958\n\nA\n\n1959\n\nB\n\n1960\n\nC\n"
	rows := readPage(t, page, func(c *listing.Config) { c.MaxRows = 2 })
	size := readPage(t, page, func(c *listing.Config) { c.MaxBytes = int64(len(page)) - 1 })
	for _, got := range []*harvest.Page{rows, size} {
		if len(got.Items) != 1 || !got.Unproven || got.Items[0].Rejected == nil || got.Items[0].Rejected.Reason != "too_large" {
			t.Errorf("items: %+v", got.Items)
		}
	}
	exact := readPage(t, page, func(c *listing.Config) { c.MaxRows, c.MaxBytes = 3, int64(len(page)) })
	if len(exact.Items) != 3 || exact.Unproven {
		t.Errorf("%d items, incomplete %v", len(exact.Items), exact.Unproven)
	}
}

func TestFurtherHeadings(t *testing.T) {
	page := "1 - 1 of 1\n\nDokumente\n\n1958\n\nA\n"
	plain := decodeOriginal(t, readPage(t, page).Items[0])
	named := decodeOriginal(t, readPage(t, page, func(c *listing.Config) { c.Headings = []string{"Dokumente"} }).Items[0])
	if plain.Kind != "" || named.Kind != "Dokumente" {
		t.Errorf("kinds %q and %q", plain.Kind, named.Kind)
	}
}

// The line that counts is an everyday one in other languages too.
func TestCountInOtherLanguages(t *testing.T) {
	for _, line := range []string{"Treffer 1 bis 2 von 2", "1 à 2 sur 2", "Mostrando 1 a 2 de 2", "Risultati 1 - 2 di 2"} {
		page := "<p>" + line + "</p><ul><li class=row><b>March 3, 1921</b> <h3>One</h3></li><li class=row><b>March 4, 1921</b> <h3>Two</h3></li></ul>"
		source := newFolder(t, map[string]string{"1.html": "<html><body>" + page + "</body></html>"}).source("*.html")
		got, err := source.Page(t.Context(), "")
		if err != nil || got.Unproven || got.Total != 2 {
			t.Errorf("%s: %+v, %v", line, got, err)
		}
	}
}
