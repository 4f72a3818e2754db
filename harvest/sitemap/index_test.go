package sitemap_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/sitemap"
)

// TestIndex: sitemaps are read through nested indexes; while one Source lives, those that are as they were are left out,
// unless something could not be had, or all must be read.
func TestIndex(t *testing.T) {
	s := newSite(t, map[string]string{
		"/sitemap.xml": index("/one.xml 2026-05-01", "/deep.xml 2026-05-02"),
		"/one.xml":     urlset("/a 2026-05-01"), "/deep.xml": index("/two.xml 2026-05-02"), "/two.xml": urlset("/b 2026-05-02"),
		"/a": book("A"), "/b": book("B"),
	})
	all := books{"/a": "A", "/b": "B"}
	h, complete := harvester(t, s, sitemap.Config{}), harvester(t, s, sitemap.Config{Complete: true})
	h.want("at first", all, "/a", "/b", "/deep.xml", "/one.xml", "/sitemap.xml", "/two.xml")
	if !h.last.Full {
		t.Error("the first pass is not full")
	}
	h.want("again", all, "/sitemap.xml")
	if h.last.Full {
		t.Error("a pass that left sitemaps out is full")
	}
	complete.want("at first", all, "/a", "/b", "/deep.xml", "/one.xml", "/sitemap.xml", "/two.xml")
	complete.want("all are read", all, "/deep.xml", "/one.xml", "/sitemap.xml", "/two.xml")

	s.pages["/sitemap.xml"] = index("/one.xml 2026-05-10", "/deep.xml 2026-05-02")
	s.pages["/one.xml"], s.pages["/c"] = urlset("/a 2026-05-01", "/c 2026-05-10"), book("C")
	s.does["/c"] = status(403)
	h.want("one page more, which can't be had", books{"/a": "A", "/b": "B", "/c": "unfetchable"}, "/c", "/one.xml", "/sitemap.xml")
	delete(s.does, "/c")
	all["/c"] = "C"
	h.want("it is asked for again", all, "/c", "/deep.xml", "/one.xml", "/sitemap.xml", "/two.xml")
	h.want("then not", all, "/sitemap.xml")
}

// TestShort: what is cut off, or can't be had, makes the pass short, and what there is is taken.
func TestShort(t *testing.T) {
	whole := urlset("/a", "/b", "/c")
	cut := whole[:strings.Index(whole, "/c")]
	for _, tc := range []struct {
		name  string
		pages map[string]string
		does  map[string]http.HandlerFunc
		want  books
		short string
		kind  harvest.Kind
	}{
		{"a sitemap that is cut off", map[string]string{"/sitemap.xml": cut}, nil, books{"/a": "A", "/b": "B"}, "/sitemap.xml is cut off after 2 entries", ""},
		{"one with a bad character", map[string]string{"/sitemap.xml": strings.Replace(whole, "/c", "/c&nbsp;", 1)}, nil, books{"/a": "A", "/b": "B"}, "is cut off after 2 entries", ""},
		{"one of an index", map[string]string{"/sitemap.xml": index("/one.xml", "/two.xml"), "/one.xml": cut, "/two.xml": urlset("/c")}, nil, books{"/a": "A", "/b": "B", "/c": "C"}, "/one.xml is cut off", ""},
		{"an index that is cut off", map[string]string{"/sitemap.xml": index("/one.xml") + "<", "/one.xml": urlset("/a")}, nil, books{"/a": "A"}, "/sitemap.xml is cut off", ""},
		{"one that is not there", map[string]string{"/sitemap.xml": index("/gone.xml", "/two.xml"), "/two.xml": urlset("/c")}, nil, books{"/c": "C"}, "/gone.xml can't be had", ""},
		{"one that is a page", map[string]string{"/sitemap.xml": index("/a", "/two.xml"), "/two.xml": urlset("/c")}, nil, books{"/c": "C"}, "a web page instead of a sitemap", ""},
		{"one at another host", map[string]string{"/sitemap.xml": index("http://127.0.0.1:1/x.xml", "/two.xml"), "/two.xml": urlset("/c")}, nil, books{"/c": "C"}, "127.0.0.1:1/x.xml can't be had", ""},
		{"a circle", map[string]string{"/sitemap.xml": index("/sitemap.xml", "/two.xml"), "/two.xml": urlset("/c")}, nil, books{"/c": "C"}, "leads back to itself", ""},
		{"the only one is not there", nil, nil, books{}, "", harvest.HTTP4xx},
		{"the only one is a page", map[string]string{"/sitemap.xml": book("Home")}, nil, books{}, "", harvest.HTML},
		{"the only one is something else", map[string]string{"/sitemap.xml": "<rss><channel/></rss>"}, nil, books{}, "", harvest.Protocol},
		{"nothing came", map[string]string{"/sitemap.xml": " "}, nil, books{}, "", harvest.Truncated},
	} {
		t.Run(tc.name, func(t *testing.T) {
			pages := map[string]string{"/a": book("A"), "/b": book("B"), "/c": book("C")}
			maps.Copy(pages, tc.pages)
			h := harvester(t, newSite(t, pages), sitemap.Config{})
			err := h.pass()
			if harvest.KindOf(err) != tc.kind || err == nil && !strings.Contains(h.last.Short, tc.short) {
				t.Fatalf("%v; short %q", err, h.last.Short)
			}
			if !maps.Equal(h.records, tc.want) {
				t.Errorf("%q, want %q", h.records, tc.want)
			}
		})
	}
}

