package app_test

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

var sample = filepath.Join(shared, "samples/digital-archive-listing.txt")

// wanted is what the nine documents of the archive must come to: date, and genre from the title.
var wanted = []struct{ written, date, genre string }{
	{"June 7, 1960", "1960-06-07", "memorandum of conversation"},
	{"April 1957", "1957-04", "notes"},
	{"April 1957", "1957-04", "speech"},
	{"April 15, 1957", "1957-04-15", "memorandum of conversation"},
	{"December 26, 1956", "1956-12-26", "memorandum of meeting"},
	{"June 6, 1959", "1959-06-06", "notes"},
	{"June 23, 1961", "1961-06-23", "telegram"},
	{"June 26, 1964", "1964-06-26", "report"},
	{"July 26, 1961", "1961-07-26", "report"},
}

const archive = `
  cold-war:
    title: Documents on Albania
    kind: listing
    mapping: listing
    context: {publisher: Example Archive, language: sqi, rights: "http://rightsstatements.org/vocab/CNE/1.0/"}
`

// checkArchive holds the nine records to reference/archive-listing.md.
func checkArchive(t *testing.T, g *running) {
	t.Helper()
	var all []*pipeline.Record
	for id := range records(t, g.Client) {
		r, err := g.Record(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, &r.Record)
	}
	slices.SortFunc(all, func(a, b *pipeline.Record) int { return int(a.Seq - b.Seq) })
	if len(all) != len(wanted) {
		t.Fatalf("the log has %d records of the archive's %d", len(all), len(wanted))
	}
	for i, r := range all {
		var dc dublincore.Record
		if err := json.Unmarshal(r.DC, &dc); err != nil {
			t.Fatal(err)
		}
		created, _ := dc.First(dublincore.Created)
		var types []string
		for _, v := range dc.All(dublincore.Type) {
			types = append(types, v.Text)
		}
		got := []string{created.Text, strings.Join(types, "; ")}
		if diff := cmp.Diff([]string{wanted[i].date, "Text; " + wanted[i].genre}, got); diff != "" {
			t.Errorf("document %d: -want +got\n%s", i+1, diff)
		}
		if written := created.Original; written != "" && written != wanted[i].written || created.Scheme != "W3CDTF" {
			t.Errorf("document %d: date %+v", i+1, created)
		}
		if title, _ := dc.First(dublincore.Title); title.Text == "" || title.Lang != "en" {
			t.Errorf("document %d: title %+v", i+1, title)
		}
		if len(dc.Text(dublincore.Abstract)) < 100 || dc.Has(dublincore.Creator) {
			t.Errorf("document %d: abstract %q, creators %v", i+1, dc.Text(dublincore.Abstract), dc.All(dublincore.Creator))
		}
		for _, term := range []dublincore.Term{dublincore.Publisher, dublincore.Language, dublincore.Rights} {
			if v, _ := dc.First(term); v.Text == "" || v.From != dublincore.Context {
				t.Errorf("document %d: %s is %+v, should be context", i+1, term, v)
			}
		}
		notes, err := dublincore.UnmarshalNotes(r.Notes)
		if err != nil {
			t.Fatal(err)
		}
		warned := slices.ContainsFunc(notes, func(n dublincore.Note) bool {
			return n.Kind == dublincore.Warning && strings.Contains(n.Text, "later_date")
		})
		if warned != (i == 8) {
			t.Errorf("document %d: warned of a later date: %v; notes %v", i+1, warned, notes)
		}
		if !json.Valid(r.Original) || !strings.Contains(string(r.Original), strings.Fields(wanted[i].written)[0]) {
			t.Errorf("document %d: the original is %q", i+1, r.Original)
		}
	}
}

// The archive's page as it was saved, and its list of results as the gateway shows it.
func TestArchiveAsText(t *testing.T) {
	need(t, nil, sample)
	path, err := filepath.Abs(sample)
	if err != nil {
		t.Fatal(err)
	}
	g := start(t, configure(t, t.TempDir(), embedded+"sources:"+archive+"    from: '"+path+"'\n"), app.Options{})
	if got := g.harvest(t, "cold-war", false); got.Counts.Added != 9 || got.Counts.Rejected != 0 || got.Result != pipeline.Complete {
		t.Fatalf("%+v", got)
	}
	checkArchive(t, g)
	if again := g.harvest(t, "cold-war", false); again.Counts.Changes() != 0 {
		t.Errorf("harvested again, %+v changed", again.Counts)
	}
	resp, err := http.Get(g.Addresses().Public + "search")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	at := 0
	for _, want := range []string{"Skip to content", "Results:", "1 – 9 of 9", "Documents", "June 7, 1960", "April 1957", "December 26, 1956", "July 26, 1961"} {
		i := strings.Index(text[at:], want)
		if i < 0 {
			t.Fatalf("the page does not have %q (in this order):\n%s", want, text)
		}
		at += i
	}
}

// The same documents on a web site, four to a page.
func TestArchiveAsWebSite(t *testing.T) {
	need(t, nil, sample)
	b, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	paragraphs := strings.Split(strings.TrimSpace(string(b)), "\n\n")
	rows := paragraphs[slices.Index(paragraphs, "Documents")+1:]
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var page int
		fmt.Sscan(r.FormValue("page"), &page)
		first, last := 4*page, min(4*page+4, 9)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "<!doctype html><title>Search</title><a href=#m>Skip to content</a><main id=m><p class=count>%d - %d of 9</p><h2>Documents</h2>", first+1, last)
		for i := first; i < last; i++ {
			fmt.Fprintf(w, "<div class=result><span class=date>%s</span><h3>%s</h3><div class=text><p>%s</p></div></div>",
				html.EscapeString(rows[3*i]), html.EscapeString(rows[3*i+1]), html.EscapeString(rows[3*i+2]))
		}
	}))
	defer site.Close()
	g := start(t, configure(t, t.TempDir(), embedded+"sources:"+archive+"    from: '"+site.URL+"/search?page={page}'\n"+
		"    pages: {first: 0}\n    select: {row: .result, date: .date, title: h3, summary: .text, count: .count}\n"), app.Options{})
	if got := g.harvest(t, "cold-war", false); got.Counts.Added != 9 || got.Counts.Pages != 3 || got.Result != pipeline.Complete {
		t.Fatalf("%+v", got)
	}
	checkArchive(t, g)
}

// A page whose rows disagree with its own count goes to quarantine whole, and deletes nothing.
func TestArchivePageThatDisagrees(t *testing.T) {
	need(t, nil, sample)
	b, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "page.txt")
	save := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	save(string(b))
	g := start(t, configure(t, t.TempDir(), embedded+"sources:"+archive+"    from: '"+file+"'\n"), app.Options{})
	g.harvest(t, "cold-war", false)
	save(strings.Replace(string(b), "1 - 9 of 9", "1 - 10 of 10", 1))
	got := g.harvest(t, "cold-war", false)
	if got.Counts.Rejected != 1 || got.Counts.Changes() != 0 {
		t.Errorf("%+v", got.Counts)
	}
	checkArchive(t, g)
	items, err := g.Quarantine(t.Context(), "", 0, 10)
	if err != nil || len(items) != 1 || items[0].Reason != "count_mismatch" || !strings.Contains(string(items[0].Original), "1 - 10 of 10") {
		t.Fatalf("quarantine: %+v, %v", items, err)
	}
	save(string(b))
	g.harvest(t, "cold-war", false)
	if items, err := g.Quarantine(t.Context(), "", 0, 10); err != nil || len(items) != 0 {
		t.Errorf("the page came well, and quarantine still has %+v, %v", items, err)
	}
}
