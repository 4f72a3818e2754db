package sitemap_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/sitemap"
)

type books = map[string]string

// TestLastmod: pages are asked for again when lastmod is another, whatever it is, when it names a time that was not over
// when they were fetched, and when there is none; after FullEvery all are.
func TestLastmod(t *testing.T) {
	s := newSite(t, map[string]string{"/sitemap.xml": urlset("/a 2026-05-01", "/b 2026-05-31", "/c", "/d 2026-05-01T10:00:00+02:00"),
		"/a": book("A"), "/b": book("B"), "/c": book("C"), "/d": book("D")})
	h := harvester(t, s, sitemap.Config{FullEvery: 30 * 24 * time.Hour})
	all := books{"/a": "A", "/b": "B", "/c": "C", "/d": "D"}
	h.want("at first", all, "/a", "/b", "/c", "/d", "/sitemap.xml")
	if !h.last.Full || h.last.Unproven || h.last.Short != "" {
		t.Errorf("%+v", h.last)
	}
	s.pages["/a"] = book("Not told")
	h.now = h.now.AddDate(0, 0, 2)
	h.want("nothing has changed", all, "/b", "/c", "/sitemap.xml")
	h.want("the day of b is over", all, "/c", "/sitemap.xml")
	s.pages["/sitemap.xml"] = urlset("/a 2026-04-30", "/b 2026-05-31", "/d 2026-05-01T08:00:00Z")
	all = books{"/a": "Not told", "/b": "B", "/c": "C", "/d": "D"}
	h.want("an older lastmod is another one", all, "/a", "/d", "/sitemap.xml")
	if h.met[s.url+"/c"] || len(h.met) != 3 {
		t.Errorf("met %v", h.met)
	}
	s.pages["/b"] = book("Silent")
	h.now = h.now.AddDate(0, 0, 40)
	all["/b"] = "Silent"
	h.want("after 30 days", all, "/a", "/b", "/d", "/sitemap.xml")
	h.at = h.source.Restart(h.at)
	h.want("a full harvest", all, "/a", "/b", "/d", "/sitemap.xml")
	h.want("after it", all, "/sitemap.xml")
}

// TestConditions: without a lastmod a page is asked for on the condition that it has changed.
func TestConditions(t *testing.T) {
	s := newSite(t, map[string]string{"/sitemap.xml": urlset("/a", "/b", "/plain")})
	tag := `"1"`
	serve := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("ETag", tag)
			if r.Header.Get("If-None-Match") == tag {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			fmt.Fprint(w, body)
		}
	}
	s.does["/a"], s.does["/plain"] = serve(book("A")), serve("<html>About us")
	const date = "Fri, 01 May 2026 00:00:00 GMT"
	s.does["/b"] = func(w http.ResponseWriter, r *http.Request) {
		if w.Header().Set("Last-Modified", date); r.Header.Get("If-Modified-Since") == date {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, book("B"))
	}
	h := harvester(t, s, sitemap.Config{})
	h.want("at first", books{"/a": "A", "/b": "B"}, "/a", "/b", "/plain", "/sitemap.xml")
	h.want("again", books{"/a": "A", "/b": "B"}, "/a", "/b", "/plain", "/sitemap.xml")
	if h.kept != 2 || h.omitted["Pages without metadata of a thing are left out."] != 1 {
		t.Errorf("%d kept, omitted %v", h.kept, h.omitted)
	}
	tag = `"2"`
	s.does["/a"], s.does["/plain"] = serve(book("New A")), serve(book("No longer plain"))
	h.want("changed", books{"/a": "New A", "/b": "B", "/plain": "No longer plain"}, "/a", "/b", "/plain", "/sitemap.xml")
}

