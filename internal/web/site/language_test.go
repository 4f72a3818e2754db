package site

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// ask gets a page as a browser does that asks for a language.
func ask(t *testing.T, h http.Handler, path, accept string) (*httptest.ResponseRecorder, *goquery.Document) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Language", accept)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(w.Body.String()))
	if err != nil {
		t.Fatal(err)
	}
	return w, doc
}

// A page is written in the language that the browser asks for, and says that it depends on that.
func TestLanguageOfTheBrowser(t *testing.T) {
	_, h := library(t, 30)
	tags := map[string]bool{}
	for accept, want := range map[string][]string{
		"de-CH, en;q=0.5": {"de", "Ergebnisse: 1 – 25 von 30", "Suche: Ergebnisse 1 – 25 von 30 – Example Archive"},
		"fr":              {"fr", "Résultats\u00a0: 1 – 25 sur 30", "Recherche: résultats 1 – 25 sur 30 – Example Archive"},
		"sq, de":          {"sq", "Rezultatet: 1 – 25 nga 30", "Kërkimi: rezultatet 1 – 25 nga 30 – Example Archive"},
		"ja":              {"en", "Results: 1 – 25 of 30", "Search: results 1 – 25 of 30 – Example Archive"},
	} {
		w, doc := ask(t, h, "/search?q=hoxha", accept)
		got := []string{doc.Find("html").AttrOr("lang", ""), strings.TrimSpace(doc.Find("#results").Text()), doc.Find("title").Text()}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", accept, got, want)
		}
		if kind := doc.Find(`.facets a[href*="kind=Documents"]`).Text(); kind != map[string]string{"de": "Dokumente", "fr": "Documents", "sq": "Dokumente", "en": "Documents"}[want[0]] {
			t.Errorf("%s: a kind is called %q", accept, kind)
		}
		if !slices.Contains(w.Header().Values("Vary"), "Accept-Language") {
			t.Errorf("%s: Vary is %q", accept, w.Header().Values("Vary"))
		}
		if doc.Find(`main a[href*="lang="]`).Length() > 0 {
			t.Errorf("%s: the language is in the links, though nobody has chosen it", accept)
		}
		tags[w.Header().Get("ETag")] = true
	}
	if len(tags) != 4 {
		t.Errorf("the four pages have %d tags", len(tags))
	}
}

// The links at the foot of a page lead to the same page in another language, which then stays, whatever the browser asks for.
func TestLanguageOfTheAddress(t *testing.T) {
	_, h := library(t, 30)
	_, doc := ask(t, h, "/search?q=hoxha&sort=early&lang=fr&kind=Images", "de")
	var to []string
	doc.Find(".languages a").Each(func(_ int, e *goquery.Selection) { to = append(to, e.Text()+" "+e.AttrOr("href", "")) })
	if want := []string{"English ?q=hoxha&sort=early&kind=Images&lang=en", "Deutsch ?q=hoxha&sort=early&kind=Images&lang=de", "Shqip ?q=hoxha&sort=early&kind=Images&lang=sq"}; !slices.Equal(to, want) {
		t.Errorf("the links are %q, want %q", to, want)
	}
	w, doc := ask(t, h, "/search?q=hoxha&sort=early&kind=Images&lang=sq", "de")
	for _, c := range []check{
		in("html", attr("lang", "sq")), in(`link[rel="canonical"]`, attr("href", "https://gateway.example/below/search?q=hoxha&kind=Images&sort=early")),
		in(".find input[name=lang]", attr("value", "sq")), in(".site a", attr("href", "/below/?lang=sq")),
	} {
		if err := c(doc.Selection); err != nil {
			t.Error(err)
		}
	}
	if slices.Contains(w.Header().Values("Vary"), "Accept-Language") {
		t.Error("a page of one language varies with what the browser asks for")
	}
	doc.Find("main a, header a").Each(func(_ int, e *goquery.Selection) {
		href := strings.TrimPrefix(e.AttrOr("href", ""), "/below")
		page := strings.HasPrefix(href, "/search?") || strings.HasPrefix(href, "/search/") || strings.HasPrefix(href, "/records/") || strings.HasPrefix(href, "/?") || strings.HasPrefix(href, "/#")
		if page != strings.Contains(href, "lang=sq") && !strings.HasPrefix(href, "/search.") {
			t.Errorf("<a href=%q>", href)
		}
	})
	if _, doc = ask(t, h, "/search?q=hoxha&lang=tlh", "de"); doc.Find("html").AttrOr("lang", "") != "de" {
		t.Error("a language that the pages do not have is not ignored")
	}
	if w, _ = ask(t, h, "/records/old/?lang=fr", ""); w.Header().Get("Location") != "/below/sources/old?lang=fr" {
		t.Errorf("the language is lost on the way to %q", w.Header().Get("Location"))
	}
	if _, doc = ask(t, h, "/nothing?lang=fr", ""); doc.Find("h1").Text() != "Cette page n’existe pas" {
		t.Errorf("a problem is called %q", doc.Find("h1").Text())
	}
}

// What a source wrote stays as it is, in whatever language its page is, and says in which language it is itself.
func TestMetadataIsNotTranslated(t *testing.T) {
	m := &memory{epoch: 1}
	dc := titled("Search")
	dc.Values[0].Lang = "en"
	m.add(t, "s", "1", dc)
	_, doc := ask(t, New(newSite(m).Options), "/records/s/1?lang=de", "")
	if err := in("h1", hasText("Search"), attr("lang", "en"))(doc.Selection); err != nil {
		t.Error(err)
	}
	if err := in("#term-title", hasText("Titel"))(doc.Selection); err != nil {
		t.Error(err)
	}
}
