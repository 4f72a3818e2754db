package site

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

func TestStartPage(t *testing.T) {
	m := listing(t)
	m.add(t, "maps", "1", titled("A chart"))
	m.add(t, "old", "1", titled("Gone")).Deleted = pipeline.SourceRetired
	site := newSite(m)
	site.Titles["letters"] = "Letters"
	see(t, New(site.Options), "/", 200,
		in("head title", hasText("Example Archive")),
		texts("main strong", "10 records"),
		texts("tbody th", "Documents on Albania", "Letters", "maps"),
		texts("tbody td.number", "9", "0", "1"),
		times("tbody a", 3),
		texts("dd code", "https://gateway.example/oai", "Identify", "ListSets", "ListRecords", "https://gateway.example/changes", "nats://127.0.0.1:4222"),
	)
}

func TestEmptyGateway(t *testing.T) {
	h := New(newSite(&memory{epoch: 1}).Options)
	see(t, h, "/", 200, texts("tbody td.number", "0"))
	see(t, h, "/search", 200, texts(".results", "Results: none"))
	see(t, h, "/search?source=cold-war", 200, texts(".results", "Results: none"))
}

func TestTombstone(t *testing.T) {
	m := listing(t)
	m.records[2].Deleted = pipeline.Takedown
	h := New(newSite(m).Options)
	doc := see(t, h, "/records/cold-war/doc-3", 410, texts("dd", "oai:archive.example:cold-war/doc-3", "Documents on Albania", "4 March 2026, 05:06:07 UTC"))
	if text := doc.Text(); strings.Contains(text, "Khrushchev") || !strings.Contains(text, "taken down") {
		t.Errorf("the tombstone says %q", spaced(text))
	}
	see(t, h, "/search?source=cold-war", 200, texts(".results", "Results: 1 – 8 of 8"))
}

func TestNotThere(t *testing.T) {
	h := New(newSite(listing(t)).Options)
	for _, path := range []string{
		"/nothing", "/search/", "/records/cold-war/doc-10", "/records/none/doc-1", "/search?source=none",
		"/records/cold-war/" + strings.Repeat("x", 2000), "/records/cold-war/%00",
	} {
		see(t, h, path, 404)
	}
	for _, path := range []string{
		"/search?source=A%20B", "/search?order=up", "/search?size=0", "/search?size=1000000", "/search?size=x", "/search?start=-1",
		"/search?after=1", "/search?after=x.y", "/search?before=-1.2", "/search?after=7.1&before=7.2", "/search?start=99999999999999999999",
		"/search?source=" + strings.Repeat("a", 500), "/search?after=7." + strings.Repeat("1", 500),
	} {
		see(t, h, path, 400)
	}
	for _, path := range []string{"/search?after=6.1", "/search?after=8.1", "/search?after=7.100", "/search?before=6.1"} {
		see(t, h, path, 410)
	}
}

func TestRedirects(t *testing.T) {
	m := listing(t)
	m.aliases = map[string]string{"oai:archive.example:cold-war/earlier": "oai:archive.example:cold-war/doc-4"}
	site := newSite(m)
	site.URL, site.Renamed = "https://gateway.example/below/", map[string]string{"war": "cold-war"}
	h := New(site.Options)
	for path, want := range map[string]string{
		"/records/":                       "/below/search",
		"/records/cold-war/":              "/below/sources/cold-war",
		"/sources/war":                    "/below/sources/cold-war",
		"/search?source=war&size=4":       "/below/search?source=cold-war&size=4",
		"/records/cold-war/earlier":       "/below/records/cold-war/doc-4",
		"/search?before=7.5&size=4":       "/below/search?size=4", // the four before are the first page
		"/search?before=7.6&size=4":       "",
		"/search?before=7.3&order=newest": "/below/search?order=newest",
	} {
		w := request(t, h, http.MethodGet, path)
		if got := w.Header().Get("Location"); got != want {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
	}
}

func TestMethods(t *testing.T) {
	h := New(newSite(listing(t)).Options)
	for _, path := range []string{"/", "/search", "/records/cold-war/doc-1", "/nothing", "/style.css"} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, "FETCH"} {
			if w := request(t, h, method, path); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: %d, Allow %q", method, path, w.Code, w.Header().Get("Allow"))
			}
		}
		get, head := request(t, h, http.MethodGet, path), request(t, h, http.MethodHead, path)
		if head.Body.Len() != 0 || head.Code != get.Code || head.Header().Get("Content-Length") != get.Header().Get("Content-Length") {
			t.Errorf("HEAD %s differs from GET: %d %v", path, head.Code, head.Header())
		}
	}
}

func TestHeaders(t *testing.T) {
	m := listing(t)
	m.records[0].Deleted = pipeline.Absent
	h := New(newSite(m).Options)
	for _, path := range []string{"/", "/search", "/records/cold-war/doc-1", "/records/cold-war/doc-2", "/nothing", "/icon.svg", "/records/", "//"} {
		got := request(t, h, http.MethodGet, path).Header()
		if csp := got.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") ||
			strings.Contains(csp, "unsafe") || strings.Contains(csp, "script-src") {
			t.Errorf("%s: Content-Security-Policy %q", path, csp)
		}
		if got.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: no nosniff", path)
		}
	}
}

