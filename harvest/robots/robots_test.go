package robots_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/robots"
)

func TestAllows(t *testing.T) {
	for _, tc := range []struct {
		name, file      string
		allowed, denied []string
	}{
		{"nothing said", "", []string{"/", "/a"}, nil},
		{"everything", "User-agent: *\nDisallow: /", []string{"/robots.txt"}, []string{"", "/", "/a?b"}},
		{"an empty pattern forbids nothing", "User-agent: *\nDisallow:\n", []string{"/", "/a"}, nil},
		{"the longest pattern decides", "User-agent: *\nAllow: /p/open\nDisallow: /p\nDisallow: /p/open/not", []string{"/p/open", "/q"}, []string{"/p", "/p/x", "/p/open/not/a"}},
		{"of two the one that allows", "User-agent: *\nDisallow: /page\nAllow: /page", []string{"/page"}, nil},
		{"our own group, not that of all", "User-agent: *\nDisallow: /\n\nUser-agent: sheaf/2.0\nDisallow: /x", []string{"/a"}, []string{"/x"}},
		{"all our groups together", "User-agent: Sheaf\nDisallow: /a\nUser-agent: other\nDisallow: /b\nUser-agent: SHEAF\nDisallow: /c", []string{"/b"}, []string{"/a", "/c"}},
		{"programs in a row share rules", "User-agent: other\nSitemap: https://example.org/s.xml\nUser-agent: sheaf\nDisallow: /a", nil, []string{"/a"}},
		{"a longer name is another program", "User-agent: sheafbot\nDisallow: /", []string{"/a"}, nil},
		{"any text", "User-agent: *\nDisallow: /*/print\nDisallow: *.pdf$", []string{"/print", "/a.pdf?x"}, []string{"/a/print", "/a/b/print/c", "/a.pdf", "/a.pdf.pdf"}},
		{"the end", "User-agent: *\nDisallow: /a$\nDisallow: /b*c*$", []string{"/ab", "/b"}, []string{"/a", "/bxcx"}},
		{"parts don't overlap", "User-agent: *\nDisallow: /ab*ba$", []string{"/aba"}, []string{"/abba", "/ab-ba"}},
		{"the query counts", "User-agent: *\nDisallow: /*?page=", []string{"/a", "/a?x"}, []string{"/a?page=2"}},
		{"escapes are compared by what they mean", "User-agent: *\nDisallow: /caf\u00e9\nDisallow: /%7euser\nDisallow: /x%2fy", []string{"/x/y"}, []string{"/caf%c3%a9", "/~user", "/x%2Fy"}},
		{"comments, line ends, a BOM", "\ufeffuser-AGENT : * # all\r\nDISALLOW :/a # this\rDisallow: /b\n\n\nDisallow: /c", []string{"/d"}, []string{"/a", "/b", "/c"}},
		{"a rule for nobody", "Disallow: /\nUser-agent: *\nDisallow: /a", []string{"/b"}, []string{"/a"}},
		{"a delay ends no list of programs (RFC 9309, 2.2.4)", "User-agent: *\nCrawl-delay: 1\nUser-agent: other\nDisallow: /a", nil, []string{"/a"}},
		{"a web page", "<!DOCTYPE html><p>Not here", []string{"/a"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := robots.Parse([]byte(tc.file)).For("Sheaf/1.0 (+mailto:a@example.org)")
			for _, path := range tc.allowed {
				if !p.Allows(parsed(t, path)) {
					t.Errorf("%q is forbidden", path)
				}
			}
			for _, path := range tc.denied {
				if p.Allows(parsed(t, path)) {
					t.Errorf("%q is allowed", path)
				}
			}
		})
	}
}

