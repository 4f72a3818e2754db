package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A webSite answers with pages by their paths; "{}" in them is its own address.
type webSite struct {
	mu    sync.Mutex
	pages map[string]string
	asked map[string]int
}

func (s *webSite) serve(t *testing.T) string {
	t.Helper()
	s.asked = map[string]int{}
	var base string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked[r.URL.Path]++
		body, ok := s.pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, strings.ReplaceAll(body, "{}", base))
	}))
	t.Cleanup(srv.Close)
	base = srv.URL
	return base
}

func siteMap(entries ...string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`)
	for _, e := range entries {
		path, lastmod, _ := strings.Cut(e, " ")
		fmt.Fprintf(&b, "<url><loc>{}%s</loc><lastmod>%s</lastmod></url>", path, lastmod)
	}
	return b.String() + "</urlset>"
}

func bookPage(title string) string {
	return `<!doctype html><html><head><title>Site</title><script type="application/ld+json">{"@context":"https://schema.org","@type":"Book","name":"` + title +
		`","author":"Hoxha, Ana","image":"/cover.jpg"}</script></head><body>` + title + `</body></html>`
}

// library is a site with three books, and a page about itself.
func library() *webSite {
	return &webSite{pages: map[string]string{
		"/robots.txt":  "User-agent: *\nDisallow: /admin\nSitemap: {}/sitemap.xml\n",
		"/sitemap.xml": siteMap("/books/a 2020-01-01", "/books/b 2020-01-01", "/books/c 2020-01-01", "/about 2020-01-01"),
		"/books/a":     bookPage("A"), "/books/b": bookPage("B"), "/books/c": `<html><head><meta name="DC.title" content="C"><meta name="DC.creator" content="Meier, Jens"></head></html>`,
		"/about": "<!doctype html><title>About us</title>", "/": "<!doctype html><title>A library</title>",
	}}
}

const siteGateway = "gateway: {namespace: gw.example.org, contact: a@example.org}\n"

// TestProbeSitemap: a sitemap is recognised, also by the robots.txt of its site, and what is proposed harvests the records.
func TestProbeSitemap(t *testing.T) {
	site := library().serve(t)
	for _, path := range []string{"", "/", "/sitemap.xml"} {
		t.Run(path, func(t *testing.T) {
			folder(t, nil)
			r := want(t, exitDone, "probe", site+path)
			holds(t, "the proposal", r.stdout, "# A sitemap", "4, 4 with the time of their last change", "the first is about: Book", "kind: sitemap", site+"/books/*")
			works(t, r.stdout, 3)
		})
	}
}

// TestSitemap: everything, then what has changed, what is gone, and what is no record.
func TestSitemap(t *testing.T) {
	s := library()
	site := s.serve(t)
	folder(t, map[string]string{"sheaf.yaml": siteGateway + "sources:\n  books: {kind: sitemap, from: \"" + site + "\", absent: {delete_after: 1}}\n"})
	holds(t, "a dry run", want(t, exitDone, "harvest", "books", "--dry-run").stdout, "A", "B", "C", "looked at 3 items", "without metadata of a thing are left out")
	holds(t, "the harvest", want(t, exitDone, "harvest", "books").stdout, "books: complete: 3 new")
	record := want(t, exitDone, "show", "oai:gw.example.org:books/"+site+"/books/a")
	holds(t, "a record", record.stdout, "Hoxha, Ana", site+"/books/a", site+"/cover.jpg")
	clear(s.asked)
	holds(t, "no change", want(t, exitDone, "harvest", "books").stdout, "books: complete: 0 new, 0 changed, 0 deleted")
	if s.asked["/books/a"]+s.asked["/about"] != 0 {
		t.Errorf("pages that are as they were are asked for: %v", s.asked)
	}

	s.pages["/books/a"], s.pages["/books/b"] = bookPage("Other A"), "<!doctype html><title>Nothing</title>"
	delete(s.pages, "/books/c")
	s.pages["/sitemap.xml"] = siteMap("/books/a 2020-02-01", "/books/b 2020-02-01", "/books/c 2020-02-01", "/about 2020-01-01", "/admin/x 2020-01-01")
	holds(t, "changes", want(t, exitLook, "harvest", "books").stdout, "complete: 0 new, 1 changed, 1 deleted", "1 rejected", "robots.txt forbids")
	holds(t, "what has no metadata any more", want(t, exitDone, "quarantine", "show", "1").stdout, "no_metadata")
	s.pages["/books/c"] = bookPage("C again")
	s.pages["/sitemap.xml"] = siteMap("/books/a 2020-02-01", "/books/c 2020-02-01", "/about 2020-01-01")
	holds(t, "one is back, one has left the sitemap", want(t, exitDone, "harvest", "books").stdout, "complete: 0 new, 1 changed, 1 deleted")
	s.pages["/sitemap.xml"] = strings.TrimSuffix(siteMap("/books/a 2020-02-01"), "</urlset>")
	holds(t, "a sitemap that is cut off", want(t, exitLook, "harvest", "books").stdout, "incomplete", "is cut off after 1 entry")
	s.pages["/sitemap.xml"] = "<!doctype html><title>Maintenance</title>"
	holds(t, "a page instead of the sitemap", want(t, exitFailed, "harvest", "books").stderr, "web page")
	holds(t, "what is left", want(t, exitDone, "export").stdout, "Other A", "C again")
}

// TestMapSavedPage: a saved page is shown as a harvest takes it, those of the corpus too.
func TestMapSavedPage(t *testing.T) {
	folder(t, map[string]string{"sheaf.yaml": siteGateway + "sources:\n  books: {kind: sitemap, from: \"https://example.org\"}\n",
		"saved.html": `<!doctype html><link rel="canonical" href="https://example.org/books/a">` + bookPage("Saved"), "about.html": library().pages["/about"], "a.json": `{"@type":"Book","name":"In JSON"}`})
	holds(t, "a page", want(t, exitDone, "map", "books", "saved.html").stdout, "Saved", "https://example.org/books/a", "https://example.org/cover.jpg")
	holds(t, "a page without metadata", want(t, exitLook, "map", "books", "about.html").stdout, "no_metadata", "neither JSON-LD of a thing nor meta tags")
	holds(t, "a document", want(t, exitDone, "map", "books", "a.json").stdout, "In JSON")
}

// TestSitemapOfCorpus: all pages and documents in JSON-LD of the corpus are harvested, or it is said why not.
func TestSitemapOfCorpus(t *testing.T) {
	files, err := filepath.Glob("../../../shared/corpus/jsonld/*")
	if err != nil || len(files) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("the shared files are needed in CI: ", err)
		}
		t.Skip("the corpus is not here")
	}
	var entries []string
	pages := map[string]string{}
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		path := "/" + filepath.Base(f)
		pages[path], entries = string(body), append(entries, path+" 2020-01-01")
	}
	pages["/sitemap.xml"] = siteMap(entries...)
	site := (&webSite{pages: pages}).serve(t)
	folder(t, map[string]string{"sheaf.yaml": siteGateway + "sources:\n  corpus: {kind: sitemap, from: \"" + site + "/sitemap.xml\"}\n"})
	// One has no type, so that nobody knows of what it speaks.
	holds(t, "the corpus", want(t, exitDone, "harvest", "corpus").stdout, fmt.Sprintf("complete: %d new, 0 changed, 0 deleted, 0 unchanged, 0 rejected", len(files)-1), "without metadata of a thing are left out")
}

// TestSitemapConfig: the guide's configuration is right, and what contradicts is told.
func TestSitemapConfig(t *testing.T) {
	guide, err := os.ReadFile("../../docs/sites.md")
	if err != nil {
		t.Fatal(err)
	}
	source, _, _ := strings.Cut(strings.SplitN(string(guide), "```yaml\n", 2)[1], "```")
	folder(t, map[string]string{
		"sheaf.yaml": siteGateway + source,
		"bad.yaml":   siteGateway + "sources:\n  a: {kind: sitemap, from: sitemap.xml}\n  b: {kind: sitemap, from: \"https://a.example/\", hosts: \"https://b.example/\", copies: drop}\n  c: {kind: sitemap, from: \"https://a.example/\", skip: \"\"}\n",
	})
	want(t, exitDone, "config", "check")
	holds(t, "the problems", want(t, exitUsage, "config", "check", "bad.yaml").stderr, "is not a whole URL", "is not the name of a host", "is not one of reject, keep", "a pattern is empty")
}
