package resourcesync_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/resourcesync"
)

// A site is a server of documents and resources, by their paths. "{}" in a body stands for its own address.
type site struct {
	url string

	mu    sync.Mutex
	pages map[string]string
	fail  map[string]func(http.ResponseWriter)
	asked map[string]int
	with  map[string]http.Header
}

func newSite(t *testing.T, pages map[string]string) *site {
	t.Helper()
	s := &site{pages: pages, fail: map[string]func(http.ResponseWriter){}, asked: map[string]int{}, with: map[string]http.Header{}}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[r.URL.Path]++
	s.with[r.URL.Path] = r.Header
	if f := s.fail[r.URL.Path]; f != nil {
		f(w)
		return
	}
	body, ok := s.pages[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	fmt.Fprint(w, s.fill(body))
}

func (s *site) fill(body string) string { return strings.ReplaceAll(body, "{}", s.url) }

// status is a fault of the server.
func status(code int) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { w.WriteHeader(code) }
}

const (
	spaces = `xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:rs="http://www.openarchives.org/rs/terms/"`
	known  = "/.well-known/resourcesync"
)

func urlset(md string, entries ...string) string {
	return `<urlset ` + spaces + `><rs:ln rel="up" href="{}/cap.xml"/><rs:md ` + md + `/>` + strings.Join(entries, "") + `</urlset>`
}

func index(md string, entries ...string) string {
	return `<sitemapindex ` + spaces + `><rs:ln rel="up" href="{}/cap.xml"/><rs:md ` + md + `/>` + strings.ReplaceAll(strings.Join(entries, ""), "url>", "sitemap>") + `</sitemapindex>`
}

// at is an entry with what its rs:md says, and other elements.
func at(path, md string, more ...string) string {
	return `<url><loc>{}` + path + `</loc>` + strings.Join(more, "") + `<rs:md ` + md + `/></url>`
}

// capabilities is a site's description and its capability list, of the documents that are named after their capability.
func capabilities(pages map[string]string, names ...string) map[string]string {
	pages[known] = `<urlset ` + spaces + `><rs:md capability="description"/>` + at("/cap.xml", `capability="capabilitylist"`) + `</urlset>`
	var all []string
	for _, n := range names {
		all = append(all, at("/"+n+".xml", `capability="`+n+`"`))
	}
	pages["/cap.xml"] = `<urlset ` + spaces + `><rs:md capability="capabilitylist"/>` + strings.Join(all, "") + `</urlset>`
	return pages
}

func dc(title string) string {
	return `<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>` + title + `</dc:title></oai_dc:dc>`
}

// sumOf is what a list says of bytes.
func sumOf(body string) string {
	return fmt.Sprintf(`hash="sha-256:%x md5:%x" length="%d" type="application/xml"`, sha256.Sum256([]byte(body)), md5.Sum([]byte(body)), len(body))
}

const xmlType = `type="application/xml"`

func zipped(t *testing.T, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// instant is a clock that never waits.
type instant struct{}

func (instant) Now() time.Time { return time.Now() }
func (instant) Sleep(ctx context.Context, _ time.Duration) error {
	return ctx.Err()
}

func (s *site) source(t *testing.T, c resourcesync.Config) *resourcesync.Source {
	t.Helper()
	if !strings.Contains(c.From, "://") {
		c.From = s.url + c.From
	}
	f := harvest.NewFetcher(harvest.Options{Attempts: 2, Clock: instant{}, Reach: harvest.Reach{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}})
	src, err := resourcesync.New(c, f)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// A pass is what a source gave.
type pass struct {
	items          []string // "/path title", "/path deleted", "/path: reason"
	full, unproven bool
	short          string
	next           harvest.Cursor
	warnings       []string
	pages          int
}

// walk reads a pass to its end. Each page is read by a source of its own, as another process would, if apart.
func (s *site) walk(t *testing.T, from harvest.Cursor, c resourcesync.Config, apart bool) (out pass) {
	t.Helper()
	src := s.source(t, c)
	for here := from; ; {
		if apart {
			src = s.source(t, c)
		}
		page, err := src.Page(t.Context(), here)
		if err != nil {
			t.Fatal(err)
		}
		for i := range page.Items {
			out.items = append(out.items, s.shown(&page.Items[i]))
		}
		out.full, out.unproven = page.Full, page.Unproven
		out.warnings = append(out.warnings, page.Warnings...)
		if page.Short != "" {
			out.short = strings.ReplaceAll(page.Short, s.url, "")
		}
		if len(page.Next) > 64<<10 || page.Next == here && !page.Done {
			t.Fatalf("a cursor of %d bytes after one of %d", len(page.Next), len(here))
		}
		out.pages++
		if page.Done {
			out.next = page.Next
			return out
		}
		here = page.Next
	}
}

func (s *site) shown(item *harvest.Item) string {
	key := strings.ReplaceAll(item.Key, s.url, "")
	switch {
	case item.Rejected != nil:
		return key + ": " + item.Rejected.Reason
	case item.Deleted:
		return key + " deleted"
	}
	_, title, _ := strings.Cut(string(item.Original), "<dc:title>")
	title, _, _ = strings.Cut(title, "<")
	return key + " " + title
}

// gives checks what a pass gave.
func gives(t *testing.T, what string, p pass, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, p.items); diff != "" {
		t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

// whole checks that a pass lacks nothing, and is full or not.
func whole(t *testing.T, p pass, full bool) {
	t.Helper()
	if p.short != "" || p.unproven || len(p.warnings) > 0 || p.full != full {
		t.Errorf("short %q, unproven %v, warnings %q, full %v", p.short, p.unproven, p.warnings, p.full)
	}
}
