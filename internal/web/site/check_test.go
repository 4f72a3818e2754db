package site

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// A check says what is wrong with a part of a page; nil if nothing.
type check func(*goquery.Selection) error

// in applies checks to the one element that a selector finds.
func in(selector string, checks ...check) check {
	return func(s *goquery.Selection) error {
		found := s.Find(selector)
		if found.Length() != 1 {
			return fmt.Errorf("%s: %d elements, want 1", selector, found.Length())
		}
		for _, c := range checks {
			if err := c(found); err != nil {
				return fmt.Errorf("%s: %w", selector, err)
			}
		}
		return nil
	}
}

// texts checks the texts of the elements that a selector finds, all of them, in order.
func texts(selector string, want ...string) check {
	return func(s *goquery.Selection) error {
		got := s.Find(selector).Map(func(_ int, e *goquery.Selection) string { return spaced(e.Text()) })
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			return fmt.Errorf("%s: %q, want %q", selector, got, want)
		}
		return nil
	}
}

// text checks an element's whole text, white space collapsed.
func hasText(want string) check {
	return func(s *goquery.Selection) error {
		if got := spaced(s.Text()); got != want {
			return fmt.Errorf("text %q, want %q", got, want)
		}
		return nil
	}
}

func attr(name, want string) check {
	return func(s *goquery.Selection) error {
		if got, ok := s.Attr(name); !ok || got != want {
			return fmt.Errorf("%s=%q, want %q", name, got, want)
		}
		return nil
	}
}

// none checks that a selector finds nothing.
func none(selector string) check { return times(selector, 0) }

func times(selector string, n int) check {
	return func(s *goquery.Selection) error {
		if got := s.Find(selector).Length(); got != n {
			return fmt.Errorf("%s: %d elements, want %d", selector, got, n)
		}
		return nil
	}
}

func spaced(s string) string { return strings.Join(strings.Fields(s), " ") }

// proper is what holds for every page: it has a language and a title, landmarks, a skip link that
// comes first and leads somewhere, headings without holes, labels, unique ids, and nothing that runs.
var proper = []check{
	in("html", attr("lang", "en")),
	in("head > title"), in("body > header"), in("body > main"), in("body > footer"), in("h1"),
	in(`meta[name="viewport"]`),
	none("script:not([type='application/ld+json']), style, iframe, object, embed, base, [style], img:not([alt])"),
	data,
	skipLink, headings, named, references, links,
}

func skipLink(s *goquery.Selection) error {
	first := s.Find("body a, body button, body select, body input").First()
	if got := spaced(first.Text()); got != "Skip to content" {
		return fmt.Errorf("the first thing that takes the focus is %q, want the skip link", got)
	}
	return in(first.AttrOr("href", "#nowhere"))(s.Find("body"))
}

// data checks what stands in a page for programs: it is well-formed, and its addresses are harmless.
func data(s *goquery.Selection) (err error) {
	s.Find("script").Each(func(_ int, e *goquery.Selection) {
		var v map[string]any
		if err2 := json.Unmarshal([]byte(e.Text()), &v); err2 != nil || v["@context"] != "https://schema.org" {
			err = fmt.Errorf("linked data: %v: %s", err2, e.Text())
		}
		for _, name := range []string{"url", "sameAs", "license", "thumbnailUrl"} {
			if to, ok := v[name].(string); ok && !strings.HasPrefix(to, "http") {
				err = fmt.Errorf("linked data: %s is %q", name, to)
			}
		}
	})
	return err
}

func headings(s *goquery.Selection) (err error) {
	level := 0
	s.Find("h1, h2, h3, h4, h5, h6").EachWithBreak(func(_ int, h *goquery.Selection) bool {
		n, _ := strconv.Atoi(goquery.NodeName(h)[1:])
		switch {
		case n > level+1:
			err = fmt.Errorf("heading %q of level %d follows level %d", spaced(h.Text()), n, level)
		case spaced(h.Text()) == "":
			err = fmt.Errorf("an empty heading of level %d", n)
		}
		level = n
		return err == nil
	})
	return err
}

func named(s *goquery.Selection) (err error) {
	s.Find("select, input:not([type=hidden]), textarea").EachWithBreak(func(_ int, e *goquery.Selection) bool {
		err = in(`label[for="` + e.AttrOr("id", "-") + `"]`)(s)
		return err == nil
	})
	if nav := s.Find("nav:not([aria-label])").Length(); nav > 0 && err == nil {
		err = fmt.Errorf("%d nav elements have no name", nav)
	}
	return err
}

func references(s *goquery.Selection) (err error) {
	seen := map[string]bool{}
	s.Find("[id]").Each(func(_ int, e *goquery.Selection) {
		id := e.AttrOr("id", "")
		if seen[id] || id == "" {
			err = fmt.Errorf("the id %q is there twice, or empty", id)
		}
		seen[id] = true
	})
	s.Find("[aria-labelledby]").Each(func(_ int, e *goquery.Selection) {
		if id := e.AttrOr("aria-labelledby", ""); !seen[id] {
			err = fmt.Errorf("aria-labelledby=%q leads nowhere", id)
		}
	})
	return err
}

// links checks that links go to http or https or this site, and that no attribute runs anything.
func links(s *goquery.Selection) (err error) {
	s.Find("*").Each(func(_ int, e *goquery.Selection) {
		for _, a := range e.Nodes[0].Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"):
				err = fmt.Errorf("<%s> has the attribute %s", goquery.NodeName(e), a.Key)
			case a.Key != "href" && a.Key != "src" && a.Key != "action":
			case !strings.HasPrefix(a.Val, "http://") && !strings.HasPrefix(a.Val, "https://") && !strings.ContainsAny(a.Val[:min(len(a.Val), 1)], "/#?"):
				err = fmt.Errorf("<%s %s=%q>", goquery.NodeName(e), a.Key, a.Val)
			}
		}
	})
	s.Find("a").Each(func(_ int, e *goquery.Selection) {
		if spaced(e.Text()) == "" {
			err = fmt.Errorf("a link to %q has no text", e.AttrOr("href", ""))
		}
	})
	return err
}

func request(t testing.TB, h http.Handler, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

// get gets a page.
func get(t testing.TB, h http.Handler, path string, status int) *goquery.Document {
	t.Helper()
	w := request(t, h, http.MethodGet, path)
	if w.Code != status {
		t.Fatalf("%s: status %d, want %d", path, w.Code, status)
	}
	doc, err := goquery.NewDocumentFromReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// see gets a page and applies the checks, those for every page first.
func see(t testing.TB, h http.Handler, path string, status int, checks ...check) *goquery.Document {
	t.Helper()
	doc := get(t, h, path, status)
	for _, c := range append(proper[:len(proper):len(proper)], checks...) {
		if err := c(doc.Selection); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	return doc
}