// TestPages: what becomes of pages that are no plain records.
func TestPages(t *testing.T) {
	canonical := func(to string) string { return `<link rel="canonical" href="` + to + `">` }
	s := newSite(t, map[string]string{
		"/sitemap.xml": urlset("/good", "/gone", "/gone2", "/noindex", "/header", "/plain", "/broken", "/copy", "/own/", "/first", "/elsewhere", "/moved", "/home", "/away", "/secret", "/pdf", "/ld.json", "/tags", "/private/x", "ftp://x/y", "/good#part", "/others", "/door"),
		"/robots.txt":  "User-agent: *\nDisallow: /private/",
		"/good":        book("Good"), "/noindex": book("No", `<meta name="robots" content="noindex">`), "/plain": "<html>About us", "/broken": `<html><script type="application/ld+json">{"@type":</script>`,
		"/copy": book("Copy", canonical("/good")), "/own/": book("Own", canonical("{}/own")), "/first": book("First", canonical("{}/")), "/elsewhere": book("Elsewhere", canonical("https://example.org/x")),
		"/others": book("Others"), "/target": book("Target"), "/": book("Home"), "/pdf": "%PDF-1.7 \x00\x01", "/ld.json": `{"@type":"Dataset","name":"Data"}`,
		"/tags": `<html><meta name="DC.title" content="Tags"></html>`,
	})
	s.does["/header"] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Add("X-Robots-Tag", "otherbot: nofollow")
		w.Header().Add("X-Robots-Tag", "nofollow, noindex")
		fmt.Fprint(w, book("Header"))
	}
	s.does["/others"] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Robots-Tag", "otherbot: noindex")
		fmt.Fprint(w, book("Others"))
	}
	s.does["/gone2"], s.does["/secret"] = status(410), status(403)
	s.does["/moved"], s.does["/home"], s.does["/away"] = redirect("/target"), redirect("/"), redirect("http://localhost:1/x")
	s.does["/door"] = redirect("/private/y")
	s.does["/ld.json"] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/ld+json")
		fmt.Fprint(w, `{"@type":"Dataset","name":"Data"}`)
	}
	h := harvester(t, s, sitemap.Config{})
	if err := h.pass(); err != nil {
		t.Fatal(err)
	}
	tags := h.records["/tags"]
	delete(h.records, "/tags")
	want := books{"/good": "Good", "/broken": "malformed", "/copy": "copy", "/own/": "Own", "/first": "First", "/elsewhere": "Elsewhere", "/moved": "Target", "/home": "moved", "/away": "moved",
		"/secret": "unfetchable", "/ld.json": "Data", "/others": "Others", "entry 20 of /sitemap.xml": "no_identifier"}
	h.records["entry 20 of /sitemap.xml"] = h.records["entry 20 of "+s.url+"/sitemap.xml"]
	delete(h.records, "entry 20 of "+s.url+"/sitemap.xml")
	if !maps.Equal(h.records, want) {
		t.Errorf("got  %q\nwant %q", h.records, want)
	}
	if !strings.Contains(tags, `content="Tags"`) || !strings.Contains(tags, `<link rel="self" href="`+s.url+`/tags">`) {
		t.Errorf("the excerpt is %s", tags)
	}
	if !slices.Equal(h.deleted, []string{"/gone", "/gone2"}) {
		t.Errorf("deleted: %q", h.deleted)
	}
	for sentence, n := range map[string]int{"Pages that robots.txt forbids are left out.": 2, "Pages that ask not to be put into indexes (noindex) are left out.": 2,
		"Pages without metadata of a thing are left out.": 1, "What is no web page is left out.": 1} {
		if h.omitted[sentence] != n {
			t.Errorf("%s %d times, want %d", sentence, h.omitted[sentence], n)
		}
	}
	s.took()
	s.pages["/good"] = "<html>Under construction"
	s.pages["/robots.txt"] += "\nDisallow: /tags"
	if err := h.pass(); err != nil {
		t.Fatal(err)
	}
	if s.asked["/private/x"]+s.asked["/private/y"]+s.asked["/tags"] != 0 || !h.met[s.url+"/tags"] || h.records["/good"] != "no_metadata" {
		t.Errorf("asked %v, /good is %q; /tags is met: %v", s.asked, h.records["/good"], h.met[s.url+"/tags"])
	}
	h.at = ""
	copies := harvester(t, s, sitemap.Config{Copies: true})
	if err := copies.pass(); err != nil || copies.records["/copy"] != "Copy" {
		t.Errorf("copies: %v, %q", err, copies.records["/copy"])
	}
}

