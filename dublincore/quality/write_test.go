package quality_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	dc "github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/dublincore/quality"
)

const hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202e\x1b[31m\x00"

func hostileReport() *quality.Report {
	return measure(good(), but(terms(dc.Abstract), text(dc.Title, hostile), text(dc.Issued, hostile), text(dc.Language, hostile),
		dc.Value{Term: dc.Subject, Text: hostile, Lang: hostile}))
}

func page(t rapid.TB, r *quality.Report, p quality.Page) *goquery.Document {
	t.Helper()
	var b strings.Builder
	if err := r.WriteHTML(&b, p); err != nil {
		t.Fatal(err)
	}
	if !utf8.ValidString(b.String()) {
		t.Error("the page is no UTF-8")
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// checkPage checks what must hold of the page of any report.
func checkPage(t rapid.TB, r *quality.Report) *goquery.Document {
	t.Helper()
	doc := page(t, r, quality.Page{Title: "Quality of <x>", Facts: []quality.Fact{{Name: "Source", Value: "a & b"}}})
	for _, never := range []string{"script", "img", "iframe", "link", "object", "form", "[src]", "[onerror]", "[onclick]"} {
		if n := doc.Find(never).Length(); n > 0 {
			t.Errorf("the page has %d of %s", n, never)
		}
	}
	ids := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id, _ := s.Attr("id")
		if ids[id] {
			t.Errorf("the id %q is there twice", id)
		}
		ids[id] = true
	})
	doc.Find("a").Each(func(_ int, s *goquery.Selection) {
		href, _ := s.Attr("href")
		if inside, ok := strings.CutPrefix(href, "#"); !ok || !ids[inside] {
			t.Errorf("a link leads to %q", href)
		}
	})
	doc.Find("svg").Each(func(_ int, s *goquery.Selection) {
		if hidden, _ := s.Attr("aria-hidden"); hidden == "true" {
			return
		}
		if s.Closest("[aria-hidden=true]").Length() == 0 {
			t.Error("a chart is read out as nothing")
		}
	})
	doc.Find("table").Each(func(_ int, s *goquery.Selection) {
		columns := s.Find("thead th[scope=col]").Length()
		s.Find("tbody > tr").Each(func(_ int, row *goquery.Selection) {
			if row.ChildrenFiltered("th[scope=row]").Length() != 1 || row.Children().Length() != columns {
				t.Errorf("a row has %d cells under %d columns: %q", row.Children().Length(), columns, row.Text())
			}
		})
	})
	return doc
}

func TestPage(t *testing.T) {
	r := hostileReport()
	doc := checkPage(t, r)
	if got := doc.Find("h1").Text(); got != "Quality of <x>" {
		t.Errorf("title %q", got)
	}
	if got := doc.Find("title").Text(); got != "Quality of <x>" {
		t.Errorf("document title %q", got)
	}
	if got := doc.Find("header dl").Text(); !strings.Contains(got, "a & b") || !strings.Contains(got, "2") {
		t.Errorf("facts %q", got)
	}
	if got := doc.Find("#f-P7 .samples").Text(); !strings.Contains(got, "r1") {
		t.Errorf("samples of records without description: %q", got)
	}
	var elements []string
	doc.Find("#elements-table tbody th").Each(func(_ int, s *goquery.Selection) { elements = append(elements, s.Text()) })
	var want []string
	for _, e := range dc.Elements() {
		want = append(want, e.String())
	}
	if diff := cmp.Diff(want, elements); diff != "" {
		t.Errorf("elements (-want +got):\n%s", diff)
	}
	if got := doc.Find("#elements-table tr:has(th:contains(description)) td[data-label=Share]").Text(); got != "50.0 %" {
		t.Errorf("share of descriptions %q, want 50.0 %%", got)
	}
	if width, _ := doc.Find("#elements-table tr:has(th:contains(description)) rect").Attr("width"); width != "500.0" {
		t.Errorf("the bar of descriptions is %s of 1000 long", width)
	}
	if n := doc.Find(".look li").Length(); n != 4 {
		t.Errorf("%d things to look at first, want 4", n)
	}
}

func TestPageOfNothing(t *testing.T) {
	doc := checkPage(t, measure())
	if got := doc.Find("main").Text(); !strings.Contains(got, "None was found.") {
		t.Error("an empty collection has problems")
	}
	if doc.Find(".look").Length() != 0 {
		t.Error("there is something to look at in nothing")
	}
}

func TestLinksOfSamples(t *testing.T) {
	link := func(address string) (hrefs []string) {
		doc := page(t, measure(record()), quality.Page{Title: "x", Link: func(string) string { return address }})
		doc.Find("#f-P7 .samples a").Each(func(_ int, s *goquery.Selection) { hrefs = append(hrefs, s.AttrOr("href", "")) })
		return hrefs
	}
	if diff := cmp.Diff([]string{"https://gateway.example.org/records/r0"}, link("https://gateway.example.org/records/r0")); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"", "javascript:alert(1)", "/records/r0", "data:text/html,x", "https:// x"} {
		if hrefs := link(bad); hrefs != nil {
			t.Errorf("%q is linked: %v", bad, hrefs)
		}
	}
}