func parsed(t *testing.T, path string) *url.URL {
	t.Helper()
	u, err := url.Parse("https://example.org" + path)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestDelayAndSitemaps(t *testing.T) {
	f := robots.Parse([]byte("Sitemap: https://example.org/a.xml\nUser-agent: *\nCrawl-delay: 2.5\nDisallow:\nSitemap:https://example.org/b.xml\n\nUser-agent: slow\nUser-agent: odd\nCrawl-delay: 1e300\nDisallow: /\nUser-agent: odd\nCrawl-delay: NaN\nCrawl-delay: -1"))
	for agent, want := range map[string]time.Duration{"": 2500 * time.Millisecond, "sheaf": 2500 * time.Millisecond, "slow": time.Hour} {
		if got := f.For(agent).Delay; got != want {
			t.Errorf("%q: %s, want %s", agent, got, want)
		}
	}
	if want := []string{"https://example.org/a.xml", "https://example.org/b.xml"}; !slices.Equal(f.Sitemaps, want) {
		t.Errorf("sitemaps %q", f.Sitemaps)
	}
}

// TestLongFile: half of the line at the bound would forbid everything.
func TestLongFile(t *testing.T) {
	head := "User-agent: *\nDisallow: /a\n"
	cut := "Disallow: /"
	filling := strings.Repeat("#", 500<<10-len(head)-len(cut)-1) + "\n"
	p := robots.Parse([]byte(head + filling + cut + "private\n")).For("sheaf")
	if p.Allows(parsed(t, "/a")) || !p.Allows(parsed(t, "/b")) {
		t.Error("a file that is too long is not read up to its last whole line")
	}
}

func TestAsk(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		header string // Retry-After
		kind   harvest.Kind
	}{
		{"there is one", 200, "", ""}, {"there is none", 404, "", ""}, {"it was there", 410, "", ""}, {"nobody may read it", 403, "", ""},
		{"a fault", 500, "", harvest.HTTP5xx}, {"patience", 503, "1", harvest.RateLimited}, {"too many requests", 429, "", harvest.RateLimited},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/robots.txt" || r.URL.RawQuery != "" {
					t.Errorf("asked for %s", r.URL)
				}
				if tc.header != "" {
					w.Header().Set("Retry-After", tc.header)
				}
				w.WriteHeader(tc.status)
				_, _ = w.Write([]byte("User-agent: *\nDisallow: /x\n"))
			}))
			defer server.Close()
			site, err := url.Parse(server.URL + "/deep/page?x=1")
			if err != nil {
				t.Fatal(err)
			}
			fetcher := harvest.NewFetcher(harvest.Options{Attempts: 1, Reach: harvest.Reach{From: []string{server.URL}}})
			f, err := robots.Ask(t.Context(), fetcher, site, harvest.Access{})
			if harvest.KindOf(err) != tc.kind || (f == nil) != (tc.kind != "") {
				t.Fatalf("%v, %v; want %q", f, err, tc.kind)
			}
			if f != nil && f.For("sheaf").Allows(parsed(t, "/x")) != (tc.status != 200) {
				t.Error("what the answer forbids is not what counts")
			}
		})
	}
}

// FuzzParse: whatever a site says, reading it ends, the same path always gets the same answer, and robots.txt itself may
// be fetched.
func FuzzParse(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /*a*b$\nAllow: /%7e", "/ab")
	f.Add("user-agent: sheaf\nCrawl-delay: 1e999\nDisallow: %", "/%")
	f.Fuzz(func(t *testing.T, file, path string) {
		p := robots.Parse([]byte(file)).For("sheaf")
		if p.Delay < 0 || p.Delay > time.Hour {
			t.Errorf("delay %s", p.Delay)
		}
		u := &url.URL{Scheme: "https", Host: "example.org", Path: "/" + path}
		again, err := url.Parse(u.String())
		if err == nil && p.Allows(u) != p.Allows(again) {
			t.Errorf("%s has two answers", u)
		}
		if !p.Allows(&url.URL{Path: "/robots.txt"}) {
			t.Error("robots.txt is forbidden")
		}
	})
}