// TestRobots: nothing is asked for where nobody knows what the site allows, and where it forbids the sitemap.
func TestRobots(t *testing.T) {
	s := newSite(t, map[string]string{"/sitemap.xml": urlset("/a"), "/a": book("A")})
	s.does["/robots.txt"] = status(500)
	h := harvester(t, s, sitemap.Config{})
	if err := h.pass(); harvest.KindOf(err) != harvest.HTTP5xx || len(s.took()) != 0 {
		t.Errorf("a broken robots.txt: %v; asked %v", err, s.asked)
	}
	delete(s.does, "/robots.txt")
	s.pages["/robots.txt"] = "User-agent: sheaf\nDisallow: /"
	if err := h.pass(); harvest.KindOf(err) != harvest.Forbidden || len(s.took()) != 0 {
		t.Errorf("everything is forbidden: %v", err)
	}
	s.pages["/robots.txt"] = "User-agent: *\nDisallow: /sitemap.xml\nSitemap: {}/sitemap.xml"
	h.want("a sitemap that is forbidden and named", books{"/a": "A"}, "/a", "/sitemap.xml")
}

// TestSite: a host alone stands for the sitemaps that its robots.txt names, or for its /sitemap.xml.
func TestSite(t *testing.T) {
	s := newSite(t, map[string]string{"/sitemap.xml": urlset("/a"), "/one.xml": urlset("/b"), "/two.txt": "\ufeff{}/c\n\n{}/d\r\n", "/a": book("A"), "/b": book("B"), "/c": book("C"), "/d": book("D")})
	harvester(t, s, sitemap.Config{From: s.url}).want("no robots.txt", books{"/a": "A"}, "/a", "/sitemap.xml")
	s.pages["/robots.txt"] = "Sitemap: {}/one.xml\nSitemap: /two.txt"
	h := harvester(t, s, sitemap.Config{From: s.url + "/"})
	h.want("two sitemaps", books{"/b": "B", "/c": "C", "/d": "D"}, "/b", "/c", "/d", "/one.xml", "/two.txt")
	if h.last.Short != "" || h.last.Unproven {
		t.Errorf("%+v", h.last)
	}
}

// TestForms: sitemaps are read in every form that sites write them in.
func TestForms(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	s := newSite(t, map[string]string{"/x": book("X")})
	fmt.Fprint(z, strings.ReplaceAll(urlset("/x"), "{}", s.url))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"plain":        urlset("/x"),
		"a prefix":     `<s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><s:url><image:image><image:loc>{}/no</image:loc></image:image><s:loc>{}/x</s:loc></s:url></s:urlset>`,
		"no namespace": "\n<!-- made by hand -->\n<urlset><url><loc>\n {}/x\n</loc></url></urlset>",
		"an older one": `<urlset xmlns="http://www.google.com/schemas/sitemap/0.84"><url><loc><![CDATA[{}/x]]></loc></url></urlset>`,
		"gzip":         packed.String(),
		"text":         "{}/x",
	} {
		t.Run(name, func(t *testing.T) {
			s.pages["/sitemap.xml"] = body
			s.took()
			harvester(t, s, sitemap.Config{}).want(name, books{"/x": "X"}, "/sitemap.xml", "/x")
		})
	}
}

// TestPatterns: match and skip say which pages are asked for; if that is none, somebody is told.
func TestPatterns(t *testing.T) {
	s := newSite(t, map[string]string{"/sitemap.xml": urlset("/item/1", "/item/2?print=1", "/about"), "/item/1": book("One")})
	h := harvester(t, s, sitemap.Config{Match: []string{"*/item/*"}, Skip: []string{"*print=*"}})
	h.want("patterns", books{"/item/1": "One"}, "/item/1", "/sitemap.xml")
	if len(h.warnings) != 1 || !strings.Contains(h.warnings[0], "leave out 2 pages that the sitemaps name; 1 are taken") {
		t.Errorf("what is left out is not told: %q", h.warnings)
	}
	h = harvester(t, s, sitemap.Config{Match: []string{"*/items/*"}})
	h.want("none", books{}, "/sitemap.xml")
	if !h.last.Unproven || len(h.warnings) != 1 {
		t.Errorf("%+v", h.last)
	}
}

// TestOtherHosts: a page at another host is refused by name, unless the configuration or the other host's robots.txt says
// otherwise; nothing secret is sent there.
func TestOtherHosts(t *testing.T) {
	other := newSite(t, map[string]string{"/x": book("X")})
	s := newSite(t, map[string]string{"/sitemap.xml": urlset("/a", other.url+"/x"), "/a": book("A")})
	s.pages["/sitemap.xml"] = strings.ReplaceAll(s.pages["/sitemap.xml"], "{}", s.url)
	c := sitemap.Config{Access: harvest.Access{Token: "secret"}}
	h := harvester(t, s, c)
	h.want("refused", books{"/a": "A", other.url + "/x": "other_host"}, "/a", "/sitemap.xml")
	if other.asked["/x"] != 0 || other.asked["/robots.txt"] != 1 {
		t.Errorf("asked there: %v", other.asked)
	}
	other.pages["/robots.txt"] = "Sitemap: " + s.url + "/sitemap.xml"
	h.want("its robots.txt names the sitemap", books{"/a": "A", other.url + "/x": "X"}, "/a", "/sitemap.xml")
	if s.with["/a"].Get("Authorization") == "" || other.with["/x"].Get("Authorization") != "" {
		t.Error("secrets go to the wrong host")
	}
	delete(other.pages, "/robots.txt")
	c.Hosts = []string{strings.TrimPrefix(other.url, "http://")}
	harvester(t, s, c).want("the configuration names it", books{"/a": "A", other.url + "/x": "X"}, "/a", "/sitemap.xml")
}

// TestCrawlDelay: the rest that a site asks for lies between all requests to it.
func TestCrawlDelay(t *testing.T) {
	s := newSite(t, map[string]string{"/robots.txt": "User-agent: *\nCrawl-delay: 0.1", "/sitemap.xml": urlset("/a", "/b"), "/a": book("A"), "/b": book("B")})
	began := time.Now()
	harvester(t, s, sitemap.Config{}).want("slowly", books{"/a": "A", "/b": "B"}, "/a", "/b", "/sitemap.xml")
	if took := time.Since(began); took < 300*time.Millisecond {
		t.Errorf("three requests after the robots.txt took %s", took)
	}
}

// TestIsSitemap: lists of URLs are sitemaps too; other texts are not.
func TestIsSitemap(t *testing.T) {
	for body, want := range map[string]bool{
		urlset(): true, index("/a"): true, urlset("https://example.org/a"): true, "https://example.org/a\nhttps://example.org/b\n": true,
		"https://example.org/a\nA title\n": false, "A title": false, book("A"): false, "<rss/>": false, "": false,
	} {
		if sitemap.IsSitemap([]byte(body)) != want {
			t.Errorf("%q: %v", body, !want)
		}
	}
}

// TestOlderMemo: what another version of the reader has noted is asked for again, and a page that was left out is not taken
// for a record that has lost its metadata.
func TestOlderMemo(t *testing.T) {
	s := newSite(t, map[string]string{"/sitemap.xml": urlset("/a 2020-01-01", "/about 2020-01-01"), "/a": book("A"), "/about": "<html>About us"})
	h := harvester(t, s, sitemap.Config{})
	h.want("at first", books{"/a": "A"}, "/a", "/about", "/sitemap.xml")
	for key, memo := range h.memos {
		h.memos[key] = strings.Replace(memo, `"v":1`, `"v":0`, 1)
	}
	h.want("with older memos", books{"/a": "A"}, "/a", "/about", "/sitemap.xml")
	h.want("again", books{"/a": "A"}, "/sitemap.xml")
}

// TestManyHosts: of the hosts that a sitemap names few are asked whether they allow it, and none twice in a pass.
func TestManyHosts(t *testing.T) {
	var entries []string
	for i := range 100 {
		entries = append(entries, fmt.Sprintf("https://host%d.example/a", i%50), fmt.Sprintf("https://host%d.example/b", i%50))
	}
	c := &hasty{pages: map[string]string{"/robots.txt": "", "/sitemap.xml": urlset(entries...)}, asked: map[string]int{}}
	source, err := sitemap.New(sitemap.Config{From: "https://example.org/sitemap.xml"}, c)
	if err != nil {
		t.Fatal(err)
	}
	for at, done := harvest.Cursor(""), false; !done; {
		page, err := source.Page(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			got, err := source.Ask(t.Context(), at, item)
			if err != nil || got.Rejected == nil || got.Rejected.Reason != "other_host" {
				t.Fatalf("%s: %+v, %v", item.Key, got, err)
			}
		}
		at, done = page.Next, page.Done
	}
	if len(c.asked) != 2+20 {
		t.Errorf("asked for %v", c.asked)
	}
	for address, n := range c.asked {
		if n > 1 {
			t.Errorf("%s was asked for %d times", address, n)
		}
	}
}