func TestText(t *testing.T) {
	var b strings.Builder
	if err := hostileReport().WriteText(&b); err != nil {
		t.Fatal(err)
	}
	out := b.String()
	for _, want := range []string{"2 records", "50.0 %  There is no description (P7)", "r1", "EUROPEANA METADATA TIERS", "recommended, and lacking or wrong in:", "A language by its ISO 639 code"} {
		if !strings.Contains(out, want) {
			t.Errorf("the text lacks %q:\n%s", want, out)
		}
	}
	for _, r := range out {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Fatalf("the text has the character %U", r)
		}
	}
}

// A terminal has 80 columns; only identifiers go beyond, so that they can be copied.
func TestTextWidth(t *testing.T) {
	m := quality.NewMeter(today, formats.Demands)
	for i := range 40 {
		r := but(nil, text(dc.Title, strings.Repeat("港の記録と航海日誌、", 20)), text(dc.Issued, strings.Repeat("viele Wörter und Ziffern 12345 ", 5)+fmt.Sprint(i)),
			text(dc.Subject, "<b>"+strings.Repeat("a long word", 30)), text(dc.Rights, strings.Repeat("x", 300)))
		m.Add(fmt.Sprintf("r%d", i), r)
	}
	report := m.Report()
	report.Records += 123_456_789 // as wide as figures get
	var b strings.Builder
	if err := report.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		columns := 0
		for _, r := range strings.TrimRight(line, "\n") {
			if columns++; unicode.In(r, unicode.Han, unicode.Hiragana) || r == '、' {
				columns++
			}
		}
		if columns > 80 {
			t.Errorf("%d columns: %s", columns, line)
		}
	}
}

// Parts are set side by side in the text and on the page, with the figures that each has by itself.
func TestParts(t *testing.T) {
	parts := []quality.Part{{Name: "new <rules>", Report: measure(good(), good())}, {Name: "old", Report: measure(good(), but(terms(dc.Title)), record(), record())}}
	var b strings.Builder
	if err := quality.WriteComparison(&b, parts); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for line := range strings.Lines(b.String()) {
		if fields := strings.Fields(line); len(fields) > 2 {
			got[fields[0]] = strings.Join(fields[1:], " ")
		}
	}
	for name, want := range map[string]string{"records": "2 4", "title": "100 % 25.0 %", "dates": "100 % 100 %", "DPLA": "100 % 25.0 %", "new": "<rules> old"} {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
	if _, there := got["relation"]; there {
		t.Error("an element that nothing has is compared")
	}
	doc := page(t, measure(good()), quality.Page{Title: "x", Parts: parts})
	if n := doc.Find("h2#rules").Length(); n != 1 {
		t.Fatalf("%d sections compare", n)
	}
	if row := doc.Find("table.compare tr:has(th:contains(title))").First().Find("td").Text(); row != "100 %25.0 %" {
		t.Errorf("titles %q", row)
	}
	if head := doc.Find("table.compare thead").Text(); !strings.Contains(head, "new <rules>") {
		t.Errorf("the columns are %q", head)
	}
	if one := page(t, measure(good()), quality.Page{Title: "x", Parts: parts[:1]}); one.Find("h2#rules").Length() != 0 {
		t.Error("one part is compared with nothing")
	}
}

func TestJSON(t *testing.T) {
	r := hostileReport()
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back quality.Report
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(asJSON(t, r), asJSON(t, &back)); diff != "" {
		t.Errorf("a report is another after JSON:\n%s", diff)
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(b, &keys); err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"records", "elements", "standards", "problems", "repeated_titles", "date_shapes", "tagging", "tiers", "aggregators", "notes", "not_mapped"} {
		if v := string(keys[k]); v == "" || v == "null" {
			t.Errorf("%s is %q", k, v)
		}
	}
}

func TestWriteErrors(t *testing.T) {
	r := hostileReport()
	if err := r.WriteText(full{}); err == nil {
		t.Error("a full disk goes unnoticed by WriteText")
	}
	if err := r.WriteHTML(full{}, quality.Page{}); err == nil {
		t.Error("a full disk goes unnoticed by WriteHTML")
	}
}

// full is a disk without space.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }
