package oaipmh_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

var responseDate = regexp.MustCompile(`<responseDate>([^<]*)</responseDate>`)

// ask gives the answer to a request, unzipped, without its date, and the date.
func ask(t *testing.T, h http.Handler, method, arguments, encoding, control string) (body, date string) {
	t.Helper()
	r := httptest.NewRequest(method, "/oai?"+arguments, nil)
	if method == "POST" {
		r = httptest.NewRequest(method, "/oai", strings.NewReader(arguments))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept-Encoding", encoding)
	r.Header.Set("Cache-Control", control)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK || w.Header().Get("Content-Length") != fmt.Sprint(w.Body.Len()) {
		t.Fatalf("%s: status %d, %v, %d bytes", arguments, w.Code, w.Header(), w.Body.Len())
	}
	var in io.Reader = w.Body
	if encoding == "gzip" {
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		in = z
	}
	b, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	m := responseDate.FindStringSubmatch(string(b))
	return strings.Replace(string(b), m[1], "", 1), m[1]
}

// TestKeptPages asks for each page of some lists again and again, while the repository stands still
// and while it changes: an answer with kept elements is the one that a handler without a cache gives.
func TestKeptPages(t *testing.T) {
	m := filled(57)
	kept := 0
	count := func(_ *http.Request, o oaipmh.Observation) {
		if o.Cached {
			kept++
			if o.Records == 0 || !o.Listing {
				t.Errorf("a kept page was observed as %+v", o)
			}
		}
	}
	h := serve(t, m, oaipmh.Options{PageSize: 10, Observe: count})
	plain := serve(t, m, oaipmh.Options{PageSize: 10, CacheBytes: -1, Observe: count})
	walk := func() (pages int) {
		for _, next := range []string{records, "verb=ListIdentifiers&metadataPrefix=oai_dc&set=all:odd", records + "&from=2024-05-06T20:00:00Z"} {
			for next != "" {
				var token string // that goes on
				for i, encoding := range []string{"gzip", "identity", "identity", "gzip", "gzip", "identity"} {
					method := []string{"GET", "POST"}[i%2]
					got, date := ask(t, h, method, next, encoding, "")
					want, wantDate := ask(t, plain, method, next, encoding, "")
					if token = tokenOf(got); strings.Replace(got, token, "", 1) != strings.Replace(want, tokenOf(want), "", 1) { // the tokens have the dates
						t.Fatalf("%s:\n%s\nwant\n%s", next, got, want)
					}
					if date >= wantDate { // the repository's clock advances with each look at it
						t.Fatalf("%s: dates %s, then %s", next, date, wantDate)
					}
				}
				pages++
				verb, _, _ := strings.Cut(next, "&")
				next = ""
				if token != "" {
					next = verb + "&resumptionToken=" + token
				}
			}
		}
		return pages
	}
	if pages := walk(); kept != 2*pages { // the third request for each form of a page
		t.Errorf("%d of %d pages were served again", kept, pages)
	}
	for i := range 5 {
		m.Put(oaitest.Item{Identifier: id(i * 7), Sets: []string{"all:odd"}, Metadata: map[string][]byte{"oai_dc": dc(fmt.Sprint("Changed ", i))}})
		walk()
	}
	m.Delete(id(3))
	walk()
}

// TestNoCache: who wants no cache gets none and leaves nothing in it. HEAD takes part in it like GET.
func TestNoCache(t *testing.T) {
	kept := 0
	h := serve(t, filled(30), oaipmh.Options{PageSize: 10, Observe: func(_ *http.Request, o oaipmh.Observation) {
		if o.Cached {
			kept++
		}
	}})
	for range 4 {
		ask(t, h, "GET", records, "gzip", "no-cache")
	}
	if kept != 0 {
		t.Errorf("%d answers were kept ones", kept)
	}
	ask(t, h, "GET", records, "gzip", "")
	ask(t, h, "GET", records, "gzip", "")
	w := httptest.NewRecorder()
	r := httptest.NewRequest("HEAD", "/oai?"+records, nil)
	r.Header.Set("Accept-Encoding", "gzip")
	h.ServeHTTP(w, r)
	if kept != 1 || w.Body.Len() != 0 || w.Header().Get("Content-Length") == "0" {
		t.Errorf("%d kept; HEAD: %v with %d bytes", kept, w.Header(), w.Body.Len())
	}
}

// TestCleanElement: what it gives stands in an answer as it is.
func TestCleanElement(t *testing.T) {
	for in, want := range map[string]string{
		"<a>b</a>":                               "<a>b</a>",
		"\uFEFF <?xml version='1.0'?>\n<a>b</a>": "<a>b</a>",
		"<a>\x00&#1;</a>":                        "<a>\uFFFD\uFFFD</a>",
		"no element":                             "",
		"":                                       "",
	} {
		if got := string(oaipmh.CleanElement([]byte(in))); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestKeptPagesAreAllThatIsKept: a page is kept with what it was asked by, and with nothing else of the
// request. A request line may be long before the path, and the query is a part of it.
func TestKeptPagesAreAllThatIsKept(t *testing.T) {
	h := serve(t, filled(3), oaipmh.Options{})
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	const requests, line = 100, 256 << 10
	before := heap()
	for i := range requests {
		for range 2 {
			target := "http://" + strings.Repeat("a", line) + ".example/oai?" + records + fmt.Sprintf("&from=2024-01-01T00:00:%02dZ&until=20%02d-12-31T00:00:00Z", i%60, 30+i/60)
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", target, nil))
		}
	}
	if grown := heap() - before; grown > requests*line/4 {
		t.Errorf("%d pages take %d bytes", requests, grown)
	}
	runtime.KeepAlive(h)
}
