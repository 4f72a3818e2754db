package sitemap_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/sitemap"
)

// A site is a server of sitemaps and pages, by their paths. "{}" in a body stands for its own address.
type site struct {
	url string

	mu    sync.Mutex
	pages map[string]string
	does  map[string]http.HandlerFunc // what it does instead
	asked map[string]int
	with  map[string]http.Header
}

func newSite(t *testing.T, pages map[string]string) *site {
	t.Helper()
	s := &site{pages: pages, does: map[string]http.HandlerFunc{}, asked: map[string]int{}, with: map[string]http.Header{}}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[r.URL.RequestURI()]++
	s.with[r.URL.RequestURI()] = r.Header
	if f := s.does[r.URL.Path]; f != nil {
		f(w, r)
		return
	}
	body, ok := s.pages[r.URL.RequestURI()]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if strings.HasPrefix(body, "<html") {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
	}
	fmt.Fprint(w, strings.ReplaceAll(body, "{}", s.url))
}

// took says which of the paths were asked for since the last call, except robots.txt.
func (s *site) took() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.asked, "/robots.txt")
	out := slices.Sorted(maps.Keys(s.asked))
	clear(s.asked)
	return out
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
}

const space = `xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"`

// urlset is a sitemap of pages, each a path and perhaps a lastmod after a blank.
func urlset(entries ...string) string { return list("urlset", "url", entries) }

// index is one of sitemaps.
func index(entries ...string) string { return list("sitemapindex", "sitemap", entries) }

func list(root, item string, entries []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s %s>", root, space)
	for _, e := range entries {
		path, lastmod, dated := strings.Cut(e, " ")
		if !strings.Contains(path, "://") {
			path = "{}" + path
		}
		fmt.Fprintf(&b, "<%s><loc>%s</loc>", item, path)
		if dated {
			fmt.Fprintf(&b, "<lastmod>%s</lastmod>", lastmod)
		}
		fmt.Fprintf(&b, "</%s>", item)
	}
	fmt.Fprintf(&b, "</%s>", root)
	return b.String()
}

// book is a page about a book.
func book(title string, more ...string) string {
	return `<html><head>` + strings.Join(more, "") + `<script type="application/ld+json">{"@context":"https://schema.org","@type":"Book","name":"` + title + `"}</script></head></html>`
}

// A shelf harvests a site as the pipeline does, and keeps what comes.
type shelf struct {
	t      *testing.T
	site   *site
	source *sitemap.Source
	now    time.Time
	at     harvest.Cursor

	memos    map[string]string
	records  map[string]string // titles, or why it was rejected, by path
	omitted  map[string]int    // by sentence
	deleted  []string
	kept     int
	met      map[string]bool
	last     *harvest.Page
	warnings []string
}

func harvester(t *testing.T, s *site, c sitemap.Config) *shelf {
	t.Helper()
	h := &shelf{t: t, site: s, now: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), memos: map[string]string{}, records: map[string]string{}}
	if c.From == "" {
		c.From = s.url + "/sitemap.xml"
	}
	c.Now = func() time.Time { return h.now }
	h.source = sourceOf(t, s, c)
	return h
}

func sourceOf(t *testing.T, s *site, c sitemap.Config) *sitemap.Source {
	t.Helper()
	f := harvest.NewFetcher(harvest.Options{Attempts: 1, Backoff: time.Millisecond, Reach: harvest.Reach{From: []string{s.url}}})
	source, err := sitemap.New(c, f)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// pass goes on to the end of the pass, and says how that ended.
func (h *shelf) pass() error {
	h.omitted, h.deleted, h.kept, h.met, h.warnings = map[string]int{}, nil, 0, map[string]bool{}, nil
	return h.goOn(-1)
}

// goOn asks for some pages; for all if n is negative.
func (h *shelf) goOn(n int) error {
	ctx, stop := context.WithCancel(h.t.Context())
	defer stop()
	for ; n != 0; n-- {
		page, err := h.source.Page(ctx, h.at)
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			if item.Listed && h.met[item.Key] {
				continue
			}
			if item.Listed {
				item.Before = h.memos[item.Key]
				if item, err = h.source.Ask(ctx, h.at, item); err != nil {
					return err
				}
			}
			h.take(&item)
		}
		h.warnings = append(h.warnings, page.Warnings...)
		h.at, h.last = page.Next, page
		if page.Done {
			return nil
		}
	}
	return nil
}

func (h *shelf) take(item *harvest.Item) {
	path := strings.TrimPrefix(item.Key, h.site.url)
	if h.memos[item.Key] = item.Memo; item.Omitted != "" {
		h.omitted[item.Omitted]++
		if !item.Listed {
			return
		}
	}
	h.met[item.Key] = true
	switch {
	case item.Listed:
		h.kept++
	case item.Deleted:
		h.deleted = append(h.deleted, path)
		delete(h.records, path)
		h.memos[item.Key] = ""
	case item.Rejected != nil:
		h.records[path] = item.Rejected.Reason
	default:
		title := string(item.Original)
		if _, rest, found := strings.Cut(title, `"name":"`); found {
			title, _, _ = strings.Cut(rest, `"`)
		}
		h.records[path] = title
	}
}

// want makes a pass and compares.
func (h *shelf) want(when string, records map[string]string, asked ...string) {
	h.t.Helper()
	if err := h.pass(); err != nil {
		h.t.Fatalf("%s: %v", when, err)
	}
	if took := h.site.took(); !slices.Equal(took, asked) {
		h.t.Errorf("%s: asked for %q, want %q", when, took, asked)
	}
	if !maps.Equal(h.records, records) {
		h.t.Errorf("%s: %q, want %q", when, h.records, records)
	}
}