// TestPatience: a sitemap that fails run after run is passed over in the end, and the pass is short.
func TestPatience(t *testing.T) {
	s := newSite(t, map[string]string{"/sitemap.xml": index("/one.xml", "/bad.xml", "/two.xml"), "/one.xml": urlset("/a"), "/two.xml": urlset("/c"), "/a": book("A"), "/c": book("C")})
	s.does["/bad.xml"] = status(500)
	h := harvester(t, s, sitemap.Config{})
	for n := range 3 {
		err := h.goOnFresh()
		if harvest.KindOf(err) != harvest.HTTP5xx {
			t.Fatalf("run %d: %v", n, err)
		}
		h.at = h.source.Detour(h.at, err)
	}
	if err := h.goOnFresh(); err != nil || !strings.Contains(h.last.Short, "/bad.xml can't be had") {
		t.Fatalf("%v, %+v", err, h.last)
	}
	if want := (books{"/a": "A", "/c": "C"}); !maps.Equal(h.records, want) {
		t.Errorf("%q", h.records)
	}
}

// goOnFresh goes on with what the pass has met so far.
func (h *shelf) goOnFresh() error {
	if h.met == nil {
		h.omitted, h.met = map[string]int{}, map[string]bool{}
	}
	return h.goOn(-1)
}

// TestKilled: a run that is killed behind any page goes on there, with another Source, and asks for nothing twice.
func TestKilled(t *testing.T) {
	pages := map[string]string{"/sitemap.xml": index("/one.xml", "/deep.xml", "/two.xml"), "/deep.xml": index("/three.xml")}
	all := books{}
	for n, name := range []string{"/one.xml", "/two.xml", "/three.xml"} {
		var entries []string
		for i := range 45 {
			path := fmt.Sprintf("/%d/%d", n, i)
			pages[path], all[path] = book(path), path
			entries = append(entries, path)
		}
		pages[name] = urlset(entries...)
	}
	s := newSite(t, pages)
	h := harvester(t, s, sitemap.Config{})
	h.omitted, h.met = map[string]int{}, map[string]bool{}
	for n := 0; h.last == nil || !h.last.Done; n++ {
		if n > 100 {
			t.Fatal("the pass does not end")
		}
		h.source = harvester(t, s, sitemap.Config{}).source
		if err := h.goOn(1); err != nil {
			t.Fatal(err)
		}
		if len(h.at) > 4<<10 {
			t.Fatalf("the cursor has %d bytes", len(h.at))
		}
	}
	if !maps.Equal(h.records, all) || h.last.Short != "" || h.last.Unproven {
		t.Errorf("%d records, want %d; %+v", len(h.records), len(all), h.last)
	}
	for path := range all {
		if s.asked[path] != 1 {
			t.Errorf("%s was asked for %d times", path, s.asked[path])
		}
	}
}