func TestCaching(t *testing.T) {
	m := listing(t)
	h := New(newSite(m).Options)
	get := func(path, tag string, encodings ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("If-None-Match", tag)
		r.Header["Accept-Encoding"] = encodings
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for _, path := range []string{"/", "/search", "/records/cold-war/doc-1", "/style.css"} {
		tag := get(path, "").Header().Get("ETag")
		if w := get(path, tag); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
			t.Errorf("%s again: %d, %d bytes", path, w.Code, w.Body.Len())
		}
		zipped, plain := get(path, "", "gzip"), get(path, "").Body.String()
		own := zipped.Header().Get("ETag")
		z, err := gzip.NewReader(zipped.Body)
		if err != nil || own == tag || !slices.Contains(zipped.Header().Values("Vary"), "Accept-Encoding") || get(path, own, "gzip").Code != http.StatusNotModified {
			t.Fatalf("%s compressed: %v, %v", path, zipped.Header(), err)
		}
		if body, err := io.ReadAll(z); err != nil || string(body) != plain {
			t.Errorf("%s compressed is another page: %v", path, err)
		}
		if path == "/style.css" {
			continue
		}
		m.records[0].DC = titled("Another title " + path).AppendJSON(nil)
		m.add(t, "cold-war", "new"+strings.ReplaceAll(path, "/", "-"), titled("One more"))
		if w := get(path, tag); w.Code != http.StatusOK {
			t.Errorf("%s has changed: %d", path, w.Code)
		}
	}
	doc := see(t, h, "/", 200)
	style := doc.Find(`link[rel="stylesheet"]`).AttrOr("href", "")
	if w := get(style, ""); w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%s: %d %s", style, w.Code, w.Header().Get("Cache-Control"))
	}
	if w := get("/records/cold-war/none", ""); w.Header().Get("Cache-Control") != "no-store" {
		t.Error("an error may be kept")
	}
}

func TestBrokenLibrary(t *testing.T) {
	for err, status := range map[error]int{errors.New("secret cause"): 500, context.DeadlineExceeded: 503} {
		m := listing(t)
		m.err = err
		site := newSite(m)
		var log bytes.Buffer
		site.Logger = slog.New(slog.NewTextHandler(&log, nil))
		h := New(site.Options)
		for _, path := range []string{"/", "/search", "/records/cold-war/doc-1"} {
			log.Reset()
			if text := see(t, h, path, status).Text(); strings.Contains(text, "secret") {
				t.Errorf("%s tells the cause", path)
			}
			if got := log.String(); !strings.Contains(got, "path="+path) || strings.Contains(got, "secret") != (status == 500) {
				t.Errorf("%s: the log says %q", path, got)
			}
		}
	}
	m := listing(t)
	m.records[0].DC = []byte("{")
	site := newSite(m)
	site.Logger = slog.New(slog.DiscardHandler)
	h := New(site.Options)
	see(t, h, "/records/cold-war/doc-1", 500)
	see(t, h, "/search", 500)
}

func TestKinds(t *testing.T) {
	m := &memory{epoch: 1}
	for i, kind := range []string{"Text", "StillImage", "", "Text", "Image", "photograph"} {
		dc := titled(strings.Repeat("I", i+1))
		dc.AddText(dublincore.Type, kind)
		m.add(t, "mixed", strings.Repeat("i", i+1), dc)
	}
	doc := see(t, New(newSite(m).Options), "/search", 200,
		texts("main h2", "Documents", "Images", "Records"),
		in(".order", hasText("Under each heading: In the order in which the records came, or last changed.")),
		texts("article h3", "I", "IIII", "II", "IIIII", "III", "IIIIII"),
	)
	starts := doc.Find("ol.list").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("start", "") })
	if strings.Join(starts, " ") != "1 3 5" {
		t.Errorf("the lists start at %v", starts)
	}
}

// Every link of the site leads somewhere.
func TestCrawl(t *testing.T) {
	m := listing(t)
	m.add(t, "maps", "http://maps.example/1?a=b#c", titled("A chart"))
	m.records[4].Deleted = pipeline.SourceDeleted
	h := New(newSite(m).Options)
	seen := map[string]bool{}
	for todo := []string{"/", "/search?size=2"}; len(todo) > 0; todo = todo[1:] {
		path, _, _ := strings.Cut(todo[0], "#")
		other := strings.HasPrefix(path, "/events/") || strings.HasPrefix(path, feedOfAll) || strings.HasPrefix(path, "/sitemap") // doors of app/eventdocs.go, syndication
		if seen[path] || other {
			continue
		}
		seen[path] = true
		w := request(t, h, http.MethodGet, path)
		if to := w.Header().Get("Location"); to != "" {
			todo = append(todo, to)
			continue
		}
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
		}
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			continue
		}
		get(t, h, path, http.StatusOK).Find(`[href^="/"]`).Each(func(_ int, e *goquery.Selection) {
			todo = append(todo, e.AttrOr("href", ""))
		})
	}
	if !seen["/records/maps/http:/%252Fmaps.example/1%3Fa=b%2523c"] || len(seen) < 20 {
		t.Errorf("only these were reached: %v", seen)
	}
}
