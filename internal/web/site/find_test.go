package site

import (
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/search"
	store "github.com/sheaf-gateway/sheaf/internal/store/memory"
	"github.com/sheaf-gateway/sheaf/internal/web/words"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// library has records in a real log, with a real index of them.
func library(t testing.TB, n int) (*store.Log, http.Handler) {
	t.Helper()
	log, _, h := shelved(t, n, func(i int) ([]dublincore.Value, []string) {
		return []dublincore.Value{
			{Term: dublincore.Title, Text: fmt.Sprintf("Letter %d of Enver Hoxha & <b>friends</b>", i), Lang: "en"},
			{Term: dublincore.Created, Text: fmt.Sprint(1940 + i), Scheme: "W3CDTF"},
			{Term: dublincore.Type, Text: []string{"Text", "Image"}[i%2]},
			{Term: dublincore.Subject, Text: fmt.Sprintf(`"><script>alert(%d)</script>`, i)},
			{Term: dublincore.Abstract, Text: "On Çamëria, and <i>hoxhas</i>."},
		}, []string{"old"}
	})
	return log, h
}

// shelved is a log of n records with these values and sets, its index, and the pages.
func shelved(t testing.TB, n int, record func(i int) ([]dublincore.Value, []string)) (*store.Log, *search.Index, http.Handler) {
	t.Helper()
	log, x, o := shelvedOptions(t, n, record)
	return log, x, New(o)
}

func shelvedOptions(t testing.TB, n int, record func(i int) ([]dublincore.Value, []string)) (*store.Log, *search.Index, Options) {
	t.Helper()
	log := store.New(store.Options{Namespace: "archive.example"})
	run, err := log.Begin(t.Context(), "old", nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &pipeline.Batch{Run: run, Next: "x", Done: true}
	for i := range n {
		values, sets := record(i)
		dc := dublincore.Record{Values: values}
		c := pipeline.Change{Identifier: fmt.Sprint("oai:archive.example:old/", i), Sets: sets, DC: dc.AppendJSON(nil), OAIDC: dc.AppendOAIDC(nil)}
		c.Fingerprint = sha256.Sum256(c.DC)
		c.Input = c.Fingerprint
		b.Changes = append(b.Changes, c)
	}
	if _, err := log.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := log.Rename(t.Context(), "old", "new"); err != nil {
		t.Fatal(err)
	}
	x, err := search.Open(search.Options{File: filepath.Join(t.TempDir(), "search.db"), Log: log, Kind: Kind, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	for more := true; more; {
		if more, err = x.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return log, x, Options{
		Name: "Example Archive", URL: "https://gateway.example/below", Library: log, Finder: x, Titles: map[string]string{"new": "The Archive"},
		Sets: shelfmarks{
			{Spec: "old", Name: "The Archive", Descriptions: [][]byte{describing("What the Archive <b>keeps</b>.")}}, {Spec: "old:box", Name: "The box"}, {Spec: "older"},
		},
		Renamed: map[string]string{"old": "new"}, Minted: map[string]string{"new": "old"},
		Feed: func(self, page, title string, records []pipeline.Record) []byte {
			return fmt.Appendf(nil, "%s|%s|%s|%d", self, page, title, len(records))
		}, Logger: slog.New(slog.DiscardHandler),
	}
}

func TestFind(t *testing.T) {
	_, h := library(t, 30)
	doc := see(t, h, "/search?q=hoxha+camer&size=25", 200,
		texts("#results", "Results: 1 – 25 of 30"),
		in("li:first-child h3 mark", hasText("Hoxha")),
		texts("li:first-child .summary mark", "Çamëria", "hoxhas"),
	)
	next, _ := doc.Find("a[rel~=next]").Attr("href")
	if next != "/below/search?q=hoxha+camer&start=26" {
		t.Errorf("the next page is %q", next)
	}
	see(t, h, strings.TrimPrefix(next, "/below"), 200, texts("#results", "Results: 26 – 30 of 30"))
	facet, _ := doc.Find(`.facets a[href*="kind=Images"]`).Attr("href")
	see(t, h, strings.TrimPrefix(facet, "/below"), 200, texts("#results", "Results: 1 – 15 of 15"), texts(".chips .facet", "Kind:"))
}

// These addresses were given out, and have to find the same for years.
func TestOldAddresses(t *testing.T) {
	_, h := library(t, 30)
	for path, want := range map[string]string{
		"/search?q=hoxha":                             "Results: 1 – 25 of 30",
		"/search?q=title%3Ahoxha&size=50":             "Results: 1 – 30 of 30",
		"/search?q=date%3A1945":                       "Results: 1 – 1 of 1",
		"/search?kind=Images&kind=Documents":          "Results: 1 – 25 of 30",
		"/search?kind=Documents&decade=1940":          "Results: 1 – 5 of 5",
		"/search?from=1945-06&to=1950":                "Results: 1 – 6 of 6",
		"/search?q=hoxha&source=new":                  "Results: 1 – 25 of 30",
		"/search?q=hoxha&source=old":                  "Results: 1 – 25 of 30", // its name before
		"/search?q=hoxha&view=kinds":                  "Results: 1 – 25 of 30",
		"/search?q=hoxha&source=none":                 "Results: none",
		"/search?sort=early&start=26":                 "Results: 26 – 30 of 30",
		"/search?q=hoxha&start=7":                     "Results: 1 – 25 of 30", // a page begins where pages begin
		"/search?q=hoxha&start=99999":                 "Results: none",
		"/search?q=hoxha&sort=sideways&size=7&junk=1": "Results: 1 – 25 of 30",
	} {
		see(t, h, path, 200, texts("#results", want))
	}
	for sort, first := range map[string]string{"early": "1940", "late": "1969"} {
		if got := see(t, h, "/search?sort="+sort, 200).Find(".list time").First().Text(); got != first {
			t.Errorf("%s begins with %q", sort, got)
		}
	}
}

// Results stand under the headings of their kinds if that is wanted, on this page and on the next one.
func TestKindsAsHeadings(t *testing.T) {
	_, h := library(t, 30)
	doc := see(t, h, "/search?q=hoxha&sort=early&view=kinds", 200, texts("#results", "Results: 1 – 25 of 30"), texts("h3.kind", "Documents", "Images"), times("ol.list > li", 25))
	if got := doc.Find("ol.list").Eq(1).AttrOr("start", ""); got != "14" {
		t.Errorf("the second kind begins with number %s", got)
	}
	next := doc.Find("a[rel~=next]").AttrOr("href", "")
	see(t, h, strings.TrimPrefix(next, "/below"), 200, texts("h3.kind", "Images", "Documents"), times("ol.list > li", 5))
	see(t, h, "/search?q=hoxha&view=sideways", 200, none("h3.kind"), in(`.order a[href="/below/search?q=hoxha&view=kinds"]`))
}

// Decades have bars, which are nothing for those who can't see them: each has its number beside it, and is a choice.
func TestDecadesAsBars(t *testing.T) {
	_, h := library(t, 15)
	doc := see(t, h, "/search?q=hoxha", 200, times("svg.bar[aria-hidden=true]", 2), texts(".bars tbody th", "1940s", "1950s"), texts(".bars td.count", "10", "5"), texts(".bars caption", "Records: Decade"))
	if wide := doc.Find("svg.bar rect").Eq(1).AttrOr("width", ""); wide != "50" {
		t.Errorf("the bar of the second decade is %s wide, want 50", wide)
	}
	path := doc.Find(".bars tbody a").Eq(1).AttrOr("href", "")
	see(t, h, strings.TrimPrefix(path, "/below"), 200, texts("#results", "Results: 1 – 5 of 5"))
}

// A decade that is chosen shows its years; each is a choice of dates that finds as many as it says, and the years beside it
// stay there.
func TestYears(t *testing.T) {
	_, h := library(t, 15)
	doc := see(t, h, "/search?q=hoxha&decade=1950&sort=early", 200, texts(".bars caption", "Records: Decade", "Records: Year"), times(".bars", 2))
	years := doc.Find(".bars").Eq(1)
	if got := spaced(years.Find("th[scope=row]").Text()); got != "19501951195219531954" {
		t.Errorf("the years are %s", got)
	}
	path := years.Find("a").Eq(2).AttrOr("href", "")
	if want := "/below/search?q=hoxha&decade=1950&from=1952&to=1952&sort=early"; path != want {
		t.Errorf("a year leads to %s, want %s", path, want)
	}
	doc = see(t, h, strings.TrimPrefix(path, "/below"), 200, texts("#results", "Results: 1 – 1 of 1"), texts(".bars .chosen th", "1950s", "1952"))
	if n := doc.Find(".bars").Eq(1).Find("th[scope=row]").Length(); n != 5 {
		t.Errorf("beside the year that was chosen stand %d others, want 4", n-1)
	}
	back := doc.Find(".bars").Eq(1).Find(".chosen a").AttrOr("href", "")
	if want := "/below/search?q=hoxha&decade=1950&sort=early"; back != want {
		t.Errorf("the chosen year leads to %s, want %s", back, want)
	}
	see(t, h, "/search?q=hoxha", 200, times(".bars", 1))
	for value, want := range map[string]string{"-50": "51–42 BCE", "-10": "11–2 BCE", "0": "1 BCE – 9", "1950": "1950s", "undated": "Undated"} {
		if got := (&site{}).label(words.English(), "decade", value); got != want {
			t.Errorf("the decade %s is called %q, want %q", value, got, want)
		}
	}
	for year, want := range map[string]string{"-0043": "44 BCE", "0000": "1 BCE", "0009": "9", "1957": "1957"} {
		if got := yearLabel(words.English(), year); got != want {
			t.Errorf("the year %s is called %q, want %q", year, got, want)
		}
	}
}

// What was removed since the index was made is shown no more.
func TestFindGone(t *testing.T) {
	log, h := library(t, 2)
	if _, err := log.Remove(t.Context(), pipeline.Removal{Identifier: "oai:archive.example:old/1", Final: true, Who: "a test"}); err != nil {
		t.Fatal(err)
	}
	see(t, h, "/search?q=hoxha", 200, texts(".list h3 mark", "Hoxha"))
}

// Whatever stands in an address is answered, and never becomes markup.
func FuzzSearch(f *testing.F) {
	for _, q := range []string{"hoxha", `"`, "<script>", "a:b", "date:", "-x", strings.Repeat("(", 900), "\x00", "%", "' OR 1=1", "大", "javascript:alert(1)", strings.Repeat("x ", 1200)} {
		f.Add(q, q)
	}
	_, h := library(f, 3)
	f.Fuzz(func(t *testing.T, q, value string) {
		v := url.Values{"q": {q}, "kind": {value}, "from": {value}, "sort": {value}, "start": {value}, "source": {"new", value}}
		path := "/search?" + v.Encode()
		if request(t, h, http.MethodGet, path).Code == http.StatusBadRequest { // nothing is left to search, and the list has no such source
			return
		}
		doc := see(t, h, path, 200)
		if doc.Find("main script, main b, main i").Length() > 0 {
			t.Error("something of a record or an address has become markup")
		}
	})
}
