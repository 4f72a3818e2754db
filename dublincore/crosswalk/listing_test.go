package crosswalk

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// dateLine is a line of the sample that is a date and nothing else.
var dateLine = regexp.MustCompile(`^[A-Z][a-z]+ (\d{1,2}, )?\d{4}$`)

// listingRows cuts the sample page into the objects that package harvest/listing makes of its rows.
func listingRows(t *testing.T) [][]byte {
	t.Helper()
	page, err := os.ReadFile(shared(t, "samples/digital-archive-listing.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, l := range strings.Split(string(page), "\n") {
		l = strings.TrimSpace(l)
		switch {
		case dateLine.MatchString(l):
			rows = append(rows, map[string]string{"date": l, "link": "", "kind": "Documents"})
		case l == "" || len(rows) == 0:
		case rows[len(rows)-1]["title"] == "":
			rows[len(rows)-1]["title"] = l
		default:
			rows[len(rows)-1]["summary"] += l
		}
	}
	var out [][]byte
	for _, r := range rows {
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

// TestListing is the first real input: nine documents that must come out right.
func TestListing(t *testing.T) {
	want := []struct{ date, genre string }{
		{"1960-06-07", "memorandum of conversation"},
		{"1957-04", "notes"},
		{"1957-04", "speech"},
		{"1957-04-15", "memorandum of conversation"},
		{"1956-12-26", "memorandum of meeting"},
		{"1959-06-06", "notes"},
		{"1961-06-23", "telegram"},
		{"1964-06-26", "report"},
		{"1961-07-26", "report"},
	}
	m, err := Builtin("listing")
	if err != nil {
		t.Fatal(err)
	}
	context := []dublincore.Value{
		{Term: dublincore.Publisher, Text: "Example Archive"},
		{Term: dublincore.Language, Text: "sqi", Scheme: "ISO639-3"},
		{Term: dublincore.Rights, Text: "http://rightsstatements.org/vocab/CNE/1.0/", Scheme: "URI"},
		{Term: dublincore.Type, Text: "Text", Scheme: "DCMIType"},
	}
	rows := listingRows(t)
	if len(rows) != len(want) {
		t.Fatalf("%d rows, want %d", len(rows), len(want))
	}
	for i, row := range rows {
		res, err := m.Apply(Input{Format: "listing", Original: row, Context: context})
		if err != nil {
			t.Fatalf("record %d: %v", i+1, err)
		}
		rec := res.Record
		var fields map[string]string
		if err := json.Unmarshal(row, &fields); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{want[i].date}, textsOf(rec, dublincore.Created)); diff != "" {
			t.Errorf("record %d, created: %s", i+1, diff)
		}
		if v, _ := rec.First(dublincore.Created); v.Scheme != "W3CDTF" || v.Original != fields["date"] {
			t.Errorf("record %d: created %+v", i+1, v)
		}
		if diff := cmp.Diff([]string{"Text", want[i].genre}, textsOf(rec, dublincore.Type)); diff != "" {
			t.Errorf("record %d, type: %s", i+1, diff)
		}
		if v, _ := rec.First(dublincore.Title); v.Text != fields["title"] || v.Lang != "en" {
			t.Errorf("record %d: title %+v, want %q", i+1, v, fields["title"])
		}
		if v, _ := rec.First(dublincore.Abstract); v.Text != fields["summary"] || v.Lang != "en" {
			t.Errorf("record %d: abstract %+v", i+1, v)
		}
		for _, term := range []dublincore.Term{dublincore.Creator, dublincore.Contributor, dublincore.Landing, dublincore.Identifier} {
			if rec.Has(term) {
				t.Errorf("record %d has %s %q; the page names none", i+1, term, rec.Text(term))
			}
		}
		for _, c := range context[:3] {
			if v, _ := rec.First(c.Term); v.Text != c.Text || v.From != dublincore.Context || v.Scheme != c.Scheme {
				t.Errorf("record %d: %s is %+v", i+1, c.Term, v)
			}
		}
		// What the rules say of the type stands; the context repeats it, which adds nothing.
		if v, _ := rec.First(dublincore.Type); v.From != dublincore.Extracted {
			t.Errorf("record %d: type is %+v", i+1, v)
		}
		if got, wanted := len(res.Warnings), 0; i == 8 {
			if got != 1 || res.Warnings[0].Name != "later_date" || !strings.Contains(res.Warnings[0].Text(), "September 1st, 1961") {
				t.Errorf("record 9: warnings %+v", res.Warnings)
			}
		} else if got != wanted {
			t.Errorf("record %d: warnings %+v", i+1, res.Warnings)
		}
	}
}