// TestMoving: where the sitemap is another when a run goes on, nothing is passed over; where the index is another at the
// end, the pass proves no absence.
func TestMoving(t *testing.T) {
	var entries []string
	pages := map[string]string{"/new": book("New")}
	for i := range 50 {
		path := fmt.Sprintf("/%d", i)
		pages[path] = book(path)
		entries = append(entries, path)
	}
	pages["/one.xml"], pages["/two.xml"] = urlset(entries...), urlset("/x")
	pages["/sitemap.xml"], pages["/x"] = index("/one.xml", "/two.xml"), book("X")
	s := newSite(t, pages)
	h := harvester(t, s, sitemap.Config{})
	h.omitted, h.met = map[string]int{}, map[string]bool{}
	if err := h.goOn(3); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.pages["/one.xml"] = urlset(append([]string{"/new"}, entries...)...)
	s.pages["/sitemap.xml"] = index("/one.xml 2026-05-30", "/two.xml")
	s.mu.Unlock()
	h.source = harvester(t, s, sitemap.Config{}).source
	if err := h.goOn(-1); err != nil {
		t.Fatal(err)
	}
	if len(h.records) != 52 || s.asked["/3"] != 1 {
		t.Errorf("%d records; /3 was asked for %d times", len(h.records), s.asked["/3"])
	}
	if !h.last.Unproven || len(h.warnings) != 1 {
		t.Errorf("%+v", h.last)
	}
}

// A hasty client answers from memory, without any rest, and notes which it should have given.
type hasty struct {
	pages map[string]string
	rest  time.Duration
	asked map[string]int // if not nil
}

func (c *hasty) Fetch(_ context.Context, r harvest.Request) (*harvest.Response, error) {
	u, err := url.Parse(r.URL)
	if err != nil {
		return nil, err
	}
	if c.asked != nil {
		c.asked[r.URL]++
	}
	return &harvest.Response{URL: r.URL, Status: 200, Header: http.Header{}, Body: []byte(strings.ReplaceAll(c.pages[u.Path], "{}", "https://example.org"))}, nil
}

func (c *hasty) Rest(_ string, pause time.Duration) { c.rest = pause }

// TestSlowSite: where a site asks for long pauses, few of its pages are between two commits.
func TestSlowSite(t *testing.T) {
	var entries []string
	for i := range 50 {
		entries = append(entries, fmt.Sprintf("/%d", i))
	}
	for pause, want := range map[string]int{"0": 20, "1": 20, "20": 3, "3600": 1} {
		c := &hasty{pages: map[string]string{"/robots.txt": "User-agent: *\nCrawl-delay: " + pause, "/sitemap.xml": urlset(entries...)}}
		source, err := sitemap.New(sitemap.Config{From: "https://example.org/sitemap.xml"}, c)
		if err != nil {
			t.Fatal(err)
		}
		at, most := harvest.Cursor(""), 0
		for range 5 {
			page, err := source.Page(t.Context(), at)
			if err != nil {
				t.Fatal(err)
			}
			at, most = page.Next, max(most, len(page.Items))
			if page.Done {
				break
			}
		}
		if most != want || fmt.Sprint(c.rest.Seconds()) != pause {
			t.Errorf("pause %s: %d pages at once, want %d; the client rests %s", pause, most, want, c.rest)
		}
	}
}
